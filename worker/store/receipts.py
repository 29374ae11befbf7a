"""Which receipts of providers are not yet applied, and which are?"""
# ruff: noqa: S608 - states are written here

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, text
from sqlalchemy.sql.selectable import TextualSelect

from worker.lifecycle import AttemptState, MessageState, ReceiptState
from worker.store.bulk import Update
from worker.store.tables import receipts


def _known(states: Iterable[str]) -> str:
    return ", ".join(f"'{one}'" for one in sorted(states))


# What a later version has moved where we know of nothing is left to it, and holds up nobody else.
_OURS = (
    "NOT EXISTS (SELECT 1 FROM messages WHERE messages.id = receipts.message_id"
    f" AND messages.state NOT IN ({_known(MessageState)}))"
    " AND NOT EXISTS (SELECT 1 FROM attempts WHERE attempts.message_id = receipts.message_id"
    f" AND attempts.state NOT IN ({_known(AttemptState)}))"
)


class _Marking(Update):
    """In the same statement, of somebody who was erased since, only what is counted stays."""

    def sql(self, dialect: str) -> str:
        empty = "CAST('{}' AS jsonb)" if dialect == "postgresql" else "'{}'"
        erased = (
            "EXISTS (SELECT 1 FROM messages JOIN customers ON customers.id = messages.customer_id"
            " WHERE messages.id = receipts.message_id"
            " AND customers.erased_at >= messages.claimed_at)"
        )
        kept = f", raw = CASE WHEN {erased} THEN {empty} ELSE receipts.raw END FROM "
        return super().sql(dialect).replace(" FROM ", kept, 1)


_MARK = _Marking(receipts, by=("seq",), columns=("state",), only="receipts.state = 'new'")


def take_receipts(connection: Connection, limit: int) -> Sequence[Row[Any]]:
    """The oldest new receipts that nobody else is applying, of what this version knows."""
    return connection.execute(_taking(connection.dialect.name), {"limit": limit}).all()


def mark_receipts(connection: Connection, states: Iterable[tuple[int, ReceiptState]]) -> None:
    """Of somebody who was erased since they came, only what is counted stays."""
    _MARK.run(connection, [{"seq": seq, "state": state} for seq, state in states])


@cache
def _taking(dialect: str) -> TextualSelect:
    lock = " FOR UPDATE OF receipts SKIP LOCKED" if dialect == "postgresql" else ""
    return text(
        "SELECT seq, provider, message_id, attempt, status, raw, received_at FROM receipts"
        f" WHERE state = 'new' AND {_OURS} ORDER BY seq LIMIT :limit{lock}"
    ).columns(
        *(
            receipts.c[name]
            for name in ("seq", "provider", "message_id", "attempt", "status", "raw", "received_at")
        )
    )
