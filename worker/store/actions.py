"""Who of us did what, and what came of it? Kept for ever, with nothing personal in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from worker.store.tables import actions


def note_action(
    connection: Connection,
    action: str,
    target: Mapping[str, Any],
    *,
    by: str,
    now: datetime,
    result: Mapping[str, Any] | None = None,
) -> None:
    """In the transaction that does it: what is on record was done, and the other way round."""
    row = {"at": now, "by": by, "action": action, "target": target, "result": result or {}}
    connection.execute(actions.insert().values(row))


def last_actions(connection: Connection, *, most: int) -> Sequence[Row[Any]]:
    """The newest first."""
    return connection.execute(select(actions).order_by(actions.c.seq.desc()).limit(most)).all()


def actions_before(connection: Connection, seq: int | None, *, most: int) -> Sequence[Row[Any]]:
    """The newest first; with `seq`, those that were done before it."""
    query = select(actions).order_by(actions.c.seq.desc()).limit(most)
    if seq is not None:
        query = query.where(actions.c.seq < seq)
    return connection.execute(query).all()
