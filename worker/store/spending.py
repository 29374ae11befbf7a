"""What has been spent lately, by whom, and when does it leave its window?"""
# ruff: noqa: S608 - table and column names are written here, values only as parameters

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from sqlalchemy import Connection, Integer, bindparam, text
from sqlalchemy.sql.selectable import TextualSelect

from worker.lifecycle import CERTAINLY_NOT_SENT
from worker.store.tables import attempts, occurrences
from worker.store.types import Moment

_UNSENT = ", ".join(f"'{state}'" for state in sorted(CERTAINLY_NOT_SENT))
# From one sender to the next by the index: how many attempts each of them has costs nothing.
_SENDERS = (
    "WITH RECURSIVE lines(sender) AS (SELECT MIN(sender) FROM attempts UNION ALL"
    " SELECT (SELECT MIN(attempts.sender) FROM attempts WHERE attempts.sender > lines.sender)"
    " FROM lines WHERE lines.sender IS NOT NULL)"
)
_PAID = (
    " FROM lines JOIN attempts ON attempts.sender = lines.sender"
    " WHERE attempts.claimed_at > :since AND attempts.cost > 0"
    f" AND attempts.state NOT IN ({_UNSENT})"
)
_BY_TRIGGER = text(
    f"{_SENDERS} SELECT attempts.trigger, SUM(attempts.cost){_PAID} GROUP BY attempts.trigger"
).bindparams(bindparam("since", type_=Moment))


class Payment(NamedTuple):
    at: datetime
    amount: Decimal


class Waiting(NamedTuple):
    """So many wait; the first and the last of them lapse then."""

    number: int
    first: datetime | None
    last: datetime | None


def money(amount: float) -> Decimal:
    """Exact again: a price has six decimals at most."""
    return Decimal(str(round(amount, 6)))


def read_spent(connection: Connection, since: datetime) -> dict[str, Decimal]:
    """By trigger, without what certainly was not sent."""
    return {name: money(spent) for name, spent in connection.execute(_BY_TRIGGER, {"since": since})}


def read_oldest(
    connection: Connection, since: datetime, *, trigger: str, most: int
) -> Sequence[Payment]:
    """The payments that leave the window first; `trigger` empty: those of all."""
    given = {"since": since, "trigger": trigger, "most": most}
    rows = connection.execute(_oldest(bool(trigger)), given)
    return [Payment(row.claimed_at, money(row.cost)) for row in rows]


def read_held_back(connection: Connection, reason: str, *, trigger: str, now: datetime) -> Waiting:
    """What waits for this reason, and what has its turn and would; `trigger` empty: of all."""
    given = {"reason": reason, "trigger": trigger, "now": now}
    row = connection.execute(_held_back(bool(trigger)), given).one()
    return Waiting(row.number, row.first, row.last)


@cache
def _oldest(one: bool) -> TextualSelect:
    only = " AND attempts.trigger = :trigger" if one else ""
    made = text(
        f"{_SENDERS} SELECT attempts.claimed_at, attempts.cost{_PAID}{only}"
        " ORDER BY attempts.claimed_at LIMIT :most"
    )
    moments = made.bindparams(bindparam("since", type_=Moment))
    return moments.columns(attempts.c.claimed_at, attempts.c.cost)


@cache
def _held_back(one: bool) -> TextualSelect:
    only = " AND trigger = :trigger" if one else ""
    made = text(
        "SELECT COUNT(*) AS number, MIN(expires) AS first, MAX(expires) AS last FROM occurrences"
        f" WHERE state = 'pending' AND (reason = :reason OR due <= :now){only}"
    ).bindparams(bindparam("now", type_=Moment))
    moment = occurrences.c.expires.type
    return made.columns(number=Integer(), first=moment, last=moment)
