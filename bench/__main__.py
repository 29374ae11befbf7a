"""What does `make bench` measure? Everything there is, on servers of its own."""

from __future__ import annotations

import argparse

from bench import backtesting, deciding, simulating
from bench.accept_to_decided import measure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer events: under two minutes")
    events = 5_000 if parser.parse_args().quick else 40_000
    print("The pure core", flush=True)
    deciding.measure(events)
    simulating.measure(25 * events)
    backtesting.measure(5 * events)
    print("PostgreSQL, durable", flush=True)
    measure(events)
    print("SQLite, durable", flush=True)
    measure(events, number=1, sqlite=True)


if __name__ == "__main__":
    main()
