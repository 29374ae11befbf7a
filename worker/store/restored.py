"""What would an old backup send that may have left already?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from worker.lifecycle import MessageState, OccurrenceState
from worker.store.bulk import Reading
from worker.store.tables import attempts, customers, messages, occurrences

OPEN = (
    MessageState.SENDING,
    MessageState.PLANNED,
    MessageState.UNKNOWN,
    MessageState.PARKED,
)
"""Messages that the provider may have without our knowing."""

_ALIKE = Reading(
    attempts, by=("address_hash",), columns=("message_id", "number", "address_hash", "text")
)


def due_portion(
    connection: Connection, *, until: datetime, after: str, limit: int
) -> Sequence[Row[Any]]:
    """Occurrences that wait, whose moment is past, each with its customer's profile, by id."""
    query = (
        select(occurrences, customers.c.profile)
        .join(customers, customers.c.id == occurrences.c.customer_id)
        .where(occurrences.c.state == OccurrenceState.PENDING, occurrences.c.moment <= until)
        .where(occurrences.c.id > after)
        .order_by(occurrences.c.id)
    )
    return connection.execute(query.limit(limit)).all()


def open_attempts(
    connection: Connection, hashes: Iterable[str]
) -> Mapping[str, Sequence[Row[Any]]]:
    """By address, the last attempts of messages of which the provider may know more than we."""
    rows = _ALIKE.run(connection, [{"address_hash": one} for one in set(hashes)])
    last = {(row.message_id, row.number): row for row in rows}
    ids = sorted({row.message_id for row in rows})
    found: dict[str, list[Row[Any]]] = {}
    for start in range(0, len(ids), 500):
        query = select(messages.c.id, messages.c.attempt).where(
            messages.c.id.in_(ids[start : start + 500]), messages.c.state.in_(OPEN)
        )
        for one in connection.execute(query):
            row = last.get((one.id, one.attempt))
            if row is not None:
                found.setdefault(row.address_hash, []).append(row)
    return found
