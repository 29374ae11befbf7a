"""What is an event, once it has been accepted?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

OWN_SOURCE = "outreach"
"""The source of the events that the system itself publishes (`outreach.*`)."""

MAX_HOPS = 5


class Order(NamedTuple):
    """Event order: what decides which of two events is the newer one."""

    time: datetime
    source: str
    id: str


@dataclass(frozen=True, slots=True)
class Event:
    """One accepted event; times are UTC. As a fact it is what a decision about a key reads."""

    source: str
    id: str
    type: str
    time: datetime
    customer: str
    data: Mapping[str, Any]
    received: datetime
    subject: str | None = None
    history: bool = False
    """Published with --history: a fact that starts nothing."""
    hops: int = 0
    """How many of our own messages stand between this event and one from outside."""

    @property
    def order(self) -> Order:
        return Order(self.time, self.source, self.id)
