"""What is there to do that nobody was told of, and when is something due again?"""
# ruff: noqa: S608 - table names and states are written here

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, text

from triggers.clock import UTC
from triggers.definitions import Priority
from worker.store.direct import ask, later
from worker.store.tables import occurrences
from worker.store.types import Moment

AHEAD = timedelta(seconds=10)
"""So far ahead alarm clocks are set: twice as far as from one sweep to the next."""

_WAITING = tuple(
    f"FROM {table} WHERE state = '{state}' AND priority = {priority.value} AND due <= :until"
    for table, state in (("occurrences", "pending"), ("messages", "planned"))
    for priority in Priority
)
# one step of the index for each priority of both
_SOONEST = (
    text(
        "SELECT MIN(due) AS due FROM ("
        + " UNION ALL ".join(
            f"SELECT (SELECT due {one} ORDER BY due LIMIT 1) AS due" for one in _WAITING
        )
        + ") AS soonest"
    )
    .bindparams(bindparam("until", type_=Moment))
    .columns(occurrences.c.due)
)
_DUE = " OR ".join(f"EXISTS (SELECT 1 {one})" for one in _WAITING)
_LEFT = text(
    "SELECT EXISTS (SELECT 1 FROM events WHERE state = 'new') AS events,"
    " EXISTS (SELECT 1 FROM receipts WHERE state = 'new') AS receipts,"
    " EXISTS (SELECT 1 FROM inbound WHERE state = 'new') AS replies,"
    " EXISTS (SELECT 1 FROM activations WHERE recomputed_at IS NULL) AS activations,"
    " EXISTS (SELECT 1 FROM callbacks WHERE state = 'waiting') AS callbacks,"
    " EXISTS (SELECT 1 FROM messages WHERE state = 'unknown' AND look_at IS NULL)"
    " OR EXISTS (SELECT 1 FROM messages WHERE state = 'unknown' AND look_at <= :now) AS unknown,"
    f" {_DUE} AS due"
).bindparams(bindparam("now", type_=Moment), bindparam("until", type_=Moment))


class Soonest(NamedTuple):
    """When the first is due of what waits, seen now; None: nothing is for as long as we look."""

    now: datetime
    due: datetime | None


class Left(NamedTuple):
    events: bool
    receipts: bool
    replies: bool
    activations: bool
    callbacks: bool
    unknown: bool
    due: bool


def what_is_left(connection: Connection, now: datetime, *, ahead: timedelta = timedelta()) -> Left:
    """What will be due that soon is left to be claimed, too."""
    [row] = ask(connection, _LEFT, {"now": now, "until": now + ahead})
    return Left(*map(bool, row))


def next_due(connection: Connection, until: datetime) -> datetime | None:
    """When the first is due of what waits to be claimed; None: nothing is until then."""
    return _due(ask(connection, _SOONEST, {"until": until}))


def ask_soonest(connection: Connection, now: datetime) -> Callable[[], Soonest]:
    """Asked with what is asked next, or with the end of the transaction."""
    asked = later(connection, _SOONEST, {"until": now + AHEAD})
    return lambda: Soonest(now, _due(asked.rows()))


def _due(rows: Sequence[Any]) -> datetime | None:
    [row] = rows
    return row.due.astimezone(UTC) if row.due else None
