"""How many events a second go from HTTP batches of a hundred to decided, on PostgreSQL?

The shipped triggers, one event in twenty starts an occurrence; publishing goes on beside deciding.
"""

from __future__ import annotations

from collections.abc import Iterator

from bench.accept_to_decided import introduce, told
from bench.doors import BATCH, refuse_others
from bench.house import House, house, publishing
from bench.load import publisher
from bench.measuring import Sample, Watch, figures, middle_cpu, most_memory
from bench.results import Result, Scale, at_least
from bench.yardsticks.running import clock


def once(made: House, numbers: range) -> Sample:
    requests = publishing([told(number) for number in numbers], batch=BATCH)
    with (
        publisher(made.port, requests, connections=4) as load,
        Watch(made.trees(load=load.pid)) as watch,
    ):
        begun = clock()
        load.begin()
        refuse_others(load.end())
        made.until(lambda: not made.unread(), "the last decision")
        wall = clock() - begun
    return watch.sample(len(numbers) / wall, per=len(numbers))


def rounds(made: House, scale: Scale, events: int) -> list[Sample]:
    """Each with new events; the first, short one warms everything up."""
    introduce(made.engine, range(1_000 + scale.rounds * events))
    once(made, range(1_000))
    made.settle()
    starts = (1_000 + number * events for number in range(scale.rounds))
    return [once(made, range(start, start + events)) for start in starts]


def workload(scale: Scale) -> Iterator[Result]:
    with house() as made:
        made.start("api", "events", "beat")
        found = rounds(made, scale, scale.of(20_000, 5_000))
    yield Result(
        "batches", "accept → decided, HTTP batches of 100, PostgreSQL", "events/s",
        figures(found), at_least(6_000), cpu=middle_cpu(found), memory=most_memory(found),
    )  # fmt: skip
