"""What do we know of one key: its facts, what of it is spent, and what is waiting because of it?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from triggers.events import Event, Order
from triggers.verdicts import Reason

CUSTOMER_PATH = "customer"
"""The path of facts that have no key of their own: one key, which is the customer's id."""


class FactKey(NamedTuple):
    """Where facts are kept: events of one type, of one customer, that carry `value` at `path`."""

    customer: str
    type: str
    path: str
    value: str


class TriggerKey(NamedTuple):
    """What one decision is about."""

    trigger: str
    customer: str
    key: str

    def under(self, former: Sequence[str], *, by_customer: bool) -> list[TriggerKey]:
        """The key under every id its customer has had: what was spent under one is spent."""
        before = [self._replace(customer=id_) for id_ in former]
        return [self, *(one._replace(key=one.customer) if by_customer else one for one in before)]


@dataclass(frozen=True, slots=True)
class Spent:
    """An epoch that any verdict but "later" has used up. `epoch` None: erased but for its time."""

    epoch: str | None
    start: Order


@dataclass(frozen=True, slots=True)
class Counted:
    """What a count had reached when it was completed."""

    value: float
    events: int
    first: datetime

    def as_mapping(self) -> Mapping[str, Any]:
        return {"value": self.value, "events": self.events, "first": self.first}


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One thing that is to happen: for this epoch, at this moment.

    `start` is the event it started by; `event` the newest one that carries it on (a repeated
    start, an update with the same date): conditions and texts read that one, and its order is
    what a spent row keeps.
    """

    epoch: str
    start: Event
    event: Event
    moment: datetime
    expires: datetime
    counted: Counted | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """An epoch that waits no more: `by` is the event that ended it, `occurrence` what it was."""

    reason: Reason
    by: Event
    occurrence: Occurrence | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Note:
    """A start event that armed nothing, and why."""

    reason: Reason
    event: Event
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Timeline:
    """What a key's facts amount to. `pending` holds no spent epoch."""

    pending: Mapping[str, Occurrence] = field(default_factory=lambda: MappingProxyType({}))
    ended: Mapping[str, Ended] = field(default_factory=lambda: MappingProxyType({}))
    notes: tuple[Note, ...] = ()
