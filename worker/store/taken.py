"""Which messages has a provider just taken, that are still as their claim has left them?

Nothing is read first: who has moved one of them meanwhile is seen by what is not changed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from worker.lifecycle import AttemptState, MessageState, Overtaken, move
from worker.store.bulk import Update
from worker.store.tables import attempts, messages

_TAKE = Update(
    messages,
    by=("id", "attempt", "lease_owner"),
    columns=("state", "why", "detail", "due", "lease_until", "look_at", "updated_at"),
    # so written that each is found by its id: by those that are being sent, every one would be
    # compared with all of these
    only="messages.state || '' = 'sending'",
    returning=(
        "id",
        "trigger",
        "customer_id",
        "key",
        "message",
        "start_source",
        "start_id",
        "hops",
    ),
    same=("state", "updated_at"),
)
_TAKE_ATTEMPTS = Update(
    attempts,
    by=("message_id", "number", "lease_owner"),
    columns=("state", "finished_at", "provider_ref"),
    only="attempts.state = 'sending'"
    " AND attempts.finished_at IS NULL AND attempts.provider_ref IS NULL",
    returning=("message_id",),
    same=("state", "finished_at"),
)


class Taking(NamedTuple):
    """Which attempt of which message, under whose lease, and the provider's name for it."""

    message_id: str
    attempt: int
    owner: str
    ref: str | None


class Taken(NamedTuple):
    """A message as it was before; who asks for its attempt knows that."""

    id: str
    trigger: str
    customer_id: str
    key: str
    message: str
    start_source: str
    start_id: str
    hops: int
    state: MessageState = MessageState.SENDING


def take(connection: Connection, some: Iterable[Taking], now: datetime) -> Sequence[Taken]:
    """All of these, in the order of their ids; Overtaken if one was not to be had."""
    # in one order: of two who take the same ones, neither has what the other waits for
    ordered = sorted(some)
    state = move(MessageState.SENDING, MessageState.ACCEPTED)
    mine = [
        {"id": one.message_id, "attempt": one.attempt, "lease_owner": one.owner} for one in ordered
    ]
    taken: Sequence[Any] = _TAKE.run(connection, mine, {"state": state, "updated_at": now})
    calls = [
        {
            "message_id": one.message_id,
            "number": one.attempt,
            "lease_owner": one.owner,
            "provider_ref": one.ref,
        }
        for one in ordered
    ]
    ended = move(AttemptState.SENDING, AttemptState.ACCEPTED)
    told: Sequence[Any] = _TAKE_ATTEMPTS.run(
        connection, calls, {"state": ended, "finished_at": now}
    )
    missing = len(ordered) - min(len(taken), len(told))
    if missing:
        raise Overtaken(missing)
    return sorted(Taken(*row) for row in taken)
