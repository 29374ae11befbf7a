"""What must change in the store, so that what waits for a key is what its timeline says?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from triggers.definitions import Trigger
from triggers.events import Event, Order
from triggers.facts import Occurrence, Timeline
from triggers.verdicts import Reason


class Change(StrEnum):
    """What is done to an occurrence, or said of an event: the verdicts of evaluating."""

    STARTED = "started"
    MOVED = "moved"
    KEPT = "kept"
    """Its terms are other ones, but it leaves when it would have: no decision, but a new row."""
    CALLED_OFF = "called_off"
    NOTED = "noted"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A stored pending occurrence, as far as a timeline may change it."""

    epoch: str
    start: Order
    moment: datetime
    due: datetime
    expires: datetime
    priority: int
    category: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """One change, with the events it was decided on, the deciding one first.

    `due` is set for what waits on. `stored` says whether a row of it stands already.
    """

    change: Change
    epoch: str | None
    facts: tuple[Event, ...]
    stored: bool = False
    occurrence: Occurrence | None = None
    due: datetime | None = None
    reason: Reason | None = None
    detail: str = ""


def due_after(trigger: Trigger, moment: datetime, grace: timedelta) -> datetime:
    """A timer that something may call off waits for news that is still on its way."""
    return moment + grace if trigger.unless else moment


def settle(
    trigger: Trigger,
    stored: Collection[Waiting],
    found: Timeline,
    *,
    grace: timedelta,
    fresh: Collection[Event] = (),
    otherwise: Reason | None = None,
) -> list[Settlement]:
    """`found.pending` must hold no spent epoch; `fresh` are the events just read.

    `otherwise` is why something waits no longer that no event has ended.
    """
    if not (stored or found.pending or found.ended or found.notes):
        return []
    rows = {row.epoch: row for row in stored}
    terms = _Terms(trigger, grace)
    return [
        *_waiting(rows, found, terms, tuple(fresh)),
        *_vanished(rows, found, otherwise),
        *_ended_at_once(rows, found, fresh),
        *_noted(found, fresh),
    ]


@dataclass(frozen=True, slots=True)
class _Terms:
    trigger: Trigger
    grace: timedelta

    def due(self, occurrence: Occurrence) -> datetime:
        return due_after(self.trigger, occurrence.moment, self.grace)

    def row(self, occurrence: Occurrence, due: datetime) -> Waiting:
        limits = self.trigger.limits
        return Waiting(
            epoch=occurrence.epoch,
            start=occurrence.start.order,
            moment=occurrence.moment,
            due=due,
            expires=occurrence.expires,
            priority=int(limits.priority),
            category=limits.category,
        )


def _waiting(
    rows: Mapping[str, Waiting], found: Timeline, terms: _Terms, fresh: tuple[Event, ...]
) -> Iterator[Settlement]:
    for epoch, occurrence in found.pending.items():
        row = rows.get(epoch)
        # what put it off until `due` still holds, as long as its moment is the same
        kept = row is not None and row.moment == occurrence.moment
        due = row.due if row and kept else terms.due(occurrence)
        if row == terms.row(occurrence, due):
            continue
        change = Change.KEPT if kept else Change.MOVED if row else Change.STARTED
        facts = _once(occurrence.start, occurrence.event, *fresh)
        yield Settlement(change, epoch, facts, row is not None, occurrence, due)


def _vanished(
    rows: Mapping[str, Waiting], found: Timeline, otherwise: Reason | None
) -> Iterator[Settlement]:
    for epoch in rows.keys() - found.pending.keys():
        ended = found.ended.get(epoch)
        if ended:
            yield Settlement(Change.CALLED_OFF, epoch, (ended.by,), True, reason=ended.reason)
        else:
            # no event ended it: a fact that came late has changed what its start was
            reason = otherwise or (Reason.MOVED if found.pending else Reason.DISARMED)
            yield Settlement(Change.CALLED_OFF, epoch, (), True, reason=reason)


def _ended_at_once(
    rows: Mapping[str, Waiting], found: Timeline, fresh: Collection[Event]
) -> Iterator[Settlement]:
    """What was ended before it ever stood in the store: known because its events came together."""
    read = {event.order for event in fresh}
    for epoch, ended in found.ended.items():
        gone = ended.occurrence
        if gone is None or epoch in rows:
            continue
        facts = _once(ended.by, gone.start, gone.event)
        # a timeline tells the whole past each time it is asked: only what was just read is news
        if not read.isdisjoint(fact.order for fact in facts):
            yield Settlement(Change.CALLED_OFF, epoch, facts, False, gone, reason=ended.reason)


def _noted(found: Timeline, fresh: Collection[Event]) -> Iterator[Settlement]:
    read = {event.order for event in fresh}
    notes = {(one.event.order, one.reason, one.detail): one for one in found.notes}
    for note in notes.values():
        if note.event.order in read:
            yield Settlement(
                Change.NOTED, None, (note.event,), reason=note.reason, detail=note.detail
            )


def _once(*events: Event) -> tuple[Event, ...]:
    return tuple({event.order: event for event in events}.values())
