"""How much memory does each role hold, and does it grow with what went through it?

`python -m bench.memory --events 1000000`: events come by the stream, one in twenty sends an SMS;
each role's processes are looked at all the while. Told is the proportional share (PSS) of the
largest process of a role at the end, and how much larger that is than after the first tenth.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import orjson

from bench.account_files import ACCOUNT_FILES, profile
from bench.house import House, client, house
from bench.measuring import megabytes, steps, tree
from bench.provider import provider
from bench.results import Result, Scale, at_most
from bench.yardsticks.rules import told
from worker.stream import STREAM

ROLES = ("api", "events", "inbox", "send", "beat")
PEOPLE, PAGE, WAITING = 5_000, 1_000, 4_000
MOST = at_most(150)
FLAT = at_most(1.1)
PARENT = "events, the parent"
CHILD = "events, a child"


def happened(number: int) -> dict[str, Any]:
    event = {name: one for name, one in told(number).items() if name != "time"}
    event["subject"] = f"c{number % PEOPLE}"
    if number % 20:
        event["data"] = event["data"] | {"kind": "of no interest"}
    return event


def looked(made: House) -> dict[str, float]:
    """By role, the largest of its processes."""
    found: dict[str, float] = {}
    for role, processes in made.started.items():
        for process in processes:
            for number, one in enumerate(tree(process.pid)):
                name = role if role != "events" else (CHILD if number else PARENT)
                found[name] = max(found.get(name, 0.0), megabytes(one))
    return found


def pump(made: House, events: int) -> dict[str, list[float]]:
    """Each role's megabytes after each tenth of so many events."""
    found: dict[str, list[float]] = defaultdict(list)
    with client(made) as stream:
        for start in range(0, events, PAGE):
            with stream.pipeline(transaction=False) as together:
                for number in range(start, min(start + PAGE, events)):
                    together.xadd(STREAM, {"event": orjson.dumps(happened(number))})
                together.execute()
            for _ in steps(120):
                if stream.xlen(STREAM) < WAITING:
                    break
            if (start + PAGE) % (events // 10) < PAGE:
                made.until(lambda: not made.unread(), "the last decision", 300)
                for role, now in looked(made).items():
                    found[role].append(now)
    return found


def measured(events: int) -> Iterator[Result]:
    with ExitStack() as stack:
        stand_in = stack.enter_context(provider())
        made = stack.enter_context(house(files=ACCOUNT_FILES, environment=stand_in.environment))
        made.start(*ROLES)
        for start in range(0, PEOPLE, PAGE):
            made.post("/v1/customers:batch", [profile(start + one) for one in range(PAGE)])
        made.settle()
        found = pump(made, events)
        sent = stand_in.count()
    note = f"After {events:,} events and {sent:,} messages."
    for role, samples in found.items():
        grown = samples[-1] / samples[0]
        yield Result("memory", f"memory of one process: {role}", "MB", [samples[-1]], MOST,
                     note=note)  # fmt: skip
        yield Result("memory", f"grown since the first tenth: {role}", "×", [grown], FLAT)


def workload(scale: Scale) -> Iterator[Result]:
    yield from measured(scale.of(100_000, 10_000))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    for one in measured(parser.parse_args().events):
        print(f"{one.figure}: {one.median:.2f} {one.unit}  {one.note}", flush=True)


if __name__ == "__main__":
    main()
