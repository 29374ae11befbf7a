"""How fast does `outreach simulate` go through a file of events, and how much memory does it need?

`python -m bench.simulating`: a million events of a hundred thousand customers, in the order in
which they happened, with the shipped triggers; the whole command in a process of its own.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import orjson

from bench.deciding import GOAL, START, happening
from bench.results import Result, Scale, at_least, at_most
from triggers.clock import stamp

EVENTS = 1_000_000
SHARE = 10
"""Events a customer."""
MOST_MEGABYTES = 500
MONTH = timedelta(days=30)
OUTREACH = (sys.executable, "-m", "worker.cli.main")
SIMULATE = (*OUTREACH, "simulate", "--format", "json")


class Run(NamedTuple):
    """`peak` in megabytes, of a process; seconds of its CPU and by the clock."""

    peak: float
    cpu: float
    wall: float


def told_events(size: int, *, start: datetime = START, seed: int = 1) -> Iterator[dict[str, Any]]:
    """CloudEvents of a month; one in twenty starts something."""
    draw, step = Random(seed), MONTH / size
    for number in range(size):
        customer, time_ = f"c{draw.randrange(size // SHARE)}", start + number * step
        type_, data = happening(draw, number, customer, time_)
        yield {
            "specversion": "1.0",
            "id": f"{number:032x}",
            "source": "urn:example:core",
            "type": type_,
            "subject": customer,
            "time": stamp(time_),
            "data": data,
        }


def told_customers(size: int) -> Iterator[dict[str, Any]]:
    for number in range(size // SHARE):
        phone = f"+97250{number:07}"
        yield {"id": f"c{number}", "phone": phone, "email": f"c{number}@bank.example",
               "language": "he" if number % 3 else "en"}  # fmt: skip


def write(folder: Path, size: int) -> tuple[Path, Path]:
    """The two files; nothing of them stays in memory, which would count as the child's."""
    files = folder / "events.jsonl", folder / "customers.jsonl"
    for file, values in zip(files, (told_events(size), told_customers(size)), strict=True):
        with file.open("wb") as stream:
            stream.writelines(orjson.dumps(one) + b"\n" for one in values)
    return files


def run(command: tuple[str, ...], out: Path, settings: Mapping[str, str] | None = None) -> Run:
    """Run it to its end; what it prints goes into a file."""
    begun = time.perf_counter()
    given = {**os.environ, **(settings or {})}
    with out.open("wb") as stream, subprocess.Popen(command, stdout=stream, env=given) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command[:4])} ended with {process.returncode}")
    cpu = used.ru_utime + used.ru_stime
    return Run(used.ru_maxrss / 1024, cpu, time.perf_counter() - begun)


def told(title: str, size: int, once: Callable[[], Run], times: int) -> None:
    """Medians of so many runs."""
    peak, cpu, wall = map(statistics.median, zip(*(once() for _ in range(times)), strict=True))
    print(f"{title}, {size:,} events, median of {times} runs on {os.cpu_count()} shared cores")
    print(f"  {size / cpu:9,.0f} events/s of CPU   {size / wall:9,.0f} events/s by the clock")
    print(f"  {peak:9,.0f} MB at most", flush=True)
    if peak >= MOST_MEGABYTES:
        raise SystemExit(f"{title} may take {MOST_MEGABYTES} MB")


def measure(size: int, *, times: int = 3) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        events, customers = write(folder, size)
        command = (*SIMULATE, "--events", str(events), "--customers", str(customers))
        told("outreach simulate", size, lambda: run(command, folder / "lines.jsonl"), times)


def workload(scale: Scale) -> Iterator[Result]:
    size = scale.of(EVENTS, 25_000)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        events, customers = write(folder, size)
        command = (*SIMULATE, "--events", str(events), "--customers", str(customers))
        # a million take a minute: once has to do
        runs = [run(command, folder / "lines.jsonl") for _ in range(scale.of(1, scale.rounds))]
    yield from rows("simulate", f"outreach simulate, {size:,} events", size, runs)


def rows(workload: str, told: str, size: int, runs: Sequence[Run]) -> Iterator[Result]:
    """Events a second of CPU, which is what a core does, and the most that it took of memory."""
    cpu = {"command": 1000 * statistics.median(one.cpu for one in runs) / size}
    rates = [size / one.cpu for one in runs]
    yield Result(workload, told, "events/s a core", rates, at_least(GOAL), cpu=cpu)
    peaks = [one.peak for one in runs]
    yield Result(workload, f"{told}, memory", "MB", peaks, at_most(MOST_MEGABYTES))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--times", type=int, default=3)
    given = parser.parse_args()
    measure(given.events, times=given.times)


if __name__ == "__main__":
    main()
