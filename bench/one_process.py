"""How many events a second go from HTTP batches to decided in the one process of `outreach run`?"""

from __future__ import annotations

from collections.abc import Iterator

from bench.batches import rounds
from bench.house import house
from bench.measuring import figures, middle_cpu, most_memory
from bench.results import Result, Scale, at_least


def workload(scale: Scale) -> Iterator[Result]:
    with house(sqlite=True) as made:
        made.start("run")
        found = rounds(made, scale, scale.of(15_000, 3_000))
    yield Result(
        "sqlite", "accept → decided, HTTP batches of 100, `outreach run` on SQLite", "events/s",
        figures(found), at_least(1_500), cpu=middle_cpu(found), memory=most_memory(found),
    )  # fmt: skip
