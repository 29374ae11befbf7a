"""What waits, since when, and who is at work? For whoever asks whether all is well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, func, literal, select

from worker.lifecycle import EventState, MessageState, OccurrenceState
from worker.store.tables import events, ledger_checks, messages, occurrences, workers


@dataclass(frozen=True, slots=True)
class Waiting:
    """So many, the oldest since then."""

    count: int
    oldest: datetime | None


def unread(connection: Connection) -> Waiting:
    return _waiting(connection, events, events.c.received_at, _is(events, EventState.NEW))


def set_aside(connection: Connection) -> Waiting:
    state = _is(events, EventState.SET_ASIDE)
    return _waiting(connection, events, events.c.received_at, state)


def overdue(connection: Connection, now: datetime) -> Waiting:
    """Occurrences and retries whose turn it is."""
    of = occurrences.c
    first = _waiting(
        connection, occurrences, of.due, _is(occurrences, OccurrenceState.PENDING), of.due <= now
    )
    planned = _is(messages, MessageState.PLANNED)
    again = _waiting(connection, messages, messages.c.due, planned, messages.c.due <= now)
    found = [one.oldest for one in (first, again) if one.oldest is not None]
    return Waiting(first.count + again.count, min(found, default=None))


def unknown(connection: Connection) -> Waiting:
    since = func.coalesce(messages.c.unknown_at, messages.c.updated_at, type_=messages.c.due.type)
    return _waiting(connection, messages, since, _is(messages, MessageState.UNKNOWN))


def parked(connection: Connection) -> Waiting:
    state = _is(messages, MessageState.PARKED)
    return _waiting(connection, messages, messages.c.updated_at, state)


def at_work(connection: Connection, *, since: datetime) -> Sequence[Row[Any]]:
    """Processes heard of since then."""
    query = select(workers).where(workers.c.seen_at >= since)
    return connection.execute(query.order_by(workers.c.role, workers.c.id)).all()


def last_checks(connection: Connection, *, most: int) -> Sequence[Row[Any]]:
    """The days that were compared with providers last."""
    query = select(ledger_checks).where(ledger_checks.c.compared >= 0)
    return connection.execute(query.order_by(ledger_checks.c.since.desc()).limit(most)).all()


def _is(table: Table, state: StrEnum) -> ColumnElement[bool]:
    # written out, not bound: SQLite's partial indexes serve no other condition
    found: ColumnElement[bool] = table.c.state == literal(state.value, literal_execute=True)
    return found


def _waiting(
    connection: Connection, table: Table, since: ColumnElement[Any], *only: ColumnElement[bool]
) -> Waiting:
    query = select(func.count(), func.min(since)).select_from(table).where(*only)
    count, oldest = connection.execute(query).one()
    return Waiting(int(count), oldest)
