"""What is paused, by whom and since when; and what waits only because of it?"""
# ruff: noqa: S608 - table names and states are written here

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Text, bindparam, column, delete, select, text
from sqlalchemy.sql.selectable import TextualSelect

from triggers.definitions import Priority
from worker.store.bulk import Insertion, Update
from worker.store.tables import messages, occurrences, pauses
from worker.store.types import Moment

_ADD = Insertion(pauses, returning=("scope",))
# States are written out, not bound: a partial index serves only a condition it can be held against.
_WAITS = {
    "occurrences": "state = 'pending' AND reason = 'paused'",
    "messages": "state = 'planned' AND why = 'paused'",
}
_WAKE = {
    name: Update(table, by=("id",), columns=("due", "updated_at"), only=_WAITS[name])
    for name, table in (("occurrences", occurrences), ("messages", messages))
}
WALKS = tuple((table, priority) for table in _WAITS for priority in Priority)
"""What is due is indexed by table and priority, so that is how it is walked."""


class Sleeper(NamedTuple):
    """What a pause has put off until `due`, seen without a lock. `scope` None: not on record."""

    id: str
    customer: str
    due: datetime
    scope: str | None


def read_paused(connection: Connection) -> Sequence[Row[Any]]:
    """Scope, by, why and at of each pause, the oldest first."""
    return connection.execute(select(pauses).order_by(pauses.c.at, pauses.c.scope)).all()


def add_pauses(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """The scopes that were not paused before; the others stay as they were."""
    return sorted(row.scope for row in _ADD.run(connection, rows))


def remove_pauses(connection: Connection, scopes: Collection[str]) -> list[str]:
    """The scopes that were paused until now."""
    gone = delete(pauses).where(pauses.c.scope.in_(scopes)).returning(pauses.c.scope)
    return sorted(connection.scalars(gone))


def sleepers(
    connection: Connection,
    walk: tuple[str, Priority],
    *,
    after: tuple[datetime, str],
    until: datetime,
    most: int,
) -> list[Sleeper]:
    """The next of one walk that a pause has put off, after (due, id), due no later than `until`."""
    table, priority = walk
    given = {"due": after[0], "id": after[1], "until": until, "most": most}
    rows = connection.execute(_walk(table, priority), given)
    return [Sleeper(row.id, row.customer_id, row.due, row.scope) for row in rows]


def wake(connection: Connection, table: str, ids: Iterable[str], *, now: datetime) -> None:
    """Ask these again at once, where a pause is still what put them off."""
    _WAKE[table].run(connection, [{"id": one, "due": now, "updated_at": now} for one in ids])


@cache
def _walk(table: str, priority: Priority) -> TextualSelect:
    source = messages if table == "messages" else occurrences
    # only an occurrence's row has room for the scope
    scope = "NULL" if table == "messages" else "detail"
    made = text(
        f"SELECT id, customer_id, due, {scope} AS scope FROM {table} WHERE {_WAITS[table]}"
        f" AND priority = {priority.value} AND (due, id) > (:due, :id) AND due <= :until"
        " ORDER BY due, id LIMIT :most"
    ).bindparams(bindparam("due", type_=Moment), bindparam("until", type_=Moment))
    return made.columns(source.c.id, source.c.customer_id, source.c.due, column("scope", Text))
