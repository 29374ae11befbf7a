"""What stands only because of events that are taken back, and what becomes of it?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, Row

from triggers.events import Event
from triggers.facts import TriggerKey
from triggers.settling import Change, Settlement
from triggers.verdicts import Reason
from worker.lifecycle import MessageState, OccurrenceState, move
from worker.steps.answers import MAY_HAVE_LEFT
from worker.steps.ground import Clock, Ground
from worker.steps.settled_rows import Settled, retry_row
from worker.steps.settling import changes_of, write_settled
from worker.steps.timelines import Timelines
from worker.store import withdrawal
from worker.store.messages import lock_messages
from worker.store.occurrences import write_decisions

_GONE = frozenset({MessageState.EXPIRED, MessageState.CALLED_OFF, MessageState.FAILED})
"""What has not reached anybody and will not."""

Touched = Mapping[TriggerKey, Sequence[Event]]


@dataclass(slots=True)
class Undone:
    """By trigger; `left` by trigger and state, with the ids of messages and handoffs."""

    called_off: Counter[str] = field(default_factory=Counter)
    wait_again: Counter[str] = field(default_factory=Counter)
    moved: Counter[str] = field(default_factory=Counter)
    retries: Counter[str] = field(default_factory=Counter)
    left: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, other: Undone) -> None:
        self.called_off += other.called_off
        self.wait_again += other.wait_again
        self.moved += other.moved
        self.retries += other.retries
        for key, ids in other.left.items():
            self.left[key] |= ids


class Undoing:
    """Made while the facts still stand; `finish` is called once they are gone."""

    def __init__(
        self,
        connection: Connection,
        ground: Ground,
        events: Iterable[Event],
        clocks: Mapping[str, Clock],
    ) -> None:
        self._connection = connection
        self._ground = ground
        taken = list(events)
        self._events = {(one.source, one.id) for one in taken}
        self._clocks = clocks
        self._touched = _touched(ground, taken)
        self._before = Timelines.read(connection, ground, self._touched.keys())

    def finish(self) -> Undone:
        """Make what waits equal to what is still known, and tell what cannot be undone."""
        undone = Undone()
        self._settle(undone)
        after = Timelines.read(self._connection, self._ground, self._touched.keys())
        owed = [row for row in self._messages() if self._owed(row, after)]
        self._call_off(undone, owed)
        for row in withdrawal.handoffs_of(self._connection, self._clocks):
            if self._owed(row, after):
                undone.left[row.trigger, OccurrenceState.HANDED_OVER].add(row.id)
        return undone

    def _settle(self, undone: Undone) -> None:
        settled = changes_of(
            self._connection,
            self._ground,
            dict.fromkeys(self._touched, ()),
            self._clocks,
            otherwise=Reason.WITHDRAWN,
        )
        mine = [_told(one, self._touched[one.key]) for one in settled if not self._late(one)]
        counts = {
            Change.CALLED_OFF: undone.called_off,
            Change.STARTED: undone.wait_again,
            Change.MOVED: undone.moved,
        }
        for one in write_settled(self._connection, self._ground, mine):
            if one.settlement.change in counts:
                counts[one.settlement.change][one.key.trigger] += 1

    def _late(self, one: Settled) -> bool:
        """What they had called off and could no longer leave stays called off."""
        occurrence = one.settlement.occurrence
        started = one.settlement.change is Change.STARTED
        return started and occurrence is not None and occurrence.expires <= self._ground.now

    def _messages(self) -> Sequence[Row[Any]]:
        rows = withdrawal.messages_of(self._connection, self._clocks)
        return [row for row in rows if MessageState(row.state) not in _GONE]

    def _owed(self, row: Row[Any], after: Timelines) -> bool:
        """Whether its words come from one of them, or nothing that is left would have made it."""
        if (row.start_source, row.start_id) in self._events:
            return True
        key = TriggerKey(row.trigger, row.customer_id, row.key)
        if key not in self._touched:
            return False
        zone = self._clocks[key.customer].zone
        before, now = (one.of(key, zone, again=row.epoch) for one in (self._before, after))
        stood = row.epoch in before.pending or row.epoch in before.ended
        return stood and row.epoch not in now.pending and row.epoch not in now.ended

    def _call_off(self, undone: Undone, rows: Sequence[Row[Any]]) -> None:
        held = lock_messages(self._connection, [row.id for row in rows])
        waits = [row for row in rows if _waits(held[row.id])]
        now = self._ground.now
        changed = {"why": Reason.WITHDRAWN, "due": None, "updated_at": now}
        withdrawal.call_off(
            self._connection,
            [{"id": row.id, "state": _off(held[row.id]), **changed} for row in waits],
        )
        write_decisions(self._connection, (self._decision(row) for row in waits))
        undone.retries.update(row.trigger for row in waits)
        stopped = {row.id for row in waits}
        for row in rows:
            if row.id not in stopped:
                undone.left[row.trigger, held[row.id].state].add(row.id)

    def _decision(self, row: Row[Any]) -> dict[str, Any]:
        key = TriggerKey(row.trigger, row.customer_id, row.key)
        ended = Settlement(
            Change.CALLED_OFF,
            row.epoch,
            tuple(self._touched.get(key, ())),
            True,
            reason=Reason.WITHDRAWN,
        )
        return retry_row(Settled(key, ended), self._ground, row.id)


def _touched(ground: Ground, events: Iterable[Event]) -> Touched:
    touched: dict[TriggerKey, list[Event]] = defaultdict(list)
    for event in events:
        for key in {key for _, key in ground.matcher.touched(event) if key is not None}:
            touched[key].append(event)
    return touched


def _told(one: Settled, taken: Sequence[Event]) -> Settled:
    """The decision names what was taken back, beside what is left."""
    facts = (*one.settlement.facts, *taken)
    return one._replace(settlement=replace(one.settlement, facts=facts))


def _waits(message: Row[Any]) -> bool:
    """Whether it certainly has not left: an unknown one may have."""
    if message.state == MessageState.PARKED:
        return bool(message.why not in MAY_HAVE_LEFT)
    return bool(message.state == MessageState.PLANNED)


def _off(message: Row[Any]) -> MessageState:
    return move(MessageState(message.state), MessageState.CALLED_OFF)
