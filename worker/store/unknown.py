"""Which messages does nobody know the fate of, and whose turn is it to ask their provider?"""
# ruff: noqa: S608 - table and column names come from tables.py, values only as parameters

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, text
from sqlalchemy.sql.selectable import TextualSelect

from worker.lifecycle import AttemptState
from worker.store.bulk import Update, Values
from worker.store.tables import attempts, messages
from worker.store.types import Moment

_PUT_OFF = Update(
    messages,
    by=("id", "attempt"),
    columns=("looks", "look_at"),
    only="messages.state = 'unknown'",
)
_COLUMNS = (
    messages.c.id, messages.c.attempt, messages.c.looks, messages.c.unknown_at,
    messages.c.updated_at, attempts.c.channel, attempts.c.sender, attempts.c.address,
    attempts.c.address_hash, attempts.c.text, attempts.c.claimed_at,
)  # fmt: skip


def take_looks(
    connection: Connection, now: datetime, until: datetime, limit: int
) -> Sequence[Row[Any]]:
    """Unknown messages whose provider is to be asked now, each with its last attempt.

    Nobody else is given them before `until`, so that one is asked for them, and once.
    """
    taken = connection.execute(_taking(connection.dialect.name), {"now": now, "limit": limit}).all()
    put_off_looks(
        connection,
        (
            {"id": one.id, "attempt": one.attempt, "looks": one.looks, "look_at": until}
            for one in taken
        ),
    )
    return taken


def put_off_looks(connection: Connection, rows: Iterable[Values]) -> None:
    """Rows of id, attempt, looks and look_at; one that is unknown no longer stays as it is."""
    _PUT_OFF.run(connection, rows)


def count_alike(connection: Connection, address_hash: str, words: str) -> int:
    """Attempts of these words to this address of which nobody has heard yet."""
    unheard = (AttemptState.UNKNOWN, AttemptState.SENDING)
    query = select(func.count()).where(
        attempts.c.address_hash == address_hash,
        attempts.c.text == words,
        attempts.c.state.in_(unheard),
    )
    return int(connection.scalar(query) or 0)


@cache
def _taking(dialect: str) -> TextualSelect:
    lock = " FOR UPDATE OF messages SKIP LOCKED" if dialect == "postgresql" else ""
    chosen = ", ".join(f'{column.table.name}."{column.name}"' for column in _COLUMNS)
    # one without a moment was written by a version that knew of none
    made = text(
        f"SELECT {chosen} FROM messages, attempts WHERE messages.state = 'unknown'"
        " AND (messages.look_at IS NULL OR messages.look_at <= :now)"
        " AND attempts.message_id = messages.id AND attempts.number = messages.attempt"
        f" ORDER BY messages.look_at, messages.id LIMIT :limit{lock}"
    )
    return made.bindparams(bindparam("now", type_=Moment)).columns(*_COLUMNS)
