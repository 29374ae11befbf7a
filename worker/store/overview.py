"""What has become of everything lately, and why? For people who look on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, and_, func, select

from worker.store.tables import attempts, events, messages, occurrences


def read_counts(connection: Connection) -> dict[str, int]:
    """Events by state."""
    query = select(events.c.state, func.count()).group_by(events.c.state)
    return {str(state): int(count) for state, count in connection.execute(query)}


def read_latest(connection: Connection, *, most: int) -> Sequence[Any]:
    """The occurrences that changed last, each with its message's state and words."""
    last = and_(attempts.c.message_id == messages.c.id, attempts.c.number == messages.c.attempt)
    query = (
        select(
            occurrences.c.trigger,
            occurrences.c.customer_id,
            occurrences.c.state,
            occurrences.c.reason,
            occurrences.c.detail,
            occurrences.c.due,
            occurrences.c.updated_at,
            messages.c.state.label("message_state"),
            messages.c.channel,
            messages.c.why,
            attempts.c.address,
            attempts.c.text,
        )
        .outerjoin(messages, messages.c.occurrence_id == occurrences.c.id)
        .outerjoin(attempts, last)
        .order_by(occurrences.c.updated_at.desc(), occurrences.c.id)
        .limit(most)
    )
    found: Sequence[Any] = connection.execute(query).all()
    return found
