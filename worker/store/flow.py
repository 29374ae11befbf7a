"""How much came in, was decided and left, hour by hour? For whoever compares today with other days.

An hour that has ended is counted once and kept in `hours`, so that no page counts a month anew.
"""
# ruff: noqa: S608 - names of tables and columns are written here

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

from sqlalchemy import Connection, TextClause, bindparam, func, select, text

from worker.store.bulk import Insertion
from worker.store.tables import hours
from worker.store.types import Moment

HOUR = timedelta(hours=1)


class What(NamedTuple):
    """Rows of a table, by the moment that counts."""

    table: str
    at: str
    only: str


# each condition is one that an index serves
WHATS: Mapping[str, What] = {
    "came_in": What("events", "received_at", "type NOT LIKE 'outreach.%'"),
    "decided": What("decisions", "at", "true"),
    "sent": What(
        "attempts", "claimed_at", "state IN ('accepted', 'sent', 'delivered', 'undelivered')"
    ),
    "delivered": What("messages", "updated_at", "state = 'delivered'"),
    "answered": What("inbound", "received_at", "true"),
    "handed_over": What("handoffs", "created_at", "true"),
}

_KEEP = Insertion(hours)


def count_hours(
    connection: Connection, *, since: datetime, until: datetime
) -> dict[str, dict[datetime, int]]:
    """What -> hour -> how many, counted from the rows themselves; both ends are whole hours."""
    given = {"since": since, "until": until}
    dialect = connection.dialect.name
    return {
        what: {row.hour: int(row.n) for row in connection.execute(_counting(what, dialect), given)}
        for what in WHATS
    }


def keep_hours(
    connection: Connection,
    counted: Mapping[str, Mapping[datetime, int]],
    span: Iterable[datetime],
) -> None:
    """These hours have ended; one in which nothing was is kept as well, with 0."""
    rows = [
        {"hour": hour, "what": what, "count": found.get(hour, 0)}
        for hour in span
        for what, found in counted.items()
    ]
    _KEEP.run(connection, rows)


def last_kept(connection: Connection) -> datetime | None:
    query = select(func.max(hours.c.hour, type_=hours.c.hour.type))
    found: datetime | None = connection.execute(query).scalar()
    return found


def read_hours(
    connection: Connection, *, since: datetime, until: datetime
) -> dict[str, dict[datetime, int]]:
    """What -> hour -> how many, as they were kept."""
    of = hours.c
    query = select(of.what, of.hour, of.count).where(of.hour >= since, of.hour < until)
    found: dict[str, dict[datetime, int]] = {what: {} for what in WHATS}
    for what, hour, count in connection.execute(query):
        found.setdefault(str(what), {})[hour] = int(count)
    return found


def forget_hours(connection: Connection, *, before: datetime) -> None:
    connection.execute(hours.delete().where(hours.c.hour < before))


@cache
def _counting(what: str, dialect: str) -> TextClause:
    table, at, only = WHATS[what]
    hour = (
        f"substr({at}, 1, 13) || ':00:00.000000Z'"
        if dialect == "sqlite"
        else f"date_trunc('hour', {at})"
    )
    made = text(
        f"SELECT {hour} AS hour, COUNT(*) AS n FROM {table}"
        f" WHERE {at} >= :since AND {at} < :until AND {only} GROUP BY 1"
    ).bindparams(bindparam("since", type_=Moment), bindparam("until", type_=Moment))
    return made.columns(hour=Moment)  # type: ignore[return-value]
