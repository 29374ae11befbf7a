"""Which workloads are there, in the order of the table? Each is a module with `workload`."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """`module` has `workload(scale)`; `quick`: it is part of `make bench-quick`."""

    module: str
    quick: bool = False


WORKLOADS = {
    "stream": Entry("bench.stream", quick=True),
    "batches": Entry("bench.batches"),
    "sqlite": Entry("bench.one_process"),
    "doors": Entry("bench.doors", quick=True),
    "pipeline": Entry("bench.pipeline", quick=True),
    "idle": Entry("bench.idle"),
    "triggers": Entry("bench.many_triggers", quick=True),
    "one_key": Entry("bench.one_key", quick=True),
    "growth": Entry("bench.growth"),
    "simulate": Entry("bench.simulating"),
    "backtest": Entry("bench.backtesting"),
    "memory": Entry("bench.memory"),
    "commands": Entry("bench.checking", quick=True),
    "console": Entry("bench.console"),
    "explain": Entry("bench.explaining"),
    "report": Entry("bench.reporting"),
}
