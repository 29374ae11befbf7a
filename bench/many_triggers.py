"""Does an event cost more among ten thousand triggers that it does not start than among ten?

The pure core: no database knows how many triggers there are. Spread over as many event types, and
all on the event's own type.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from bench.deciding import once, seen, silent
from bench.measuring import Sample, interleaved
from bench.results import Result, Scale, at_most
from triggers.configuration import Configuration
from triggers.events import Event

MOST = 1.15


def workload(scale: Scale) -> Iterator[Result]:
    most, events = scale.of(10_000, 10_000), seen(scale.of(20_000, 3_000))
    for told, types in (("all on one type", 1), ("a type each", most)):
        few, many = silent(10, types=min(types, 10)), silent(most, types=types)
        found = interleaved(
            scale.of(9, 5),
            {"few": partial(_sample, few, events), "many": partial(_sample, many, events)},
        )
        # the least of each: what disturbs only adds
        least = {name: min(one.figure for one in samples) for name, samples in found.items()}
        name = f"growth: CPU an event, 10 → {most:,} triggers, {told}"
        note = f"{least['few']:.1f} → {least['many']:.1f} µs, the least of {len(found['few'])}."
        yield Result(
            "triggers", name, "×", [least["many"] / least["few"]], at_most(MOST), note=note
        )


def _sample(configuration: Configuration, events: Sequence[Event]) -> Sample:
    return Sample(once(configuration, events))
