"""How do the waiting rows of many keys become what their timelines say, in a few statements?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row

from triggers.events import Event, Order
from triggers.facts import TriggerKey
from triggers.settling import Change, Waiting, settle
from triggers.verdicts import Reason
from worker.steps.ground import Clock, Ground
from worker.steps.settled_rows import Settled, added_row, changed_row, decision_row, retry_row
from worker.steps.timelines import Timelines
from worker.store import occurrences
from worker.store.direct import Later

Touched = Mapping[TriggerKey, Sequence[Event]]
"""The keys to settle, each with the events just read that touch it."""


class _Asked(NamedTuple):
    """One key: the events just read that touch it, and what of it waits, by epoch."""

    key: TriggerKey
    fresh: Sequence[Event]
    clock: Clock
    rows: Mapping[str, Row[Any]]


class Known(NamedTuple):
    """What is stored of the keys touched, and what of them waits."""

    timelines: Timelines
    waiting: Later


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
    known: Known | None = None,
) -> list[Settled]:
    """What would have to change for these keys; nothing is written."""
    known = known or read_known(connection, ground, touched)
    rows = _pending(known.waiting)
    return [
        one
        for key, fresh in touched.items()
        for one in _settle(
            ground,
            _Asked(key, fresh, clocks[key.customer], rows.get(key, {})),
            known.timelines,
            otherwise,
        )
    ]


def read_known(
    connection: Connection,
    ground: Ground,
    touched: Touched,
    clocks: Mapping[str, Clock] | None = None,
) -> Known:
    """`clocks` of all customers: many facts of a key are folded, and read no more."""
    waiting = occurrences.ask_pending(connection, touched)
    return Known(Timelines.read(connection, ground, touched.keys(), touched, clocks), waiting)


def _pending(waiting: Later) -> Mapping[TriggerKey, Mapping[str, Row[Any]]]:
    found: dict[TriggerKey, dict[str, Row[Any]]] = defaultdict(dict)
    for row in waiting.rows():
        found[TriggerKey(row.trigger, row.customer_id, row.key)][row.epoch] = row
    return found


def _settle(
    ground: Ground, asked: _Asked, timelines: Timelines, otherwise: Reason | None
) -> list[Settled]:
    key, clock, rows = asked.key, asked.clock, asked.rows
    changes = settle(
        ground.configuration.triggers[key.trigger],
        [_waiting(row) for row in rows.values()],
        timelines.of(key, clock.zone),
        grace=ground.policy.grace,
        fresh=asked.fresh,
        otherwise=otherwise,
    )
    return [Settled(key, one, rows.get(one.epoch or ""), clock.doubt) for one in changes]


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
