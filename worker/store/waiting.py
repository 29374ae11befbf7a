"""Is there anything to read, to claim, to apply or to answer that nobody was told of?"""
# ruff: noqa: S608 - table names and states are written here

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, text

from triggers.definitions import Priority
from worker.store.direct import ask
from worker.store.types import Moment

_DUE = " OR ".join(
    f"EXISTS (SELECT 1 FROM {table} WHERE state = '{state}'"
    f" AND priority = {priority.value} AND due <= :now)"
    for table, state in (("occurrences", "pending"), ("messages", "planned"))
    for priority in Priority
)
_IS_DUE = text(f"SELECT {_DUE} AS due").bindparams(bindparam("now", type_=Moment))
_LEFT = text(
    "SELECT EXISTS (SELECT 1 FROM events WHERE state = 'new') AS events,"
    " EXISTS (SELECT 1 FROM receipts WHERE state = 'new') AS receipts,"
    " EXISTS (SELECT 1 FROM inbound WHERE state = 'new') AS replies,"
    f" {_DUE} AS due"
).bindparams(bindparam("now", type_=Moment))


class Left(NamedTuple):
    events: bool
    receipts: bool
    replies: bool
    due: bool


def what_is_left(connection: Connection, now: datetime) -> Left:
    [row] = ask(connection, _LEFT, {"now": now})
    return Left(bool(row.events), bool(row.receipts), bool(row.replies), bool(row.due))


def is_anything_due(connection: Connection, now: datetime) -> bool:
    [row] = ask(connection, _IS_DUE, {"now": now})
    return bool(row.due)
