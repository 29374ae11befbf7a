"""What does `make bench` measure? Every workload, on servers of its own, into one table.

`python -m bench`: all of it, into docs/performance.md; `--only NAME` (several with commas) some of
it; `--quick` a look at what has a yardstick, which is only printed. A workload that fails is named
at the end, and the others go on; what an interrupted run has measured is kept.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import redis
import sqlalchemy

from bench import brief, plan, table
from bench.one import end
from bench.recording import KEPT, LOOKED, Record, this_machine
from bench.servers import postgres, valkey
from bench.workloads import WORKLOADS

PAGES = (table, plan, brief)
MOST_SECONDS = 400.0
"""A workload that takes longer has hung."""


def described() -> dict[str, object]:
    with ExitStack() as stack:
        database, broker = (stack.enter_context(one()) for one in (postgres, valkey))
        engine = sqlalchemy.create_engine(database.url)
        with engine.connect() as connection:
            number = connection.exec_driver_sql("SHOW server_version").scalar_one()
        engine.dispose()
        with redis.Redis.from_url(broker.url) as client:
            told = client.info("server")
    name = "Valkey" if "valkey_version" in told else "Redis"
    return this_machine(
        postgres=str(number), redis=f"{name} {told.get('valkey_version', told['redis_version'])}"
    )


def play(names: list[str], *, quick: bool, into: Path) -> list[str]:
    """Those that failed."""
    failed, begun = [], time.monotonic()
    for name in names:
        print(f"\n{name}", flush=True)
        command = [sys.executable, "-m", "bench.one", name, "--into", str(into)]
        started = time.monotonic()
        if run([*command, *(["--quick"] if quick else [])]):
            failed.append(name)
        if into == KEPT:
            for page in PAGES:
                page.write(Record(into), page.DOCUMENT)
        now = time.monotonic()
        print(f"  ({now - started:.0f} s, {now - begun:.0f} s since the start)", flush=True)
    return failed


def run(command: list[str]) -> int:
    with subprocess.Popen(command) as process:
        try:
            return process.wait(MOST_SECONDS)
        except subprocess.TimeoutExpired:
            return -1
        finally:
            # told so, it stops what it has started; once it has ended this does nothing
            process.terminate()


def main() -> None:
    signal.signal(signal.SIGTERM, end)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--into", type=Path)
    given = parser.parse_args()
    into = given.into or (LOOKED if given.quick else KEPT)
    usual = [name for name, entry in WORKLOADS.items() if entry.quick or not given.quick]
    names = [one for one in given.only.split(",") if one] or usual
    if unknown := set(names) - set(WORKLOADS):
        there = ", ".join(WORKLOADS)
        parser.error(f"no workload is called {', '.join(sorted(unknown))}; there are {there}")
    Record(into).describe(described())
    failed = play(names, quick=given.quick, into=into)
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
