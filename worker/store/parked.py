"""Which messages wait for a person, and what did he decide?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, select, text

from worker.store.bulk import Update, Values
from worker.store.tables import attempts, messages

# Written out, not bound: a partial index serves only a condition it can be held against.
_PARKED = text("messages.state = 'parked'")
_COLUMNS = (
    *(
        messages.c[name]
        for name in ("id", "trigger", "channel", "why", "updated_at", "expires", "attempt")
    ),
    attempts.c.state.label("attempt_state"),
    attempts.c.sender,
)
_DECIDE = Update(
    messages,
    by=("id",),
    columns=("state", "why", "detail", "due", "look_at", "updated_at"),
    only="messages.state = 'parked'",
)
_SETTLE = Update(
    attempts,
    by=("message_id", "number"),
    columns=("state", "finished_at"),
    only="attempts.state = 'unknown'",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which ones; None means any."""

    ids: Collection[str] | None = None
    trigger: str | None = None
    why: str | None = None


def find_parked(
    connection: Connection, wanted: Wanted, *, most: int, after: str = ""
) -> Sequence[Row[Any]]:
    """The next by id, each with the state and the sender of its last attempt, if there is one."""
    named: list[ColumnElement[bool]] = []
    if wanted.ids is not None:
        named.append(messages.c.id.in_(wanted.ids))
    if wanted.trigger is not None:
        named.append(messages.c.trigger == wanted.trigger)
    if wanted.why is not None:
        named.append(messages.c.why == wanted.why)
    last = and_(attempts.c.message_id == messages.c.id, attempts.c.number == messages.c.attempt)
    found = (
        select(*_COLUMNS)
        .select_from(messages.outerjoin(attempts, last))
        .where(_PARKED, messages.c.id > after, *named)
    )
    return connection.execute(found.order_by(messages.c.id).limit(most)).all()


def decide(connection: Connection, rows: Iterable[Values]) -> None:
    """Move what is parked still; its row must be held."""
    _DECIDE.run(connection, rows)


def settle_unknown(connection: Connection, rows: Iterable[Values]) -> None:
    """Say of attempts what nobody had heard: message_id, number, state, finished_at."""
    _SETTLE.run(connection, rows)


def parked_unknown(connection: Connection, sender: str) -> bool:
    """Whether a message of that sender still waits of which nobody knows whether it left."""
    last = and_(attempts.c.message_id == messages.c.id, attempts.c.number == messages.c.attempt)
    found = select(messages.c.id).join(attempts, last)
    wanted = found.where(_PARKED, messages.c.why == "unknown", attempts.c.sender == sender)
    return connection.execute(wanted.limit(1)).first() is not None
