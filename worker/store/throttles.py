"""How full are the rolling windows of paces, queues, rates and fuses?"""
# ruff: noqa: S608 - table and column names are written here, values only as parameters

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import Enum
from functools import cache
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, TextClause, bindparam, text
from sqlalchemy.sql.selectable import TextualSelect

from worker.store.bulk import Insertion, as_json, recordset
from worker.store.direct import ask
from worker.store.tables import messages, tallies, throttles
from worker.store.tallies import Tally
from worker.store.types import Moment

_COUNT_MESSAGES = text(
    'SELECT COUNT(*) FROM messages WHERE "trigger" = :trigger AND claimed_at > :since'
    " AND state <> 'planned' AND attempt > 0"
).bindparams(bindparam("since", type_=Moment))
_MAKE = Insertion(throttles, conflict="(name) DO UPDATE SET name = excluded.name")


class Counted(Enum):
    """What a window counts: table, column that names the subject, moment, and which rows."""

    # a message that waits for its next try has given its place back, and takes one again
    MESSAGES = ("messages", "trigger", "claimed_at", "state <> 'planned' AND attempt > 0")
    HANDOFFS = ("handoffs", "trigger", "created_at", "true")
    QUEUE = ("handoffs", "queue", "created_at", "true")
    ATTEMPTS = ("attempts", "sender", "claimed_at", "state <> 'given_back'")


class Span(NamedTuple):
    """The newest `places` of what was counted for a throttle since a moment, but for the very
    newest `beyond`."""

    name: str
    counted: Counted
    subject: str
    since: datetime
    places: int
    beyond: int = 0


def lock_throttles(connection: Connection, names: Iterable[str]) -> None:
    """Hold the rows of these names, made where they are missing.

    Whoever counts a window and adds to it holds its row, so that no two do so at once.
    """
    wanted = sorted(set(names))
    if not wanted:
        return
    # Whoever held some rows while making others could wait in a circle: where one is missing, none
    # is held by the first statement, and all are made or held by the second, in their order.
    given = {"rows": as_json([{"name": name} for name in wanted]), "all": len(wanted)}
    held = ask(connection, _locking(connection.dialect.name), given)
    if len(held) < len(wanted):
        _MAKE.run(connection, [{"name": name} for name in wanted])


@cache
def _locking(dialect: str) -> TextClause:
    lock = " FOR UPDATE" if dialect == "postgresql" else ""
    given = f"SELECT given.name FROM {recordset(dialect, [throttles.c.name])}"
    return text(
        f"SELECT name FROM throttles WHERE name IN ({given})"
        f" AND (SELECT COUNT(*) FROM throttles WHERE name IN ({given})) = :all"
        f" ORDER BY name{lock}"
    )


def read_spans(connection: Connection, spans: Sequence[Span]) -> dict[str, list[datetime]]:
    """By name, the moments of what its spans count, in no order; one statement for all."""
    found: dict[str, list[datetime]] = {span.name: [] for span in spans}
    if not spans:
        return found
    statement = _spans(tuple(span.counted for span in spans))
    for row in ask(connection, statement, _parameters(spans)):
        found[spans[row.place].name].append(row.at)
    return found


def count_messages(connection: Connection, trigger: str, *, since: datetime) -> int:
    """What a fuse counts of this trigger."""
    given = {"trigger": trigger, "since": since}
    [(found,)] = ask(connection, _COUNT_MESSAGES, given)
    return int(found)


def read_claimed(connection: Connection, triggers: Iterable[str]) -> dict[str, float]:
    """By trigger, how often a message of it was claimed, as far as that is committed."""
    labels = {_claimed(one): one for one in triggers}
    given = {"rows": as_json([{"labels": one} for one in labels])}
    rows = ask(connection, _summing(connection.dialect.name), given) if labels else ()
    return {labels[row.labels]: float(row.value) for row in rows}


def _claimed(trigger: str) -> str:
    """How the decisions of its claims are tallied."""
    said = {"trigger": trigger, "verdict": "claimed", "reason": ""}
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS).decode()


@cache
def _summing(dialect: str) -> TextClause:
    given = recordset(dialect, [tallies.c.labels])
    return text(
        f"SELECT tallies.labels AS labels, SUM(tallies.value) AS value FROM {given}, tallies"
        f" WHERE tallies.name = '{Tally.DECIDED.value.name}' AND tallies.labels = given.labels"
        " GROUP BY tallies.labels"
    )


def _parameters(spans: Sequence[Span]) -> dict[str, object]:
    given: dict[str, object] = {}
    for place, span in enumerate(spans):
        given |= {f"subject{place}": span.subject, f"since{place}": span.since}
        given |= {f"places{place}": span.places, f"beyond{place}": span.beyond}
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
        f" ORDER BY {at} DESC LIMIT :places{place} OFFSET :beyond{place}) AS span{place}"
    )
