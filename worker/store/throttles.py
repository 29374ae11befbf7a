"""How full are the rolling windows of paces, queues, rates and fuses, and which sender rests?"""
# ruff: noqa: S608 - table and column names are written here, values only as parameters

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import Enum
from functools import cache
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, text
from sqlalchemy.sql.selectable import TextualSelect

from worker.store.bulk import Insertion, as_json, recordset
from worker.store.tables import messages, throttles
from worker.store.types import Moment

_MAKE = Insertion(throttles)
_BREAK = Insertion(
    throttles,
    conflict="(name) DO UPDATE SET broken_until = excluded.broken_until, why = excluded.why",
)


class Counted(Enum):
    """What a window counts: table, column that names the subject, moment, and which rows."""

    # a message that waits for its next try has given its place back, and takes one again
    MESSAGES = ("messages", "trigger", "claimed_at", "state <> 'planned' AND attempt > 0")
    HANDOFFS = ("handoffs", "trigger", "created_at", "true")
    QUEUE = ("handoffs", "queue", "created_at", "true")
    ATTEMPTS = ("attempts", "sender", "claimed_at", "state <> 'given_back'")


class Span(NamedTuple):
    """Of a throttle's newest `places` claims since a moment, the `most` oldest ones."""

    name: str
    counted: Counted
    subject: str
    since: datetime
    places: int
    most: int


def lock_throttles(connection: Connection, names: Iterable[str]) -> dict[str, datetime]:
    """Hold the rows of these names, made where they are missing; until when any sender rests.

    Whoever counts a window and adds to it holds its row, so that no two do so at once.
    """
    wanted = sorted(set(names))
    if not wanted:
        return {}
    found = _lock(connection, wanted)
    missing = [name for name in wanted if name not in found]
    if missing:
        _MAKE.run(connection, [{"name": name} for name in missing])
        found = _lock(connection, wanted)
    return {name: until for name, until in found.items() if until is not None}


def _lock(connection: Connection, names: Sequence[str]) -> dict[str, datetime | None]:
    given = {"rows": as_json([{"name": name} for name in names])}
    rows = connection.execute(_locking(connection.dialect.name), given)
    return {row.name: row.broken_until for row in rows}


@cache
def _locking(dialect: str) -> TextualSelect:
    lock = " FOR UPDATE" if dialect == "postgresql" else ""
    given = recordset(dialect, [throttles.c.name])
    return text(
        "SELECT throttles.name, throttles.broken_until FROM throttles"
        f" WHERE throttles.name IN (SELECT given.name FROM {given}) ORDER BY throttles.name{lock}"
    ).columns(throttles.c.name, throttles.c.broken_until)


def read_spans(connection: Connection, spans: Sequence[Span]) -> dict[str, list[datetime]]:
    """By name, the moments of each span's claims, in no order; one statement for all of them."""
    found: dict[str, list[datetime]] = {span.name: [] for span in spans}
    if not spans:
        return found
    statement = _spans(tuple(span.counted for span in spans))
    for row in connection.execute(statement, _parameters(spans)):
        found[spans[row.place].name].append(row.at)
    return found


def _parameters(spans: Sequence[Span]) -> dict[str, object]:
    given: dict[str, object] = {}
    for place, span in enumerate(spans):
        most = min(span.most, span.places)
        given |= {f"subject{place}": span.subject, f"since{place}": span.since}
        given |= {f"most{place}": most, f"skip{place}": span.places - most}
    return given


@cache
def _spans(counted: tuple[Counted, ...]) -> TextualSelect:
    parts = [_span(place, *one.value) for place, one in enumerate(counted)]
    moments = (bindparam(f"since{place}", type_=Moment) for place in range(len(counted)))
    made = text(" UNION ALL ".join(parts)).bindparams(*moments)
    return made.columns(place=throttles.c.name.type, at=messages.c.claimed_at.type)


def _span(place: int, table: str, subject: str, at: str, only: str) -> str:
    return (
        f"SELECT * FROM (SELECT {place} AS place, {at} AS at FROM {table}"
        f" WHERE {subject} = :subject{place} AND {at} > :since{place} AND {only}"
        f" ORDER BY {at} DESC LIMIT :most{place} OFFSET :skip{place}) AS span{place}"
    )


def break_sender(connection: Connection, names: Iterable[str], until: datetime, why: str) -> None:
    rows = [{"name": name, "broken_until": until, "why": why} for name in set(names)]
    _BREAK.run(connection, rows)
