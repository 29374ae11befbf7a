"""What does an installation cost that has nothing to do? In percent of one core.

The processes of docker-compose.yml with PostgreSQL and Redis, and `outreach run` on SQLite, after
what they do at their start.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping

from bench.house import House, house
from bench.measuring import Watch
from bench.results import Result, Scale, at_most

ROLES = ("api", "events", "send", "inbox", "beat")
SETTLING = 45
"""Seconds until what is done once at the start is done, each tick's first statements among it."""
GOAL = at_most(1.0)


def measure(made: House, *, seconds: float, settling: float) -> Mapping[str, float]:
    """By kind of process, percent of a core over so many seconds."""
    pause = threading.Event()
    pause.wait(settling)
    # looked at only at both ends: looking is work, too
    with Watch(made.trees(), seconds=seconds) as watch:
        pause.wait(seconds)
    return {kind: 100 * spent / seconds for kind, spent in watch.cpu.items()}


def workload(scale: Scale) -> Iterator[Result]:
    seconds, settling = scale.of(60, 10), scale.of(SETTLING, 15)
    with house() as made:
        made.start(*ROLES)
        yield _told(
            "idle, the whole stack on PostgreSQL and Redis",
            measure(made, seconds=seconds, settling=settling),
        )
    with house(sqlite=True) as made:
        made.start("run")
        yield _told(
            "idle, `outreach run` on SQLite", measure(made, seconds=seconds, settling=settling)
        )


def _told(figure: str, found: Mapping[str, float]) -> Result:
    parts = ", ".join(f"{kind} {one:.2f}" for kind, one in found.items())
    return Result(
        "idle", figure, "% of a core", [sum(found.values())], GOAL, note=f"By process: {parts}."
    )


def main() -> None:
    for one in workload(Scale()):
        print(f"{one.figure}: {one.median:.2f} {one.unit}. {one.note}", flush=True)


if __name__ == "__main__":
    main()
