"""How many events a second does one api process make durable, singly and in batches of a hundred?

Nobody reads them: this is the door alone. An answer is given after the commit.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from bench.accept_to_decided import told
from bench.house import House, house, publishing
from bench.load import Heard, publisher
from bench.measuring import Sample, Watch, figures, interleaved, middle_cpu, most_memory
from bench.results import Result, Scale, at_least

SINGLE, BATCHES = "single events, one HTTP door", "batches of 100, one HTTP door"
CONNECTIONS = 32
BATCH = 100


class Door:
    """An api that is published to, round after round; each event is a new one."""

    def __init__(self, made: House) -> None:
        self._house = made
        self._told = 0

    def once(self, events: int, *, batch: int, connections: int) -> Sample:
        sample, _ = self.heard(events, batch=batch, connections=connections)
        return sample

    def heard(self, events: int, *, batch: int, connections: int) -> tuple[Sample, Heard]:
        requests = publishing(self._new(events), batch=batch)
        with (
            publisher(self._house.port, requests, connections=connections) as load,
            Watch(self._house.trees(load=load.pid)) as watch,
        ):
            load.begin()
            heard = load.end()
        refuse_others(heard)
        return watch.sample(events / heard.wall, per=events), heard

    def _new(self, events: int) -> list[Any]:
        self._told += events
        return [told(number) for number in range(self._told - events, self._told)]


def refuse_others(heard: Heard) -> None:
    """A figure of events that were turned away would be none."""
    if set(heard.statuses) != {202}:
        raise SystemExit(f"not all were accepted: {heard.statuses}")


def workload(scale: Scale) -> Iterator[Result]:
    with house() as made:
        made.start("api")
        door = Door(made)
        door.once(500, batch=1, connections=CONNECTIONS)
        made.settle()
        runs = {
            SINGLE: partial(door.once, scale.of(10_000, 2_000), batch=1, connections=CONNECTIONS),
            BATCHES: partial(door.once, scale.of(40_000, 6_000), batch=BATCH, connections=4),
        }
        found = interleaved(scale.rounds, runs)
    for name, goal in ((SINGLE, 1_500), (BATCHES, 10_000)):
        yield Result(
            "doors", f"accept, {name}", "events/s", figures(found[name]), at_least(goal),
            cpu=middle_cpu(found[name]), memory=most_memory(found[name]),
        )  # fmt: skip
