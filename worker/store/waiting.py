"""Is there anything to read, to claim, to apply or to answer that nobody was told of?"""
# ruff: noqa: S608 - table names and states are written here

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, text

from triggers.definitions import Priority
from worker.store.types import Moment

_EVENTS = text("SELECT EXISTS (SELECT 1 FROM events WHERE state = 'new')")
_RECEIPTS = text("SELECT EXISTS (SELECT 1 FROM receipts WHERE state = 'new')")
_REPLIES = text("SELECT EXISTS (SELECT 1 FROM inbound WHERE state = 'new')")
_DUE = text(
    "SELECT "
    + " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} WHERE state = '{state}'"
        f" AND priority = {priority.value} AND due <= :now)"
        for table, state in (("occurrences", "pending"), ("messages", "planned"))
        for priority in Priority
    )
).bindparams(bindparam("now", type_=Moment))


class Left(NamedTuple):
    events: bool
    receipts: bool
    replies: bool
    due: bool


def what_is_left(connection: Connection, now: datetime) -> Left:
    return Left(
        events=bool(connection.scalar(_EVENTS)),
        receipts=bool(connection.scalar(_RECEIPTS)),
        replies=bool(connection.scalar(_REPLIES)),
        due=is_anything_due(connection, now),
    )


def is_anything_due(connection: Connection, now: datetime) -> bool:
    return bool(connection.scalar(_DUE, {"now": now}))
