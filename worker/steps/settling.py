"""How do the waiting rows of many keys become what their timelines say, in a few statements?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from triggers.events import Event, Order
from triggers.facts import FactKey, Spent, Timeline, TriggerKey
from triggers.settling import Change, Waiting, settle
from triggers.timeline import timeline
from triggers.verdicts import Reason
from worker.steps.ground import Clock, Ground
from worker.steps.settled_rows import Settled, added_row, changed_row, decision_row, retry_row
from worker.store import facts, occurrences

Touched = Mapping[TriggerKey, Sequence[Event]]
"""The keys to settle, each with the events just read that touch it."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What the store holds of the touched keys."""

    births: Mapping[str, datetime]
    facts: Mapping[FactKey, list[Event]]
    spent: Mapping[str, Mapping[str, Spent]]
    rows: Mapping[TriggerKey, list[Row[Any]]]


def settle_keys(
    connection: Connection,
    ground: Ground,
    touched: Touched,
    clocks: Mapping[str, Clock],
    *,
    notes: Iterable[Settled] = (),
    otherwise: Reason | None = None,
) -> list[Settled]:
    """Make what waits for these keys equal to their timelines; their customers must be held.

    `notes` are written down beside what changes; all that was written is answered. `otherwise`:
    why something waits no longer that no event has ended.
    """
    settled = changes_of(connection, ground, touched, clocks, otherwise=otherwise)
    return write_settled(connection, ground, [*notes, *settled])


def changes_of(
    connection: Connection,
    ground: Ground,
    touched: Touched,
    clocks: Mapping[str, Clock],
    *,
    otherwise: Reason | None = None,
) -> list[Settled]:
    """What would have to change for these keys; nothing is written."""
    known = _read(connection, ground, touched)
    return [
        one
        for key, fresh in touched.items()
        for one in _settle(ground, known, key, fresh, clocks[key.customer], otherwise)
    ]


def _read(connection: Connection, ground: Ground, touched: Touched) -> _Known:
    rows: dict[TriggerKey, list[Row[Any]]] = defaultdict(list)
    for row in occurrences.read_pending(connection, touched):
        rows[TriggerKey(row.trigger, row.customer_id, row.key)].append(row)
    reads = {one for key in touched for one in ground.matcher.reads(key)}
    return _Known(
        births=facts.read_births(connection, (key.trigger for key in touched)),
        facts=facts.read_facts(connection, reads),
        spent=facts.read_spent(connection, map(ground.hasher.key, touched)),
        rows=rows,
    )


def _settle(
    ground: Ground,
    known: _Known,
    key: TriggerKey,
    fresh: Sequence[Event],
    clock: Clock,
    otherwise: Reason | None,
) -> list[Settled]:
    trigger = ground.configuration.triggers[key.trigger]
    rows = {row.epoch: row for row in known.rows.get(key, ())}
    waiting = [_waiting(row) for row in rows.values()]
    found = _timeline(ground, known, key, clock)
    changes = settle(
        trigger, waiting, found, grace=ground.policy.grace, fresh=fresh, otherwise=otherwise
    )
    return [Settled(key, one, rows.get(one.epoch or ""), clock.doubt) for one in changes]


def _timeline(ground: Ground, known: _Known, key: TriggerKey, clock: Clock) -> Timeline:
    born = known.births.get(key.trigger)
    kept = (
        fact
        for place in ground.matcher.reads(key)
        for fact in known.facts.get(place, ())
        if born is None or fact.received >= born
    )
    spent = known.spent.get(ground.hasher.key(key), {})
    trigger = ground.configuration.triggers[key.trigger]
    found = timeline(trigger, kept, spent.values(), clock.zone, key=key.key)
    # an epoch whose person was erased is known by its hash only
    pending = {
        epoch: one
        for epoch, one in found.pending.items()
        if not spent or ground.hasher.epoch(key, epoch) not in spent
    }
    return replace(found, pending=pending)


def _waiting(row: Row[Any]) -> Waiting:
    return Waiting(
        epoch=row.epoch,
        start=Order(row.start_time, row.start_source, row.start_id),
        moment=row.moment,
        due=row.due,
        expires=row.expires,
        priority=row.priority,
        category=row.category,
    )


def write_settled(
    connection: Connection, ground: Ground, settled: Collection[Settled]
) -> list[Settled]:
    """Write what changes; what really changed is answered, and has its decisions."""
    moved = [one for one in settled if one.settlement.change is not Change.NOTED]
    rows = [added_row(one, ground) for one in moved if one.row is None]
    written = occurrences.add(connection, rows)
    written |= occurrences.change(
        connection, [changed_row(one, ground) for one in moved if one.row is not None]
    )
    retries = _call_off_retries(connection, ground, moved)
    done = [one for one in settled if _happened(one, ground, written)]
    decisions = [decision_row(one, ground) for one in done if one.tells]
    occurrences.write_decisions(connection, [*decisions, *retries])
    return done


def _happened(one: Settled, ground: Ground, written: set[str]) -> bool:
    return one.settlement.change is Change.NOTED or one.id(ground) in written


def _call_off_retries(
    connection: Connection, ground: Ground, moved: Iterable[Settled]
) -> list[dict[str, Any]]:
    """A message whose retry is planned has left nowhere yet; its decisions."""
    ended = {one.id(ground): one for one in moved if one.settlement.change is Change.CALLED_OFF}
    reasons = {id_: one.reason for id_, one in ended.items()}
    found = occurrences.call_off_retries(connection, reasons, now=ground.now)
    return [retry_row(ended[id_], ground, message) for id_, message in found.items()]
