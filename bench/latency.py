"""How long does an event take from its publishing to the provider's door, at a steady rate?

An open loop: requests begin when they are due, whether the one before was answered or not, and the
clock of each runs from then. The provider answers at once; its own time is no part of it.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from multiprocessing.connection import Connection
from statistics import quantiles
from typing import Any, NamedTuple

from bench.account_files import ACCOUNT_FILES, phone, profile
from bench.house import House, house, publishing
from bench.http_wire import Whole
from bench.measuring import Sample, Watch, middle_cpu
from bench.provider import Provider, provider
from bench.results import Goal, Result, Scale, at_most
from bench.yardsticks.rules import told

PEOPLE = 1_000
CONNECTIONS = 16
WARM_UP = 2.0
"""Seconds at the same rate that are not counted."""


class Steady(NamedTuple):
    """So many events a second, of which one in `every` sends."""

    rate: int
    every: int
    p50: Goal
    p99: Goal


CASES = (
    Steady(100, 1, at_most(15), at_most(50)),
    Steady(500, 20, at_most(20), at_most(100)),
)


class _Publishing(Whole):
    def __init__(self, heard: list[bytes]) -> None:
        self._heard = heard

    def got(self, head: bytes, body: bytes) -> None:  # noqa: ARG002 - the status is enough
        self._heard.append(head[9:12])


async def _publish(port: int, requests: Sequence[bytes], rate: int) -> list[float]:
    """When each was due, in seconds since 1970."""
    loop = asyncio.get_running_loop()
    heard: list[bytes] = []
    lines = [
        (await loop.create_connection(lambda: _Publishing(heard), "127.0.0.1", port))[1]
        for _ in range(CONNECTIONS)
    ]
    begun, dues = time.time(), []
    for number, one in enumerate(requests):
        due = begun + number / rate
        await asyncio.sleep(max(0.0, due - time.time()))
        lines[number % CONNECTIONS].transport.write(one)
        dues.append(due)
    while len(heard) < len(requests):
        await asyncio.sleep(0.05)
    assert set(heard) == {b"202"}, set(heard)
    return dues


def _run(port: int, requests: Sequence[bytes], rate: int, line: Connection) -> None:
    line.send(asyncio.run(_publish(port, requests, rate)))


def measure(
    made: House, stand_in: Provider, case: Steady, *, first: int, seconds: float
) -> tuple[float, Sample]:
    """The median in milliseconds, and the last hundredth as a sample with what all of it cost."""
    count = int(case.rate * (seconds + WARM_UP))
    numbers = range(first, first + count)
    sending = [number for number in numbers if number % case.every == 0]
    for start in range(0, len(sending), PEOPLE):
        made.post("/v1/customers:batch", [profile(n) for n in sending[start : start + PEOPLE]])
    made.until(lambda: not made.unread(), "the profiles")
    stand_in.reset()
    ours, theirs = multiprocessing.Pipe()
    requests = publishing([_event(number, case) for number in numbers])
    publisher = multiprocessing.Process(target=_run, args=(made.port, requests, case.rate, theirs))
    publisher.start()
    assert publisher.pid is not None
    with Watch(made.trees(provider=stand_in.pid, load=publisher.pid)) as watch:
        dues = dict(zip(numbers, ours.recv(), strict=True))
        made.until(lambda: stand_in.count() >= len(sending), "the last message")
    publisher.join()
    arrived = dict(stand_in.arrivals())
    warm = dues[first] + WARM_UP
    waits = [
        1000 * (arrived[phone(number)] - dues[number]) for number in sending if dues[number] >= warm
    ]
    cuts = quantiles(waits, n=100)
    return cuts[49], watch.sample(cuts[98], per=count)


def _event(number: int, case: Steady) -> dict[str, Any]:
    event = told(number)
    del event["time"]
    if number % case.every:
        # of a kind that no rule asks for
        event["data"]["kind"] = "another"
    return event


def workload(scale: Scale) -> Iterator[Result]:
    with ExitStack() as stack:
        stand_in = stack.enter_context(provider())
        made = stack.enter_context(house(files=ACCOUNT_FILES, environment=stand_in.environment))
        made.start("api", "events", "send", "inbox", "beat")
        first, seconds = 0, scale.of(20, 5)
        measure(made, stand_in, CASES[0], first=5_000_000, seconds=1)
        made.settle()
        for case in CASES:
            found = []
            for _ in range(scale.rounds):
                found.append(measure(made, stand_in, case, first=first, seconds=seconds))
                first += int(case.rate * (seconds + WARM_UP))
            yield from _rows(case, [one for one, _ in found], [one for _, one in found])


def _rows(case: Steady, medians: Sequence[float], last: Sequence[Sample]) -> Iterator[Result]:
    which = "all of which send" if case.every == 1 else f"1 in {case.every} of which sends"
    name = f"publish → provider call at {case.rate} events/s, {which}"
    yield Result("latency", f"{name}: p50", "ms", medians, case.p50, cpu=middle_cpu(last))
    yield Result("latency", f"{name}: p99", "ms", [one.figure for one in last], case.p99)


def main() -> None:
    for one in workload(Scale(quick="--quick" in sys.argv, rounds=1)):
        cpu = {kind: round(spent, 3) for kind, spent in one.cpu.items()}
        print(f"{one.figure}: {one.median:.1f} {one.unit}; CPU s/1,000 {cpu}", flush=True)


if __name__ == "__main__":
    main()
