"""Which workloads are there, in the order of the table? Each is a module with `workload`."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """`module` has `workload(scale)`; `quick`: it is part of `make bench-quick`.

    `rounds`: fewer where one takes long and says little that another would not.
    """

    module: str
    quick: bool = False
    rounds: int = 3


WORKLOADS = {
    "stream": Entry("bench.stream", quick=True),
    "batches": Entry("bench.batches"),
    "sqlite": Entry("bench.one_process"),
    "doors": Entry("bench.doors", quick=True),
    "pipeline": Entry("bench.pipeline", quick=True),
    "sending": Entry("bench.sending"),
    "latency": Entry("bench.latency", rounds=2),
    "idle": Entry("bench.idle"),
    "triggers": Entry("bench.many_triggers", quick=True),
    "one_key": Entry("bench.one_key", quick=True),
    "burst": Entry("bench.burst", rounds=1),
    "simulate": Entry("bench.simulating"),
    "backtest": Entry("bench.backtesting"),
    "memory": Entry("bench.memory"),
    "commands": Entry("bench.checking", quick=True),
    "console": Entry("bench.console"),
    "explain": Entry("bench.explaining"),
    "report": Entry("bench.reporting"),
    "growth": Entry("bench.growth"),
}
