"""What did a workload show? One row of the table: a figure, its samples, cost and yardsticks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, NamedTuple


class Scale(NamedTuple):
    """How much a workload may do: `quick` is a look, of some seconds; else about a minute."""

    quick: bool = False
    rounds: int = 3

    def of(self, full: int, quick: int) -> int:
        return quick if self.quick else full


@dataclass(frozen=True, slots=True)
class Goal:
    """`least`: not under the bound; else not over it."""

    bound: float
    least: bool = True

    def met(self, figure: float) -> bool:
        return figure >= self.bound if self.least else figure <= self.bound


def at_least(bound: float) -> Goal:
    return Goal(bound)


def at_most(bound: float) -> Goal:
    return Goal(bound, least=False)


@dataclass(frozen=True, slots=True)
class Ratio:
    """Ours divided by a yardstick's, each pair measured one right after the other."""

    to: str
    samples: Sequence[float]
    goal: Goal | None = None

    @property
    def median(self) -> float:
        return median(self.samples)


@dataclass(frozen=True, slots=True)
class Result:
    """`cpu`: CPU-seconds a thousand by kind of process; `memory`: its peak in MB (PSS)."""

    workload: str
    """What `make bench ONLY=…` calls it; its rows are replaced together."""
    figure: str
    """What was measured, as a person reads it."""
    unit: str
    samples: Sequence[float]
    goal: Goal | None = None
    cpu: Mapping[str, float] = field(default_factory=dict)
    memory: Mapping[str, float] = field(default_factory=dict)
    ratios: Sequence[Ratio] = ()
    note: str = ""
    """What a reader has to know to believe the figure, in half a sentence."""

    @property
    def median(self) -> float:
        return median(self.samples)


Workload = Callable[[Scale], Iterator[Result]]
"""What each module of bench has as `workload`; a row is given as soon as it is known."""


def to_json(result: Result) -> dict[str, Any]:
    return {
        "workload": result.workload,
        "figure": result.figure,
        "unit": result.unit,
        "samples": [round(one, 4) for one in result.samples],
        "goal": _told(result.goal),
        "cpu": {kind: round(one, 4) for kind, one in result.cpu.items()},
        "memory": {kind: round(one, 1) for kind, one in result.memory.items()},
        "ratios": [
            {"to": one.to, "samples": [round(x, 4) for x in one.samples], "goal": _told(one.goal)}
            for one in result.ratios
        ],
        "note": result.note,
    }


def from_json(line: Mapping[str, Any]) -> Result:
    ratios = [Ratio(one["to"], one["samples"], _goal(one["goal"])) for one in line["ratios"]]
    known = ("workload", "figure", "unit", "samples", "cpu", "memory", "note")
    words = {name: line[name] for name in known}
    return Result(**words, goal=_goal(line["goal"]), ratios=ratios)


def _told(goal: Goal | None) -> list[Any] | None:
    return [goal.bound, goal.least] if goal else None


def _goal(told: Sequence[Any] | None) -> Goal | None:
    return Goal(*told) if told else None
