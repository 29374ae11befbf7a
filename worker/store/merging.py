"""Which ids are one person's, and how do the rows of one become the other's?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, case, select

from worker.lifecycle import MessageState, OccurrenceState
from worker.store.bulk import Insertion, Reading, Update, Values
from worker.store.tables import (
    answers,
    attempts,
    customer_history,
    customers,
    decisions,
    events,
    facts,
    handoffs,
    inbound,
    messages,
    occurrences,
)

_FORMER = Reading(
    customers,
    by=("merged_into",),
    columns=("id", "merged_into"),
    only="customers.merged_into IS NOT NULL",
)
_ADD = Insertion(occurrences, returning=("id",))
_MOVE = Update(occurrences, by=("id",), columns=("customer_id", "key"))
_UNDECIDED = (OccurrenceState.PENDING.value, OccurrenceState.CALLED_OFF.value)
_NAMED = (events, customer_history, inbound, answers, attempts, messages, handoffs, decisions)
_KEYED = (messages, handoffs, decisions)


def survivor_of(connection: Connection, id_: str) -> str:
    """The id that is left of whoever had this one; most often the same."""
    query = select(customers.c.merged_into).where(customers.c.id == id_)
    return connection.scalar(query) or id_


def former_of(connection: Connection, ids: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """The ids that each of these had before, of those that had any."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in _FORMER.run(connection, [{"merged_into": one} for one in set(ids)]):
        found[row.merged_into].append(row.id)
    return {id_: tuple(sorted(those)) for id_, those in found.items()}


def point_to(connection: Connection, old: str, into: str, *, now: datetime) -> None:
    """Whoever has been merged into the old one is the new one's, too: no alias has an alias."""
    theirs = (customers.c.id == old) | (customers.c.merged_into == old)
    nothing: dict[str, Any] = {"profile": {}, "field_orders": {}, "phone": None, "email": None}
    made = customers.update().where(theirs)
    connection.execute(made.values(**nothing, merged_into=into, updated_at=now))


def facts_of(connection: Connection, customer: str) -> Sequence[Row[Any]]:
    return connection.execute(select(facts).where(facts.c.customer_id == customer)).all()


def move_rows(
    connection: Connection, old: str, into: str, *, by_customer: Collection[str]
) -> dict[str, int]:
    """By table, so many rows are the other id's now; `by_customer`: triggers whose key it is."""
    for table in _KEYED:
        own = (table.c.customer_id == old) & (table.c.key == old)
        named = table.c.trigger.in_(by_customer)
        connection.execute(table.update().where(own, named).values(key=into))
    moved = {str(table.name): _move(connection, table, old, into) for table in _NAMED}
    key = case(((facts.c.path == "customer") & (facts.c.key == old), into), else_=facts.c.key)
    return moved | {"facts": _move(connection, facts, old, into, key=key)}


def _move(connection: Connection, table: Table, old: str, into: str, **more: Any) -> int:
    made = table.update().where(table.c.customer_id == old)
    return connection.execute(made.values(customer_id=into, **more)).rowcount


def take_undecided(connection: Connection, customer: str) -> Sequence[Row[Any]]:
    """Occurrences that wait or may wait again: gone from the table, to be written anew."""
    his = occurrences.c.customer_id == customer
    made = occurrences.delete().where(his, occurrences.c.state.in_(_UNDECIDED))
    return connection.execute(made.returning(*occurrences.columns)).all()


def put_undecided(connection: Connection, rows: Iterable[Values]) -> set[str]:
    """The ids of those whose epoch nobody had; a row that stands already stays as it is."""
    return {row.id for row in _ADD.run(connection, rows)}


def occurrences_of(connection: Connection, customer: str) -> Sequence[Row[Any]]:
    query = select(occurrences).where(occurrences.c.customer_id == customer)
    return connection.execute(query).all()


def move_occurrences(connection: Connection, rows: Iterable[Values]) -> None:
    """Rows of id, customer_id, key."""
    _MOVE.run(connection, rows)


def messages_of(connection: Connection, customer: str) -> Sequence[str]:
    return connection.scalars(select(messages.c.id).where(messages.c.customer_id == customer)).all()


def call_off_message(
    connection: Connection, id_: str, state: MessageState, why: str, *, now: datetime
) -> None:
    """Of one that is held."""
    ended = {"state": state, "why": why, "due": None, "updated_at": now}
    connection.execute(messages.update().where(messages.c.id == id_).values(**ended))


def keep_erasure(connection: Connection, old: str, into: str) -> None:
    """What came before either was erased is still to be forgotten."""
    query = select(customers.c.erased_at).where(customers.c.id.in_([old, into]))
    moments = [one for one in connection.scalars(query) if one is not None]
    if moments:
        made = customers.update().where(customers.c.id == into)
        connection.execute(made.values(erased_at=max(moments)))


def places_of(connection: Connection, ids: Iterable[str]) -> Mapping[str, str | None]:
    """Of those that have a row: into whom each is merged."""
    query = select(customers.c.id, customers.c.merged_into).where(customers.c.id.in_(list(ids)))
    return {row.id: row.merged_into for row in connection.execute(query)}
