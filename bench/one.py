"""One workload in a process of its own: `python -m bench.one stream --quick` prints its rows."""

from __future__ import annotations

import argparse
import os
import signal
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from bench.recording import KEPT, LOOKED, Record
from bench.results import Scale, Workload
from bench.table import told
from bench.workloads import WORKLOADS


def play(name: str, scale: Scale, record: Record) -> None:
    """Each row is printed and kept as soon as it is there."""
    workload: Workload = import_module(WORKLOADS[name].module).workload
    load = os.getloadavg()[0]
    for number, result in enumerate(workload(scale)):
        if number == 0:
            record.forget(name)
        record.add(result, load=load)
        print(told(result), flush=True)


def end(*_: object) -> NoReturn:
    """As if it had come to its end: what was started is stopped."""
    raise SystemExit(1)


def main() -> None:
    signal.signal(signal.SIGTERM, end)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workload", choices=WORKLOADS)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int, default=0)
    parser.add_argument("--into", type=Path)
    given = parser.parse_args()
    rounds = given.rounds or (1 if given.quick else WORKLOADS[given.workload].rounds)
    into = given.into or (LOOKED if given.quick else KEPT)
    play(given.workload, Scale(given.quick, rounds), Record(into))


if __name__ == "__main__":
    main()
