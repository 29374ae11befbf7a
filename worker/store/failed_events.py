"""Which events were refused or set aside, and how do they get another chance?"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, Text, cast, func, select, update

from worker.lifecycle import EventState, RefusedState, move
from worker.store.inbox import Candidate
from worker.store.tables import events, refused_events


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which ones; None means any. `reason`: words that stand in a reason, in any case."""

    source: str | None = None
    type: str | None = None
    id: str | None = None
    reason: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def find_refused(connection: Connection, wanted: Wanted, *, most: int) -> Sequence[Row[Any]]:
    """The oldest refused events with their raw text and reasons."""
    open_ = refused_events.c.state == RefusedState.REFUSED
    found = select(refused_events).where(open_, *_named(refused_events, wanted, "reasons"))
    return connection.execute(found.order_by(refused_events.c.seq).limit(most)).all()


def close_refused(connection: Connection, seqs: Collection[int], state: RefusedState) -> set[int]:
    """From refused to replayed or dismissed; the numbers that were."""
    seq = refused_events.c.seq
    old = refused_events.c.state == RefusedState.REFUSED
    mine = set(
        connection.scalars(select(seq).where(seq.in_(seqs), old).order_by(seq).with_for_update())
    )
    changed = update(refused_events).where(seq.in_(mine))
    connection.execute(changed.values(state=move(RefusedState.REFUSED, state)))
    return mine


def find_set_aside(connection: Connection, wanted: Wanted, *, most: int) -> Sequence[Row[Any]]:
    """The oldest events that our own code failed on, with the error's class."""
    aside = events.c.state == EventState.SET_ASIDE
    found = select(events).where(aside, *_named(events, wanted, "error"))
    return connection.execute(found.order_by(events.c.seq).limit(most)).all()


def any_set_aside(connection: Connection, type_: str) -> bool:
    found = select(events.c.seq).where(events.c.state == EventState.SET_ASIDE)
    return connection.execute(found.where(events.c.type == type_).limit(1)).first() is not None


def release(connection: Connection, seqs: Collection[int], state: EventState) -> set[int]:
    """From set aside to `new`, to be read once more, or to `withdrawn`; the numbers that were."""
    aside = (events.c.seq.in_(seqs), events.c.state == EventState.SET_ASIDE)
    # held in their order: a withdrawal that takes the same ones never waits in a circle
    held = select(events.c.seq).where(*aside).order_by(events.c.seq).with_for_update()
    mine = set(connection.scalars(held))
    changed = update(events).where(events.c.seq.in_(mine))
    connection.execute(changed.values(state=move(EventState.SET_ASIDE, state), tries=0))
    return mine


def seqs_of(connection: Connection, source: str, id_: str) -> list[int]:
    """The numbers under which an event is unread."""
    found = select(events.c.seq).where(events.c.source == source, events.c.id == id_)
    return list(connection.scalars(found.where(events.c.state == EventState.NEW)))


def numbered(connection: Connection, seqs: Collection[int]) -> list[Candidate]:
    """As evaluating sees unread events."""
    columns = (
        events.c.seq,
        events.c.received_at,
        events.c.customer_id,
        events.c.type,
        events.c.tries,
    )
    rows = connection.execute(select(*columns).where(events.c.seq.in_(seqs)))
    return [
        Candidate(row.seq, row.received_at, row.customer_id, row.type, row.tries, True)
        for row in rows
    ]


def _named(table: Table, wanted: Wanted, reasons: str) -> list[ColumnElement[bool]]:
    named = {"source": wanted.source, "type": wanted.type, "id": wanted.id}
    found = [table.c[name] == value for name, value in named.items() if value is not None]
    if wanted.reason is not None:
        text = func.lower(cast(table.c[reasons], Text))
        found.append(text.contains(wanted.reason.lower(), autoescape=True))
    if wanted.since is not None:
        found.append(table.c.received_at >= wanted.since)
    if wanted.until is not None:
        found.append(table.c.received_at < wanted.until)
    return list(found)
