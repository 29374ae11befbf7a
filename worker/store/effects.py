"""Who was drawn into which arm of a trigger, and who of them contacted us within his time?

An arm is drawn where the gates ask for it (rule 12): whoever came past it was to be messaged,
whatever became of that later, and whoever was kept back by it was held out. A customer counts once
a trigger, by the first time.
"""
# ruff: noqa: S608 - only our own words go into the statements, values only as parameters

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

from sqlalchemy import Connection, TextClause, bindparam, text

from triggers.counted import Assigned
from worker.store.tables import DRAWN
from worker.store.types import Moment


class Window(NamedTuple):
    """Assignments from `since` to before `until`; contacts are events of type `event`, from after
    a moment until `within` later. Up to `closes` everybody's time is over."""

    since: datetime
    until: datetime
    closes: datetime
    event: str
    within: timedelta
    trigger: str | None = None


def read_assigned(connection: Connection, window: Window) -> list[Assigned]:
    """By trigger and day (UTC)."""
    rows = connection.execute(_assigned(connection.dialect.name), given(window))
    return [
        Assigned(
            trigger=row.trigger,
            day=datetime.fromisoformat(row.day).date(),
            held_out=bool(row.held_out),
            closed=bool(row.closed),
            customers=row.customers,
            contacted=row.contacted,
        )
        for row in rows
    ]


def given(window: Window) -> dict[str, object]:
    seconds = int(window.within.total_seconds())
    return {**window._asdict(), "within": f"{seconds} seconds", "ago": f"-{seconds} seconds"}


def made(sql: str) -> TextClause:
    moments = [name for name in ("since", "until", "closes") if f":{name}" in sql]
    return text(sql).bindparams(*(bindparam(name, type_=Moment) for name in moments))


def moved(dialect: str, moment: str, by: str) -> str:
    """A moment and so many whole seconds, to the microsecond on both databases."""
    if dialect == "postgresql":
        return f"({moment} + CAST(:{by} AS interval))"
    # the fraction is put back as it was: SQLite itself reckons in milliseconds
    whole = f"strftime('%Y-%m-%dT%H:%M:%S', substr({moment}, 1, 19), :{by})"
    return f"({whole} || substr({moment}, 20))"


def day_of(dialect: str, moment: str) -> str:
    if dialect == "postgresql":
        return f"to_char({moment} AT TIME ZONE 'UTC', 'YYYY-MM-DD')"
    return f"substr({moment}, 1, 10)"


def only(column: str) -> str:
    return f"(CAST(:trigger AS text) IS NULL OR {column} = :trigger)"


def contact(dialect: str, customer: str, after: str) -> str:
    """The contacts of that customer in his time; of who is erased none is left."""
    span = f"time > {after} AND time <= {moved(dialect, after, 'within')}"
    return (
        f"SELECT time, data, seq FROM events WHERE events.customer_id = {customer}"
        f" AND {span} AND events.type = :event AND events.state <> 'withdrawn'"
    )


@cache
def _assigned(dialect: str) -> TextClause:
    # While a trigger only pretends, who is held out has no counterpart that is written to.
    return made(
        'WITH shadows AS (SELECT DISTINCT "trigger", bundle FROM decisions'
        f" WHERE verdict = 'shadowed' AND ({DRAWN})),"
        ' drawn AS (SELECT "trigger", customer_id, at, seq,'
        " CASE WHEN verdict = 'held_out' THEN 1 ELSE 0 END AS held_out FROM decisions"
        f" WHERE ({DRAWN}) AND verdict <> 'shadowed' AND at < :until"
        f" AND {only('decisions.trigger')} AND (verdict <> 'held_out' OR (\"trigger\", bundle)"
        ' NOT IN (SELECT "trigger", bundle FROM shadows))),'
        f" firsts AS ({_FIRST[dialect]}),"
        ' counted AS (SELECT "trigger", customer_id, at, held_out,'
        " CASE WHEN at <= :closes THEN 1 ELSE 0 END AS closed FROM firsts WHERE at >= :since),"
        f" contacted AS ({_contacted(dialect, 'events')} AND events.state <> 'withdrawn'"
        f" UNION {_contacted(dialect, 'erased_contacts')})"
        f' SELECT counted."trigger", {day_of(dialect, "counted.at")} AS day, held_out, closed,'
        " COUNT(*) AS customers, COUNT(contacted.customer_id) AS contacted"
        ' FROM counted LEFT JOIN contacted ON contacted."trigger" = counted."trigger"'
        " AND contacted.customer_id = counted.customer_id GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
    )


# One of many rows of a customer: each database has a way of its own that reads them once. Those
# of one moment are of one batch, and so of one arm.
_FIRST = {
    "postgresql": 'SELECT DISTINCT ON ("trigger", customer_id) "trigger", customer_id, at, held_out'
    ' FROM drawn ORDER BY "trigger", customer_id, at, seq',
    "sqlite": 'SELECT "trigger", customer_id, MIN(at) AS at, held_out FROM drawn'
    ' GROUP BY "trigger", customer_id',
}


def _contacted(dialect: str, table: str) -> str:
    end = moved(dialect, "counted.at", "within")
    return (
        f'SELECT counted."trigger", counted.customer_id FROM counted JOIN {table}'
        f" ON {table}.customer_id = counted.customer_id"
        f" AND {table}.time > counted.at AND {table}.time <= {end}"
        f" WHERE counted.closed = 1 AND {table}.type = :event"
    )
