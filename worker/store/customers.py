"""Whose rows are they: who is known, whom do we hold, and what do we know of him?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Column, Connection, Integer, text
from sqlalchemy.sql.selectable import TextualSelect

from worker.store.bulk import Insertion, Reading, Update, as_json, recordset
from worker.store.direct import ask
from worker.store.tables import customer_history, customers


@dataclass(frozen=True, slots=True)
class Held:
    """A customer whose row this transaction has locked."""

    id: str
    profile: Mapping[str, Any]
    field_orders: Mapping[str, list[str]]


_REGISTER = Insertion(customers)
_SAVE = Update(
    customers,
    by=("id",),
    columns=("profile", "field_orders", "phone", "email", "updated_at"),
)
_HISTORY = Insertion(customer_history)
_LOOK_UP = Reading(customers, by=("id",), columns=("id", "profile", "field_orders"))


def register(connection: Connection, ids: Iterable[str], *, now: datetime) -> None:
    """Make a row for each customer that has none: what is locked must stand first."""
    blank = {"profile": {}, "field_orders": {}, "updated_at": now}
    _REGISTER.run(connection, [{"id": one, **blank} for one in set(ids)])


def hold(
    connection: Connection, ids: Sequence[str], *, most: int, only: str = "true"
) -> dict[str, Held]:
    """Lock the first `most` of these customers that nobody else holds. Never waits.

    Who is merged into another is nobody any more, and held by nobody. `only`: a condition of SQL,
    by which others are left alone.
    """
    if not ids:
        return {}
    wanted = [{"id": one, "position": position} for position, one in enumerate(ids)]
    statement = _holding(connection.dialect.name, only)
    rows = ask(connection, statement, {"rows": as_json(wanted), "most": most})
    return {row.id: Held(row.id, row.profile, row.field_orders) for row in rows}


def look_up(connection: Connection, ids: Iterable[str]) -> dict[str, Held]:
    """What is known of these customers, none of them locked; who is not known has no profile."""
    rows = _LOOK_UP.run(connection, [{"id": one} for one in set(ids)])
    found = {row.id: Held(row.id, row.profile, row.field_orders) for row in rows}
    return {one: found.get(one) or Held(one, {}, {}) for one in ids}


def save_profiles(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Of customers held: id, profile, field_orders, phone, email, updated_at."""
    _SAVE.run(connection, rows)


def write_history(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    _HISTORY.run(connection, rows)


@cache
def _holding(dialect: str, only: str) -> TextualSelect:
    given = recordset(dialect, [customers.c.id, Column("position", Integer)])
    lock = " FOR UPDATE OF customers SKIP LOCKED" if dialect == "postgresql" else ""
    # by position, not sorted by id: who skips what is locked waits for nobody
    return text(
        "SELECT customers.id, customers.profile, customers.field_orders"  # noqa: S608
        f" FROM {given}, customers WHERE customers.id = given.id AND customers.merged_into IS NULL"
        f" AND {only}"
        f" ORDER BY given.position LIMIT :most{lock}"
    ).columns(customers.c.id, customers.c.profile, customers.c.field_orders)
