"""What becomes of messages and their attempts: rows made, claimed again, settled under a lease?"""
# ruff: noqa: S608 - table and column names come from tables.py, values only as parameters

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, bindparam, text
from sqlalchemy.sql.selectable import TextualSelect

from worker.store.bulk import Insertion, Reading, Update, Values, as_json, recordset
from worker.store.tables import attempts, events, messages
from worker.store.types import Moment

ADD = Insertion(messages, returning=("id",))
ADD_ATTEMPTS = Insertion(attempts)
_PLANNED = (
    "state", "why", "detail", "language", "channels", "channel", "attempt", "claimed_at", "due",
    "lease_owner", "lease_until", "bundle", "updated_at",
)  # fmt: skip
_CLAIM_AGAIN = Update(
    messages,
    by=("id",),
    columns=_PLANNED,
    only="messages.state || '' = 'planned'",
    returning=("id",),
)
_SETTLED = (
    "state", "why", "detail", "channels", "channel", "due", "lease_until", "looks", "look_at",
    "unknown_at", "updated_at",
)  # fmt: skip
_SETTLE = Update(messages, by=("id", "attempt", "lease_owner"), columns=_SETTLED)
_SETTLE_ATTEMPTS = Update(
    attempts,
    by=("message_id", "number", "lease_owner"),
    columns=("state", "finished_at", "provider_ref", "code", "error"),
)
_ATTEMPTS = Reading(
    attempts,
    by=("message_id",),
    columns=(
        "message_id", "number", "channel", "sender", "address_hash", "state", "lease_owner",
        "finished_at", "provider_ref", "code", "error", "trigger", "claimed_at", "cost", "summed",
    ),
)  # fmt: skip
_CAUSES = Reading(events, by=("source", "id"), columns=("source", "id", "data"))


def add_messages(connection: Connection, rows: Iterable[Values]) -> None:
    ADD.run(connection, rows)


def change_planned(connection: Connection, rows: Iterable[Values]) -> set[str]:
    """Claim again, put off or end what waited for its next try; the ids of what still did."""
    return {row.id for row in _CLAIM_AGAIN.run(connection, rows)}


def lock_messages(connection: Connection, ids: Iterable[str]) -> dict[str, Row[Any]]:
    """Whole rows by id, ours until the transaction's end."""
    given = {"rows": as_json([{"id": one} for one in sorted(set(ids))])}
    rows = connection.execute(_locking(connection.dialect.name), given)
    return {row.id: row for row in rows}


def lock_expired_leases(connection: Connection, now: datetime, limit: int) -> Sequence[Row[Any]]:
    """Messages whose worker has not come back in time; never waits for one that just does."""
    given = {"now": now, "limit": limit}
    return connection.execute(_overdue(connection.dialect.name), given).all()


def lock_unknown(connection: Connection, sender: str, limit: int) -> Sequence[Row[Any]]:
    """Unknown messages whose last attempt went by a sender whose name begins so."""
    given = {"sender": f"{sender}%", "limit": limit}
    return connection.execute(_unknown(connection.dialect.name), given).all()


def read_attempts_of(connection: Connection, ids: Iterable[str]) -> dict[str, dict[int, Row[Any]]]:
    """By message and number, all attempts there were, without their texts."""
    found: dict[str, dict[int, Row[Any]]] = {}
    for row in _ATTEMPTS.run(connection, [{"message_id": one} for one in set(ids)]):
        found.setdefault(row.message_id, {})[row.number] = row
    return found


def settle(connection: Connection, rows: Iterable[Values]) -> None:
    """Write what became of messages, each fenced by its attempt and its lease's owner."""
    _SETTLE.run(connection, rows)


def settle_attempts(connection: Connection, rows: Iterable[Values]) -> None:
    _SETTLE_ATTEMPTS.run(connection, rows)


def read_causes(
    connection: Connection, keys: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Any]:
    """The data of the events (source, id) that messages were started by."""
    rows = _CAUSES.run(connection, [{"source": source, "id": id_} for source, id_ in set(keys)])
    return {(row.source, row.id): row.data for row in rows}


def _chosen() -> str:
    return ", ".join(f'messages."{column.name}"' for column in messages.columns)


@cache
def _locking(dialect: str) -> TextualSelect:
    lock = " FOR UPDATE" if dialect == "postgresql" else ""
    given = recordset(dialect, [messages.c.id])
    return text(
        f"SELECT {_chosen()} FROM messages"
        f" WHERE messages.id IN (SELECT given.id FROM {given}) ORDER BY messages.id{lock}"
    ).columns(*messages.columns)


@cache
def _overdue(dialect: str) -> TextualSelect:
    lock = " FOR UPDATE SKIP LOCKED" if dialect == "postgresql" else ""
    made = text(
        f"SELECT {_chosen()} FROM messages WHERE state = 'sending' AND lease_until <= :now"
        f" ORDER BY lease_until LIMIT :limit{lock}"
    )
    return made.bindparams(bindparam("now", type_=Moment)).columns(*messages.columns)


@cache
def _unknown(dialect: str) -> TextualSelect:
    lock = " FOR UPDATE OF messages SKIP LOCKED" if dialect == "postgresql" else ""
    return text(
        f"SELECT {_chosen()} FROM messages, attempts WHERE messages.state = 'unknown'"
        " AND attempts.message_id = messages.id AND attempts.number = messages.attempt"
        f" AND attempts.sender LIKE :sender ORDER BY messages.id LIMIT :limit{lock}"
    ).columns(*messages.columns)
