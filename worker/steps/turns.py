"""Which occurrences and retries have their turn?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from triggers.customers import Customer
from triggers.definitions import Trigger
from triggers.facts import TriggerKey
from worker.steps.ground import Ground
from worker.store import customers
from worker.store.claims import (
    NOTHING_UNREAD,
    Candidate,
    lock_retries,
    read_attempts,
    read_candidates,
    read_waiting,
)
from worker.store.unread_span import unread_within

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
    """Hold the customers of what is due, and keep what is still due once they are held.

    Where most of what is due waits for something to be read, the rest is looked for.
    """
    batch = _taken(connection, ground, limit, ready=False)
    return batch or _taken(connection, ground, limit, ready=True) or Batch((), more=False)


def _taken(connection: Connection, ground: Ground, limit: int, *, ready: bool) -> Batch | None:
    """None: others may be due that were not seen."""
    within = unread_within(connection, ground.now)
    seen = read_candidates(connection, ground.now, limit * AHEAD, ready=ready, within=within)
    asked = list(dict.fromkeys(one.customer for one in seen))
    only = NOTHING_UNREAD.format(within=within)
    held = customers.hold(connection, asked, most=limit, only=only)
    mine = [one for one in seen if one.customer in held][:limit]
    known = {one.id: Customer(one.id, one.profile) for one in held.values()}
    turns = _still_due(connection, ground, mine, known)
    if not ready and 2 * len(turns) < min(limit, len(seen)):
        return None
    return Batch(turns, more=0 < len(mine) < len(seen))


def _still_due(
    connection: Connection,
    ground: Ground,
    candidates: Sequence[Candidate],
    known: Mapping[str, Customer],
) -> tuple[Turn, ...]:
    within = unread_within(connection, ground.now)
    first, retries = (
        [one.id for one in candidates if one.retry is retry] for retry in (False, True)
    )
    rows = {row.id: row for row in read_waiting(connection, first, within)}
    again = {row.id: row for row in lock_retries(connection, retries, within)}
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
