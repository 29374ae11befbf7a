"""How does everything stand right now, in numbers that a machine watches?

Each is a truth of the database, so that whoever asks any of us hears the same. States are written
out, not bound: a partial index serves only a condition it can be held against.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select, text
from sqlalchemy.sql.selectable import TextualSelect

from triggers.definitions import Priority
from worker.store.alerts import count_standing
from worker.store.senders import LINE, read_unwell
from worker.store.tables import (
    activations,
    events,
    handoffs,
    messages,
    occurrences,
    pauses,
    workers,
)
from worker.store.types import Moment

_OPEN = "(state = 'unknown' OR state = 'parked')"
_UNREAD = text(
    "SELECT (SELECT COUNT(*) FROM events WHERE state = 'new') AS number,"
    " (SELECT received_at FROM events WHERE state = 'new' ORDER BY seq LIMIT 1) AS oldest"
).columns(oldest=events.c.received_at.type)
_SET_ASIDE = text(
    "SELECT COUNT(*) FROM events"
    " WHERE (state = 'new' OR state = 'set_aside') AND state = 'set_aside'"
)
_REFUSED = text("SELECT COUNT(*) FROM refused_events WHERE state = 'refused'")
_CALLS = text(
    "SELECT queue, COUNT(*) AS number, MIN(created_at) AS oldest,"
    " MIN(CASE WHEN state = 'open' THEN due END) AS due"
    " FROM handoffs WHERE state IN ('open', 'taken') GROUP BY queue ORDER BY queue"
).columns(handoffs.c.queue, oldest=handoffs.c.created_at.type, due=handoffs.c.due.type)


class Gauge(NamedTuple):
    name: str
    text: str
    labels: dict[str, str]
    value: float


def read_gauges(connection: Connection, now: datetime, heard_of: datetime) -> Iterator[Gauge]:
    """`heard_of`: processes unheard of since then are at work no more."""
    yield from _waiting(connection, now)
    yield from _calls(connection, now)
    yield from _people(connection)
    yield from _senders(connection, now)
    yield from _workers(connection, heard_of)


def _waiting(connection: Connection, now: datetime) -> Iterator[Gauge]:
    unread = connection.execute(_UNREAD).one()
    aside, refused = connection.scalar(_SET_ASIDE), connection.scalar(_REFUSED)
    due = list(_due(connection, now))
    unknown, parked = (connection.execute(_open(one)).one() for one in ("unknown", "parked"))
    first = min((one.oldest for one in due if one.oldest is not None), default=None)
    number = sum(one.number for one in due)
    told = (
        ("unread_events", "Events that nobody has read yet.", unread.number),
        (
            "unread_age_seconds",
            "Since when the oldest unread event waits.",
            _age(unread.oldest, now),
        ),
        ("set_aside_events", "Events our own code failed on.", aside),
        ("refused_events", "Events that could not be taken, and nobody has seen to.", refused),
        ("due_messages", "Occurrences and retries whose turn it is.", number),
        ("due_lag_seconds", "For how long the oldest of them has been due.", _age(first, now)),
        ("unknown_messages", "Messages of which nobody knows whether they left.", unknown.number),
        ("unknown_age_seconds", "For how long the oldest of them.", _age(unknown.oldest, now)),
        ("parked_messages", "Messages that wait for a person.", parked.number),
        ("parked_age_seconds", "For how long the oldest of them.", _age(parked.oldest, now)),
    )
    for name, meaning, value in told:
        yield Gauge(f"outreach_{name}", meaning, {}, value)


def _calls(connection: Connection, now: datetime) -> Iterator[Gauge]:
    for one in connection.execute(_CALLS):
        queue, late = {"queue": one.queue}, "outreach_calls_overdue_seconds"
        yield Gauge("outreach_calls", "Calls that people have not ended.", queue, one.number)
        age = _age(one.oldest, now)
        yield Gauge("outreach_calls_age_seconds", "Since when the oldest waits.", queue, age)
        yield Gauge(late, "How late the first is that nobody took.", queue, _age(one.due, now))


def _people(connection: Connection) -> Iterator[Gauge]:
    """What people have stopped, and what waits for them."""
    for scope, by in connection.execute(select(pauses.c.scope, pauses.c.by)):
        labels = {"scope": scope, "by": "fuse" if by == "fuse" else "person"}
        yield Gauge("outreach_paused", "1 for all that is paused.", labels, 1)
    for kind, number in count_standing(connection).items():
        yield Gauge("outreach_alarms", "Alarms that stand.", {"kind": kind}, number)


def _senders(connection: Connection, now: datetime) -> Iterator[Gauge]:
    for name, health in read_unwell(connection).items():
        rests = health.until is not None and health.until > now
        line = {"sender": name.removeprefix(LINE)}
        yield Gauge("outreach_sender_resting", "1 while its breaker is open.", line, float(rests))


def _workers(connection: Connection, heard_of: datetime) -> Iterator[Gauge]:
    newest = select(activations.c.bundle).order_by(activations.c.seq.desc()).limit(1)
    active = connection.scalar(newest)
    found: dict[tuple[str, str], int] = {}
    for role, bundle in connection.execute(
        select(workers.c.role, workers.c.bundle).where(workers.c.seen_at >= heard_of)
    ):
        key = (role, "in_force" if bundle == active else "other")
        found[key] = found.get(key, 0) + 1
    for (role, works_by), number in sorted(found.items()):
        labels = {"queue": role, "configuration": works_by}
        yield Gauge(
            "outreach_workers",
            "Processes heard of in the last minute, in each queue.",
            labels,
            number,
        )


class _Some(NamedTuple):
    number: int
    oldest: datetime | None


def _due(connection: Connection, now: datetime) -> Iterable[_Some]:
    for table, state in (("occurrences", "pending"), ("messages", "planned")):
        for priority in Priority:
            made = _turns(table, f"state = '{state}' AND priority = {priority.value}")
            yield _Some(*connection.execute(made, {"now": now}).one())


def _turns(table: str, waits: str) -> TextualSelect:
    made = text(
        f"SELECT COUNT(*) AS number, MIN(due) AS oldest FROM {table}"  # noqa: S608
        f" WHERE {waits} AND due <= :now"
    ).bindparams(bindparam("now", type_=Moment))
    return made.columns(number=messages.c.attempt.type, oldest=occurrences.c.due.type)


def _open(state: str) -> TextualSelect:
    since = "unknown_at" if state == "unknown" else "updated_at"
    made = text(
        f"SELECT COUNT(*) AS number, MIN(COALESCE({since}, updated_at)) AS oldest FROM messages"  # noqa: S608
        f" WHERE {_OPEN} AND state = '{state}'"
    )
    return made.columns(number=messages.c.attempt.type, oldest=messages.c.updated_at.type)


def _age(oldest: datetime | None, now: datetime) -> float:
    return max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
