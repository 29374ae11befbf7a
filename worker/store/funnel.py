"""What became of what a trigger started in these days: decided, sent, arrived, followed, called?

Each number is read by an index on the trigger and a time, so that it costs what these days hold.
"""
# ruff: noqa: S608 - only our own words go into the statements, values only as parameters

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, TextClause, bindparam, text

from worker.store.effects import moved
from worker.store.overview import GONE_OUT
from worker.store.tables import occurrences
from worker.store.types import Moment

_LEFT = ", ".join(f"'{state}'" for state in sorted(GONE_OUT))
_DECIDED = text(
    "SELECT verdict, reason, COUNT(*) AS number FROM decisions"
    ' WHERE "trigger" = :trigger AND at >= :since GROUP BY verdict, reason'
    " ORDER BY number DESC, verdict, reason"
).bindparams(bindparam("since", type_=Moment))
_STATES = text(
    'SELECT state, COUNT(*) AS number FROM messages WHERE "trigger" = :trigger'
    " AND claimed_at >= :since GROUP BY state ORDER BY number DESC, state"
).bindparams(bindparam("since", type_=Moment))
_WAITING = text(
    "SELECT reason, COUNT(*) AS number, MIN(due) AS next FROM occurrences"
    " WHERE state = 'pending' AND \"trigger\" = :trigger GROUP BY reason"
    " ORDER BY number DESC, reason"
).columns(occurrences.c.reason, next=Moment)
_PENDING = text(
    "SELECT id, customer_id, key, due, expires, reason, detail FROM occurrences"
    " WHERE state = 'pending' AND \"trigger\" = :trigger ORDER BY due, id LIMIT :most"
).columns(due=Moment, expires=Moment)


class Window(NamedTuple):
    """What happened from `since` on. Contacts are events of type `event`, within so many seconds
    after a message; `most` messages are looked at for what came after them, the newest."""

    trigger: str
    since: datetime
    event: str
    seconds: int
    most: int


class Reached(NamedTuple):
    """Of the newest `messages` that left, so many arrived, had a link opened, were answered, and
    the customers of so many contacted us all the same."""

    messages: int
    delivered: int
    clicked: int
    answered: int
    called: int


def read_decided(connection: Connection, window: Window) -> Sequence[Any]:
    """verdict, reason, number: the most frequent first."""
    given = {"trigger": window.trigger, "since": window.since}
    found: Sequence[Any] = connection.execute(_DECIDED, given).all()
    return found


def read_states(connection: Connection, window: Window) -> Mapping[str, int]:
    """How many messages stand in each state, of those written in these days."""
    given = {"trigger": window.trigger, "since": window.since}
    return {str(row.state): int(row.number) for row in connection.execute(_STATES, given)}


def read_reached(connection: Connection, window: Window) -> Reached:
    within = {"within": f"{window.seconds} seconds", "ago": f"-{window.seconds} seconds"}
    row = connection.execute(_reached(connection.dialect.name), {**window._asdict(), **within})
    return Reached(*(int(number or 0) for number in row.one()))


def read_waiting(connection: Connection, trigger: str) -> Sequence[Any]:
    """reason, number, next: `reason` None waits for its moment, the others were put off."""
    found: Sequence[Any] = connection.execute(_WAITING, {"trigger": trigger}).all()
    return found


def read_pending(connection: Connection, trigger: str, *, most: int) -> Sequence[Any]:
    """Those whose moment comes first."""
    found: Sequence[Any] = connection.execute(_PENDING, {"trigger": trigger, "most": most}).all()
    return found


def count_waiting(connection: Connection, triggers: Collection[str]) -> Mapping[str, int]:
    query = text(
        'SELECT "trigger", COUNT(*) AS number FROM occurrences'
        ' WHERE state = \'pending\' AND "trigger" IN :triggers GROUP BY "trigger"'
    ).bindparams(bindparam("triggers", expanding=True))
    rows = connection.execute(query, {"triggers": sorted(triggers)})
    return {str(row.trigger): int(row.number) for row in rows}


def count_messages(
    connection: Connection, triggers: Collection[str], *, since: datetime
) -> Mapping[str, int]:
    """Messages by trigger, whatever became of them."""
    query = text(
        'SELECT "trigger", COUNT(*) AS number FROM messages'
        ' WHERE "trigger" IN :triggers AND claimed_at >= :since GROUP BY "trigger"'
    ).bindparams(bindparam("triggers", expanding=True), bindparam("since", type_=Moment))
    rows = connection.execute(query, {"triggers": sorted(triggers), "since": since})
    return {str(row.trigger): int(row.number) for row in rows}


@cache
def _reached(dialect: str) -> TextClause:
    ends = moved(dialect, "left_.at", "within")
    return text(
        "WITH left_ AS (SELECT id, customer_id, claimed_at AS at, state FROM messages"
        ' WHERE "trigger" = :trigger AND claimed_at >= :since'
        f" AND state IN ({_LEFT})"
        " ORDER BY claimed_at DESC LIMIT :most)"
        " SELECT COUNT(*), SUM(CASE WHEN state = 'delivered' THEN 1 ELSE 0 END),"
        " SUM(CASE WHEN EXISTS (SELECT 1 FROM clicks WHERE clicks.message_id = left_.id"
        " AND clicks.\"by\" = 'person') THEN 1 ELSE 0 END),"
        " SUM(CASE WHEN EXISTS (SELECT 1 FROM inbound WHERE inbound.customer_id"
        " = left_.customer_id AND inbound.message_id = left_.id) THEN 1 ELSE 0 END),"
        " SUM(CASE WHEN EXISTS (SELECT 1 FROM events WHERE events.customer_id = left_.customer_id"
        f" AND events.time > left_.at AND events.time <= {ends}"
        " AND events.type = :event AND events.state <> 'withdrawn') THEN 1 ELSE 0 END)"
        " FROM left_"
    ).bindparams(bindparam("since", type_=Moment))
