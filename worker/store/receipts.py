"""Which receipts of providers are not yet applied, and which are?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, text
from sqlalchemy.sql.selectable import TextualSelect

from worker.lifecycle import ReceiptState
from worker.store.bulk import Update
from worker.store.tables import receipts

_MARK = Update(receipts, by=("seq",), columns=("state",), only="receipts.state = 'new'")


def take_receipts(connection: Connection, limit: int) -> Sequence[Row[Any]]:
    """The oldest new receipts that nobody else is applying."""
    return connection.execute(_taking(connection.dialect.name), {"limit": limit}).all()


def mark_receipts(connection: Connection, states: Iterable[tuple[int, ReceiptState]]) -> None:
    _MARK.run(connection, [{"seq": seq, "state": state} for seq, state in states])


@cache
def _taking(dialect: str) -> TextualSelect:
    lock = " FOR UPDATE SKIP LOCKED" if dialect == "postgresql" else ""
    return text(
        "SELECT seq, provider, message_id, attempt, status, raw, received_at FROM receipts"  # noqa: S608
        f" WHERE state = 'new' ORDER BY seq LIMIT :limit{lock}"
    ).columns(
        *(
            receipts.c[name]
            for name in ("seq", "provider", "message_id", "attempt", "status", "raw", "received_at")
        )
    )
