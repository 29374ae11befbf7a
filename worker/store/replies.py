"""What have people written to us, to which of our messages, and is it read?"""
# ruff: noqa: S608 - table and column names come from tables.py, values only as parameters

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, text
from sqlalchemy.sql.selectable import TextualSelect

from worker.lifecycle import CERTAINLY_NOT_SENT, InboundState
from worker.store.addresses import try_to_hold
from worker.store.bulk import Reading, Update, as_json, recordset
from worker.store.tables import attempts, customers, inbound, messages
from worker.store.types import Moment

READER = "0" * 32
"""An address that nobody has: whoever holds it reads alone, so that STOP and START keep order."""

_MARK = Update(
    inbound,
    by=("seq",),
    columns=("state", "meaning", "message_id", "customer_id"),
    only="inbound.state = 'new'",
)
_FORGET = Update(
    inbound,
    by=("seq",),
    columns=("raw",),
    only="inbound.state <> 'new' AND EXISTS (SELECT 1 FROM customers"
    " WHERE customers.id = inbound.customer_id AND customers.erased_at >= inbound.received_at)",
)
_NEW = select(inbound).where(inbound.c.state == InboundState.NEW.value).order_by(inbound.c.seq)
_ERASED = Reading(
    customers,
    by=("id",),
    columns=("id", "erased_at"),
    only="customers.erased_at IS NOT NULL",
)
_HOLDERS = Reading(customers, by=("phone",), columns=("id", "phone", "profile"))


def take_inbound(connection: Connection, limit: int) -> Sequence[Row[Any]]:
    """The oldest that nobody has read; none while another transaction reads."""
    if not try_to_hold(connection, [READER]):
        return ()
    return connection.execute(_NEW.limit(limit)).all()


def mark_inbound(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Of rows taken: seq, state, meaning, message_id, customer_id.

    Of somebody who was erased since they came, only the meaning stays.
    """
    marked = list(rows)
    _MARK.run(connection, marked)
    _FORGET.run(connection, [{"seq": row["seq"], "raw": {}} for row in marked])


def read_written(
    connection: Connection, hashes: Iterable[str], *, since: datetime
) -> dict[str, list[Row[Any]]]:
    """By address, the messages that may have arrived there since, the latest first.

    The message, and the `sender`, `channel`, `address_hash` and `claimed_at` of its attempt.
    """
    given = {"rows": as_json([{"address_hash": one} for one in set(hashes)]), "since": since}
    found: dict[str, list[Row[Any]]] = {}
    for row in connection.execute(_written(connection.dialect.name), given):
        found.setdefault(row.address_hash, []).append(row)
    return found


def read_erased(connection: Connection, ids: Iterable[str]) -> dict[str, datetime]:
    """Those of these customers who were erased, and when."""
    rows = _ERASED.run(connection, [{"id": one} for one in set(ids)])
    return {row.id: row.erased_at for row in rows}


def read_holders(connection: Connection, phones: Iterable[str]) -> dict[str, list[Row[Any]]]:
    """By phone number, the customers who have it: id and profile."""
    found: dict[str, list[Row[Any]]] = {}
    rows = _HOLDERS.run(connection, [{"phone": one} for one in set(phones)])
    for row in sorted(rows, key=lambda one: one.id):
        found.setdefault(row.phone, []).append(row)
    return found


@cache
def _written(dialect: str) -> TextualSelect:
    columns = ("id", "occurrence_id", "trigger", "customer_id", "key", "message", "language",
               "start_source", "start_id", "hops", "bundle")  # fmt: skip
    of_message = [messages.c[name] for name in columns]
    chosen = ", ".join(f'messages."{column.name}"' for column in of_message)
    unsent = ", ".join(f"'{state}'" for state in sorted(CERTAINLY_NOT_SENT))
    given = recordset(dialect, [attempts.c.address_hash])
    return (
        text(
            f"SELECT {chosen}, attempts.sender, attempts.channel, attempts.address_hash,"
            f" attempts.claimed_at FROM {given}, attempts, messages"
            " WHERE attempts.address_hash = given.address_hash"
            f" AND attempts.claimed_at > :since AND attempts.state NOT IN ({unsent})"
            " AND messages.id = attempts.message_id"
            " ORDER BY attempts.claimed_at DESC, attempts.message_id DESC"
        )
        .bindparams(bindparam("since", type_=Moment))
        .columns(
            *of_message,
            attempts.c.sender,
            attempts.c.channel,
            attempts.c.address_hash,
            attempts.c.claimed_at,
        )
    )
