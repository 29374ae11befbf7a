"""Which systems are still to be told of which events, and when is it tried again?"""
# ruff: noqa: S608 - table and column names come from tables.py, values only as parameters

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, text
from sqlalchemy.sql.selectable import TextualSelect

from worker.lifecycle import CallbackState
from worker.store.bulk import Insertion, Values
from worker.store.tables import callbacks
from worker.store.types import Moment

_ADD = Insertion(callbacks)


def add_callbacks(connection: Connection, rows: Iterable[Values]) -> None:
    """One for an event and a subscription, whoever asks again."""
    _ADD.run(connection, rows)


def lease_callbacks(
    connection: Connection, *, now: datetime, until: datetime, most: int
) -> Sequence[Row[Any]]:
    """Those that are due and nobody else is telling, ours until then; each counts a try."""
    given = {"now": now, "most": most}
    rows = connection.execute(_due(connection.dialect.name), given).all()
    ids = [row.id for row in rows]
    leased = callbacks.update().where(callbacks.c.id.in_(ids))
    terms = {"lease_until": until, "tries": callbacks.c.tries + 1, "updated_at": now}
    connection.execute(leased.values(**terms))
    return connection.execute(select(callbacks).where(callbacks.c.id.in_(ids))).all()


def settle_callback(connection: Connection, seen: Row[Any], changed: Values) -> bool:
    """Whether it was still ours: a try that came back too late says nothing any more."""
    mine = callbacks.update().where(
        callbacks.c.id == seen.id,
        callbacks.c.tries == seen.tries,
        callbacks.c.state == CallbackState.WAITING.value,
    )
    return connection.execute(mine.values(lease_until=None, **changed)).rowcount == 1


@cache
def _due(dialect: str) -> TextualSelect:
    lock = " FOR UPDATE SKIP LOCKED" if dialect == "postgresql" else ""
    made = text(
        "SELECT id FROM callbacks WHERE state = 'waiting' AND due <= :now"
        f" AND (lease_until IS NULL OR lease_until <= :now) ORDER BY due LIMIT :most{lock}"
    )
    return made.bindparams(bindparam("now", type_=Moment)).columns(callbacks.c.id)
