"""Whose turn is it, and is it still, once the customer is ours?"""
# ruff: noqa: S608 - table and column names come from tables.py, values only as parameters

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, TextClause, bindparam, text
from sqlalchemy.sql.selectable import TextualSelect

from triggers.definitions import Priority
from worker.store.bulk import Insertion, Reading, Update, Values, as_json, recordset
from worker.store.direct import ask
from worker.store.occurrences import STILL_PENDING
from worker.store.tables import attempts, messages, occurrences, spent
from worker.store.types import Moment

# States are written out, not bound: a partial index serves only a condition it can be held against.
_WAITS = {"occurrences": "state = 'pending'", "messages": "state = 'planned'"}


MONTHS = 32
"""So many forms of a statement are kept: of each span of months there is one."""

WITHIN = "{within}"
"""Where `unread_span` says when all that is unread came in."""


def _nothing_unread(customer: str) -> str:
    # asked of one customer at a time: NOT EXISTS would be joined, and all that is unread, which
    # was little when the plan was made, compared with each of them
    unread = f"(events.state = 'new' OR events.state = 'set_aside'){WITHIN}"
    of = f"(SELECT 1 FROM events WHERE events.customer_id = {{whom}} AND {unread} LIMIT 1)"
    former = of.replace("{whom}", "former.id")
    return (
        f"{of.replace('{whom}', customer)} IS NULL"
        # what came for an id he had before, and nobody has handed on yet
        f" AND (SELECT 1 FROM customers AS former WHERE former.merged_into = {customer}"
        f" AND {former} IS NOT NULL LIMIT 1) IS NULL"
    )


NOTHING_UNREAD = _nothing_unread("customers.id")
"""Of a customer who is to be held."""

PROVIDERS = ("email", "mailgun", "twilio")
"""Whoever sends receipts: named, so that a message's are found by their unique key."""

# What a provider has told of a message, and nobody has read yet, may be that it has it.
_NOTHING_HEARD = (
    "(SELECT 1 FROM receipts WHERE receipts.message_id = messages.id"
    f" AND receipts.provider IN {PROVIDERS}"
    " AND receipts.state || '' = 'new' LIMIT 1) IS NULL"
)
_DECIDE = Update(
    occurrences,
    by=("id",),
    columns=("state", "reason", "detail", "due", "updated_at"),
    only=STILL_PENDING,
    returning=("id",),
)
SPEND = Insertion(spent)
_ATTEMPTS = Reading(attempts, by=("message_id", "number"))


class Candidate(NamedTuple):
    """What may be due: read without a lock, so that it is only a hint."""

    id: str
    customer: str
    retry: bool


def read_candidates(
    connection: Connection, now: datetime, limit: int, *, ready: bool = False, within: str = ""
) -> list[Candidate]:
    """Due occurrences and retries, by priority and moment due.

    `ready`: only those of customers with nothing unread; asking that of each is what costs.
    """
    rows = ask(connection, _candidates(ready, within), {"now": now, "limit": limit})
    return [Candidate(row.id, row.customer_id, bool(row.retry)) for row in rows]


def read_waiting(
    connection: Connection, ids: Iterable[str], within: str = ""
) -> Sequence[Row[Any]]:
    """Occurrences that still wait, of customers who still have nothing unread."""
    return _of_these(connection, ids, _waiting(connection.dialect.name, within))


def lock_retries(
    connection: Connection, ids: Iterable[str], within: str = ""
) -> Sequence[Row[Any]]:
    """Messages still to be tried again, of which, and of whose customers, nothing is unread."""
    return _of_these(connection, ids, _retrying(connection.dialect.name, within))


def _of_these(
    connection: Connection, ids: Iterable[str], statement: TextualSelect
) -> Sequence[Row[Any]]:
    wanted = [{"id": one} for one in ids]
    return ask(connection, statement, {"rows": as_json(wanted)}) if wanted else ()


def read_attempts(
    connection: Connection, numbers: Iterable[tuple[str, int]]
) -> dict[str, Row[Any]]:
    """By message id, the attempt of that number."""
    keys = [{"message_id": message, "number": number} for message, number in numbers]
    return {row.message_id: row for row in _ATTEMPTS.run(connection, keys)}


def change_occurrences(connection: Connection, rows: Iterable[Values]) -> set[str]:
    """Write what the gates said: id, state, reason, detail, due; the ids of what still waited."""
    return {row.id for row in _DECIDE.run(connection, rows)}


def spend(connection: Connection, rows: Iterable[Values]) -> None:
    """Use up epochs for ever."""
    SPEND.run(connection, rows)


@lru_cache(MONTHS)
def _candidates(ready: bool, within: str) -> TextClause:
    # One ordered walk of an index for each priority: no sorting of all that is due.
    walks = " UNION ALL ".join(
        f"SELECT * FROM ({_walk(table, priority, ready)}) AS {table}_{priority.name.lower()}"
        for table in _WAITS
        for priority in Priority
    )
    return text(
        f"SELECT id, customer_id, retry FROM ({walks.format(within=within)}) AS candidates"
        " ORDER BY priority, due, id LIMIT :limit"
    ).bindparams(bindparam("now", type_=Moment))


def _walk(table: str, priority: Priority, ready: bool) -> str:
    heard = f" AND {_NOTHING_HEARD}" if table == "messages" else ""
    only = f" AND {_nothing_unread(f'{table}.customer_id')}{heard}" if ready else ""
    return (
        f"SELECT id, customer_id, priority, due, {int(table == 'messages')} AS retry FROM {table}"
        f" WHERE {_WAITS[table]} AND priority = {priority.value} AND due <= :now{only}"
        " ORDER BY due, id LIMIT :limit"
    )


@lru_cache(MONTHS)
def _waiting(dialect: str, within: str) -> TextualSelect:
    chosen = ", ".join(f'occurrences."{column.name}"' for column in occurrences.columns)
    given = recordset(dialect, [occurrences.c.id])
    ready = _nothing_unread("occurrences.customer_id").format(within=within)
    return text(
        f"SELECT {chosen} FROM {given}, occurrences WHERE occurrences.id = given.id"
        f" AND {STILL_PENDING} AND {ready}"
    ).columns(*occurrences.columns)


@lru_cache(MONTHS)
def _retrying(dialect: str, within: str) -> TextualSelect:
    lock = " FOR UPDATE OF messages SKIP LOCKED" if dialect == "postgresql" else ""
    chosen = ", ".join(f'messages."{column.name}"' for column in messages.columns)
    given = recordset(dialect, [messages.c.id])
    ready = _nothing_unread("messages.customer_id").format(within=within)
    return text(
        f"SELECT {chosen} FROM messages WHERE messages.id IN (SELECT given.id FROM {given})"
        f" AND messages.state || '' = 'planned' AND {ready}"
        f" AND {_NOTHING_HEARD}"
        f" ORDER BY messages.id{lock}"
    ).columns(*messages.columns)
