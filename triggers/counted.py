"""What is counted of a trigger's customers, messages and calls, before anything is said of it?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar


@dataclass(frozen=True, slots=True)
class Assigned:
    """Customers first assigned that day, to one arm. `closed`: their time is over."""

    trigger: str
    day: date
    held_out: bool
    closed: bool
    customers: int
    contacted: int


@dataclass(frozen=True, slots=True)
class Sent:
    """What left by a channel. `cost` is of those that had a price when they left; `unpriced`: so
    many had none. `closed`: they left so long ago that their customers' time is over."""

    trigger: str
    channel: str
    closed: bool
    messages: int
    segments: int
    cost: float
    unpriced: int


@dataclass(frozen=True, slots=True)
class Calls:
    """`handed_over`: calls the trigger asked people to make. `asked_for`: by who was written to."""

    trigger: str
    closed: bool
    handed_over: int
    asked_for: int


class Objected(StrEnum):
    OPTED_OUT = "opted_out"
    COMPLAINED = "complained"
    WRONG_NUMBER = "wrong_number"


@dataclass(frozen=True, slots=True)
class Objections:
    """Addresses whose holders objected within the outcome's time after the trigger's message."""

    trigger: str
    how: Objected
    addresses: int


@dataclass(frozen=True, slots=True)
class Followed:
    """Customers who followed a link, by what became of it. `topic` None: they did not contact us
    within the outcome's time; empty: they did, and nobody said about what."""

    trigger: str
    link: str
    closed: bool
    topic: str | None
    customers: int


@dataclass(frozen=True, slots=True)
class Survey:
    """What was answered to a trigger's survey. `scores`: number -> how often it was given."""

    trigger: str
    name: str
    asked: int
    answered: int
    scores: Mapping[int, int]

    @property
    def mean(self) -> float | None:
        many = sum(self.scores.values())
        return sum(one * times for one, times in self.scores.items()) / many if many else None


@dataclass(frozen=True, slots=True)
class Counts:
    """All that was counted, of whichever triggers."""

    assigned: Sequence[Assigned] = ()
    sent: Sequence[Sent] = ()
    calls: Sequence[Calls] = ()
    objections: Sequence[Objections] = ()
    followed: Sequence[Followed] = ()
    surveys: Sequence[Survey] = ()

    def of(self, trigger: str) -> Counts:
        return Counts(
            assigned=_of(trigger, self.assigned),
            sent=_of(trigger, self.sent),
            calls=_of(trigger, self.calls),
            objections=_of(trigger, self.objections),
            followed=_of(trigger, self.followed),
            surveys=_of(trigger, self.surveys),
        )

    @property
    def triggers(self) -> set[str]:
        """Those that did something."""
        return (
            {one.trigger for one in self.assigned}
            | {one.trigger for one in self.sent}
            | {one.trigger for one in self.calls}
        )


Row = TypeVar("Row", Assigned, Sent, Calls, Objections, Followed, Survey)


def _of(trigger: str, rows: Iterable[Row]) -> Sequence[Row]:
    return [one for one in rows if one.trigger == trigger]
