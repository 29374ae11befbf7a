"""What do the first facts of a key come to, written down so that they need not be read again?

As JSON: what a timeline has gathered on its way, and no more of it than the facts to come can meet.
What has ended is left out: it was told when it ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from triggers.clock import instant, stamp
from triggers.events import Event, Order
from triggers.facts import Counted, Occurrence

FORM = 1
"""Counted up with each change of what a timeline does, or of how it is written down."""


@dataclass(frozen=True, slots=True)
class Fold:
    """All facts of a key up to this one, in event order; what they come to."""

    until: Order
    state: Mapping[str, Any]


def written(found: Iterable[Occurrence]) -> list[dict[str, Any]]:
    return [
        {
            "epoch": one.epoch,
            "start": _event(one.start),
            "event": _event(one.event),
            "moment": stamp(one.moment),
            "expires": stamp(one.expires),
            "counted": one.counted and _counted(one.counted),
        }
        for one in found
    ]


def read(rows: Iterable[Mapping[str, Any]]) -> dict[str, Occurrence]:
    """By epoch."""
    return {
        row["epoch"]: Occurrence(
            row["epoch"],
            _event_of(row["start"]),
            _event_of(row["event"]),
            instant(row["moment"]),
            instant(row["expires"]),
            row["counted"] and _counted_of(row["counted"]),
        )
        for row in rows
    }


def _event(one: Event) -> list[Any]:
    time, received = stamp(one.time), stamp(one.received)
    return [
        one.source, one.id, one.type, time, one.customer, dict(one.data), received,
        one.subject, one.history, one.hops,
    ]  # fmt: skip


def _event_of(row: Sequence[Any]) -> Event:
    source, id_, type_, time, customer, data, received, *rest = row
    return Event(source, id_, type_, instant(time), customer, data, instant(received), *rest)


def _counted(one: Counted) -> list[Any]:
    return [one.value, one.events, stamp(one.first)]


def _counted_of(row: Sequence[Any]) -> Counted:
    value, events, first = row
    return Counted(value, events, instant(first))
