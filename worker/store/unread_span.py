"""In which months did everything come in that nobody has read?

Whoever asks whether a customer has something unread asks all parts of the events; told the
months, PostgreSQL plans and opens the one or two that can hold any. SQLite has no parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from time import monotonic
from typing import NamedTuple

from sqlalchemy import Connection, text

from worker.store.partitions import in_parts, month_after, month_of

SLACK = timedelta(days=1)
"""How far an event's number and its moment may disagree, and what commits while we look."""

FRESH = timedelta(seconds=30)
"""So long one answer serves: what is unread and older than it cannot come up in that time."""

_KNOWN = "unread_within"
_ENDS = text(
    "SELECT (SELECT received_at FROM events WHERE state = 'new' ORDER BY seq LIMIT 1),"
    " (SELECT received_at FROM events WHERE state = 'new' ORDER BY seq DESC LIMIT 1),"
    " aside.oldest, aside.newest"
    " FROM (SELECT MIN(received_at) AS oldest, MAX(received_at) AS newest FROM events"
    " WHERE state = 'set_aside') AS aside"
)


class _Known(NamedTuple):
    asked: datetime
    seconds: float
    within: str


def unread_within(connection: Connection, now: datetime) -> str:
    """What a condition on unread events may say besides; nothing where that is of no use.

    Of one connection, which whoever restores a database ends. Whole months, so that a statement
    stays the same for long.
    """
    if not in_parts(connection):
        return ""
    known: _Known | None = connection.info.get(_KNOWN)
    if known is None or not known.asked <= now < known.asked + FRESH:
        known = _Known(now, monotonic(), _look(connection, now))
        connection.info[_KNOWN] = known
    return known.within


def unread_lately(connection: Connection, now: Callable[[], datetime]) -> str:
    """The same, by our own clock: the database is waited for only where its answer is too old."""
    known: _Known | None = connection.info.get(_KNOWN)
    if known is not None and monotonic() - known.seconds < FRESH.total_seconds():
        return known.within
    return unread_within(connection, now())


def within_months(connection: Connection, moments: Iterable[datetime]) -> str:
    """The same for events that came in at these moments, and no others; at least one."""
    return _between(moments) if in_parts(connection) else ""


def _look(connection: Connection, now: datetime) -> str:
    moments = [now, *(one for one in connection.execute(_ENDS).one() if one is not None)]
    return _between([min(moments) - SLACK, max(moments) + SLACK])


def _between(moments: Iterable[datetime]) -> str:
    known = [*moments]
    since, until = month_of(min(known)), month_after(month_of(max(known)))
    return (
        f" AND events.received_at >= '{since:%Y-%m-%d}' AND events.received_at < '{until:%Y-%m-%d}'"
    )
