"""What has been spent lately, by whom, and when does it leave its window?

Of a window the hours are added up, then the minutes before the first of them, and what was paid in
the minute it begins in, payment by payment: so the sum is exact and costs what its hours cost.
"""
# ruff: noqa: S608 - table and column names are written here, values only as parameters

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from heapq import nsmallest
from typing import NamedTuple

from sqlalchemy import BigInteger, Connection, Integer, Text, bindparam, text
from sqlalchemy.sql.selectable import TextualSelect

from worker.lifecycle import CERTAINLY_NOT_SENT
from worker.store.payments import HOUR, MINUTE, MINUTES_KEPT, SPANS, begin_of, millionths, money
from worker.store.tables import attempts, occurrences
from worker.store.types import Moment

_UNSENT = ", ".join(f"'{state}'" for state in sorted(CERTAINLY_NOT_SENT))
_PAID = f"attempts.cost > 0 AND attempts.state NOT IN ({_UNSENT})"
_COSTS = "CAST(ROUND(attempts.cost * 1000000) AS BIGINT)"
# From one sender to the next by the index: how many attempts each of them has costs nothing.
_SENDERS = (
    "WITH RECURSIVE lines(sender) AS (SELECT MIN(sender) FROM attempts UNION ALL"
    " SELECT (SELECT MIN(attempts.sender) FROM attempts WHERE attempts.sender > lines.sender)"
    " FROM lines WHERE lines.sender IS NOT NULL)"
)
_MOMENTS = ("since", "whole", "hour")
_BY_TRIGGER = (
    text(
        f"{_SENDERS} SELECT paid.name AS name, CAST(SUM(paid.amount) AS BIGINT) AS amount FROM ("
        'SELECT "trigger" AS name, amount FROM payments'
        f" WHERE span = {SPANS[HOUR]} AND start >= :hour"
        f' UNION ALL SELECT "trigger", amount FROM payments'
        f" WHERE span = {SPANS[MINUTE]} AND start >= :whole AND start < :hour"
        f" UNION ALL SELECT attempts.trigger, {_COSTS} FROM lines"
        " JOIN attempts ON attempts.sender = lines.sender WHERE attempts.claimed_at > :since"
        f" AND attempts.claimed_at < :whole AND attempts.summed IS NOT NULL AND {_PAID}"
        # what was paid while nothing was limited, and by a version that did not add it up
        f" UNION ALL SELECT attempts.trigger, {_COSTS} FROM attempts"
        f" WHERE attempts.claimed_at > :since AND attempts.summed IS NULL AND {_PAID}"
        ") AS paid GROUP BY paid.name"
    )
    .bindparams(*(bindparam(name, type_=Moment) for name in _MOMENTS))
    .columns(name=Text, amount=BigInteger)
)
_AT_ONCE = 100


class Payment(NamedTuple):
    at: datetime
    amount: Decimal


class Waiting(NamedTuple):
    """So many wait; the first and the last of them lapse then."""

    number: int
    first: datetime | None
    last: datetime | None


def read_spent(connection: Connection, since: datetime, *, now: datetime) -> dict[str, Decimal]:
    """By trigger, without what certainly was not sent."""
    whole = begin_of(since, MINUTE) + MINUTE
    hour = begin_of(since, HOUR) + HOUR
    if since < now - MINUTES_KEPT:
        whole = hour
    given = {"since": since, "whole": whole, "hour": hour}
    return {row.name: money(row.amount) for row in connection.execute(_BY_TRIGGER, given)}


def read_oldest(
    connection: Connection, since: datetime, *, triggers: Iterable[str], most: int
) -> Sequence[Payment]:
    """The payments of these triggers that leave the window first."""
    names = sorted(triggers)
    found: list[Payment] = []
    for start in range(0, len(names), _AT_ONCE):
        some = {f"trigger{place}": one for place, one in enumerate(names[start : start + _AT_ONCE])}
        rows = connection.execute(_oldest(len(some)), {"since": since, "most": most, **some})
        found += (Payment(row.claimed_at, money(millionths(row.cost))) for row in rows)
    return nsmallest(most, found)


def read_held_back(connection: Connection, reason: str, *, trigger: str, now: datetime) -> Waiting:
    """What waits for this reason, and what has its turn and would; `trigger` empty: of all."""
    given = {"reason": reason, "trigger": trigger, "now": now}
    row = connection.execute(_held_back(bool(trigger)), given).one()
    return Waiting(row.number, row.first, row.last)


@cache
def _oldest(number: int) -> TextualSelect:
    # one walk of an index for each trigger: none reads a window to find where it begins
    walks = " UNION ALL ".join(
        f"SELECT * FROM (SELECT claimed_at, cost FROM attempts"
        f' WHERE "trigger" = :trigger{place} AND claimed_at > :since AND {_PAID}'
        f" ORDER BY claimed_at LIMIT :most) AS walk{place}"
        for place in range(number)
    )
    moments = text(walks).bindparams(bindparam("since", type_=Moment))
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
