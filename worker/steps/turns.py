"""Which occurrences and retries have their turn, and what do their facts say now?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row

from triggers.customers import Customer
from triggers.definitions import Trigger
from triggers.events import Event
from triggers.facts import FactKey, Spent, Timeline, TriggerKey
from triggers.timeline import timeline
from worker.steps.ground import Ground
from worker.store import customers
from worker.store.claims import (
    Candidate,
    lock_retries,
    read_attempts,
    read_candidates,
    read_waiting,
)
from worker.store.facts import read_births, read_facts, read_spent

AHEAD = 2
"""So many batches are looked at, so that several workers find customers that nobody holds."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One row that asks to be sent. For a retry `row` is the message's, `last` its last attempt.

    `trigger` None: the configuration has it no longer.
    """

    key: TriggerKey
    customer: Customer
    trigger: Trigger | None
    row: Row[Any]
    is_retry: bool = False
    last: Row[Any] | None = None

    @property
    def epoch(self) -> str:
        epoch: str = self.row.epoch
        return epoch

    @property
    def occurrence_id(self) -> str:
        found: str = self.row.occurrence_id if self.is_retry else self.row.id
        return found


@dataclass(frozen=True, slots=True)
class Batch:
    """`turns` in the order in which they are asked; `more`: another claim would find work."""

    turns: tuple[Turn, ...]
    more: bool


def take_turns(connection: Connection, ground: Ground, limit: int) -> Batch:
    """Hold the customers of what is due, and keep what is still due once they are held."""
    seen = read_candidates(connection, ground.now, limit * AHEAD)
    held = customers.hold(connection, list(dict.fromkeys(one.customer for one in seen)), most=limit)
    mine = [one for one in seen if one.customer in held][:limit]
    known = {one.id: Customer(one.id, one.profile) for one in held.values()}
    turns = _still_due(connection, ground, mine, known)
    return Batch(turns, more=0 < len(mine) < len(seen))


def _still_due(
    connection: Connection,
    ground: Ground,
    candidates: Sequence[Candidate],
    known: Mapping[str, Customer],
) -> tuple[Turn, ...]:
    rows = {r.id: r for r in read_waiting(connection, [c.id for c in candidates if not c.retry])}
    again = {r.id: r for r in lock_retries(connection, [c.id for c in candidates if c.retry])}
    last = read_attempts(connection, [(row.id, row.attempt) for row in again.values()])
    return tuple(
        Turn(
            key=TriggerKey(row.trigger, row.customer_id, row.key),
            customer=known[row.customer_id],
            trigger=ground.configuration.triggers.get(row.trigger),
            row=row,
            is_retry=one.retry,
            last=last.get(row.id) if one.retry else None,
        )
        for one in candidates
        if (row := (again if one.retry else rows).get(one.id)) is not None and row.due <= ground.now
    )


class Lines:
    """The timelines of a batch's keys; what the batch itself spends is spent for all of it."""

    def __init__(
        self,
        ground: Ground,
        births: Mapping[str, datetime],
        facts: Mapping[FactKey, Sequence[Event]],
        spent: Mapping[str, Mapping[str, Spent]],
    ) -> None:
        self._ground = ground
        self._births = births
        self._facts = facts
        self._spent = {key: dict(epochs) for key, epochs in spent.items()}

    @classmethod
    def read(cls, connection: Connection, ground: Ground, turns: Iterable[Turn]) -> Lines:
        keys = {turn.key for turn in turns if turn.trigger is not None}
        reads = {one for key in keys for one in ground.matcher.reads(key)}
        return cls(
            ground,
            read_births(connection, (key.trigger for key in keys)),
            read_facts(connection, reads),
            read_spent(connection, map(ground.hasher.key, keys)),
        )

    def spend(self, key: TriggerKey, spent: Spent) -> None:
        epochs = self._spent.setdefault(self._ground.hasher.key(key), {})
        epochs[self._ground.hasher.epoch(key, spent.epoch or "")] = spent

    def of(self, turn: Turn, trigger: Trigger, zone: ZoneInfo) -> Timeline:
        """For a retry as if its own epoch, and what was spent after it, were not spent."""
        spent = self._spent.get(self._ground.hasher.key(turn.key), {})
        own = self._ground.hasher.epoch(turn.key, turn.epoch)
        if turn.is_retry and own in spent:
            mine = spent[own].start
            spent = {name: one for name, one in spent.items() if one.start < mine and name != own}
        found = timeline(trigger, self._known(turn.key), spent.values(), zone, key=turn.key.key)
        # an epoch whose person was erased is known by its hash only
        gone = {turn.epoch} if own in spent else set()
        pending = {epoch: one for epoch, one in found.pending.items() if epoch not in gone}
        return replace(found, pending=pending)

    def _known(self, key: TriggerKey) -> Iterable[Event]:
        born = self._births.get(key.trigger)
        for place in self._ground.matcher.reads(key):
            for fact in self._facts.get(place, ()):
                if born is None or fact.received >= born:
                    yield fact
