"""Does an event cost more where its key has many facts, recent ones or older than `lateness`?

Evaluating in this process, on PostgreSQL: what is told is CPU of both and nothing else. Two groups
of keys take turns: those with so many facts, and those with none but what the bench itself adds.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from bench.growth import rest
from bench.house import House, house
from bench.measuring import Sample, cpu_seconds, interleaved
from bench.results import Result, Scale, at_most
from triggers.clock import stamp
from triggers.configuration import Configuration, read_configuration
from worker.hashing import Hasher
from worker.steps.accepting import accept_or_refuse
from worker.steps.evaluate import evaluate

FILES = {
    "config/outreach.yaml": "{languages: [en], categories: {service: {quiet: none}}, lateness: 1h}",
    "config/customer.yaml": "type: object\nproperties: {}\n",
    "config/events/step.taken.yaml": "{event: step.taken, about: One of many.,"
    " data: {type: object, required: [way], properties: {way: {type: string}}}}",
    "config/events/way.ended.yaml": "{event: way.ended, about: The count begins anew.,"
    " data: {type: object, required: [way], properties: {way: {type: string}}}}",
    "config/triggers/steps.yaml": """
trigger: steps
on: step.taken
key: event.data.way
count: {reach: 1000000, since: way.ended}
send: [{message: steps, by: [sms]}]
limits: {category: service}
""",
    "templates/steps/sms.en.txt": "So many steps.",
}
HASHER = Hasher("a key of the bench")
GROUP = 500
LONG_AGO = timedelta(hours=3)


@dataclass
class Ways:
    """So many keys, each of a customer of its own, with so many facts each."""

    made: House
    configuration: Configuration
    name: str
    keys: int
    told: int = 0

    def walk(self, each: int, *, ago: timedelta = timedelta(0)) -> None:
        """So many facts more for each key, accepted and read."""
        at = stamp(datetime.now(UTC) - ago)
        events = [self._step(key, at) for _ in range(each) for key in range(self.keys)]
        for start in range(0, len(events), GROUP):
            accept_or_refuse(
                self.made.engine, self.configuration, events[start : start + GROUP],
                door="bench", may_write_customers=False, history=bool(ago),
            )  # fmt: skip
        read_all(self.made.engine, self.configuration)

    def once(self, times: int) -> Sample:
        """Microseconds of CPU for an event of each key, so many times."""
        spent, server = 0.0, self.made.servers["PostgreSQL"].pid
        for _ in range(times):
            at = stamp(datetime.now(UTC))
            events = [self._step(key, at) for key in range(self.keys)]
            accept_or_refuse(
                self.made.engine, self.configuration, events,
                door="bench", may_write_customers=False,
            )  # fmt: skip
            # to look at the server's costs this process something, too
            servers, own = cpu_seconds(server), time.process_time()
            read_all(self.made.engine, self.configuration)
            spent += time.process_time() - own + cpu_seconds(server) - servers
        return Sample(1e6 * spent / (times * self.keys))

    def _step(self, key: int, at: str) -> dict[str, Any]:
        self.told += 1
        way = f"{self.name}-{key}"
        return {
            "specversion": "1.0", "id": f"{self.name}-{self.told}", "source": "bench", "time": at,
            "type": "step.taken", "subject": way, "data": {"way": way},
        }  # fmt: skip


def read_all(engine: Engine, configuration: Configuration) -> None:
    while evaluate(engine, configuration, HASHER).more:
        pass


def workload(scale: Scale) -> Iterator[Result]:
    with house(files=FILES) as made:
        configuration = read_configuration(FILES)
        recent = scale.of(100, 100)
        known, fresh = (Ways(made, configuration, name, scale.of(200, 60)) for name in "ab")
        known.walk(recent)
        yield compared(known, fresh, scale, f"one key with {recent} facts, beside a new one", 3.0)
        old = scale.of(10_000, 1_000)
        known, fresh = (Ways(made, configuration, name, scale.of(8, 4)) for name in "cd")
        known.walk(old, ago=LONG_AGO)
        told = f"one key with {old:,} facts beyond `lateness`, beside a new one"
        yield compared(known, fresh, scale, told, 1.15)


def compared(known: Ways, fresh: Ways, scale: Scale, told: str, most: float) -> Result:
    times = max(1, scale.of(800, 60) // known.keys)
    for one in (known, fresh):
        # the first to come after so many is not what every one costs
        one.once(1)
    rest(known.made)
    with_new = interleaved(
        scale.of(3, 1), {"known": lambda: known.once(times), "fresh": lambda: fresh.once(times)}
    )
    pairs = list(zip(with_new["known"], with_new["fresh"], strict=True))
    last, first = pairs[-1]
    note = (
        f"{first.figure:,.0f} → {last.figure:,.0f} µs of CPU an event, in batches of {known.keys}."
    )
    ratios = [one.figure / other.figure for one, other in pairs]
    return Result("one_key", told, "×", ratios, at_most(most), note=note)
