"""How are the moves of many messages written together, and what do we tell of them?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from worker.lifecycle import (
    CERTAINLY_NOT_SENT,
    AttemptState,
    MessageState,
    is_final,
    move,
)
from worker.retrying import FIRST_LOOK
from worker.steps.announcing import Announcement, Hearing, News, announce
from worker.steps.answers import Move, Tried
from worker.store.messages import settle, settle_attempts
from worker.store.payments import pay
from worker.store.stretches import Beginning, read_beginnings
from worker.store.tallies import Tally, count, observe

Attempts = Mapping[int, Row[Any]]

_TOLD = {
    MessageState.ACCEPTED: (News.SENT,),
    MessageState.SENT: (News.SENT,),
    MessageState.DELIVERED: (News.SENT, News.DELIVERED),
    MessageState.FAILED: (News.FAILED,),
    MessageState.EXPIRED: (News.FAILED,),
}


@dataclass(frozen=True, slots=True)
class Settled:
    """A locked message and one of its attempts, as they were, and where they go."""

    message: Any
    attempt: Any
    move: Move
    ref: str | None = None
    code: str | None = None
    detail: str | None = None
    cause: Mapping[str, Any] | None = None
    began: Beginning | None = None
    """Since when it could have left; None: the store knows."""


def tried(message: Row[Any], attempts: Attempts) -> Tried:
    """The message as an answer sees it: failures count for the channel they happened on."""
    failed = (
        one
        for one in attempts.values()
        if one.state == AttemptState.TRY_LATER and one.channel == message.channel
    )
    return Tried(message.id, tuple(message.channels), sum(1 for _ in failed), message.expires)


def record(
    connection: Connection, settled: Sequence[Settled], hearing: Hearing, *, now: datetime
) -> bool:
    """Write all of it, each move checked; whether a trigger has something to read."""
    settle(connection, [_message_row(one, now) for one in settled if _moves(one)])
    rows = [_attempt_row(one, now) for one in settled]
    settle_attempts(connection, rows)
    _pay(connection, settled, rows)
    _count(connection, settled, rows, now)
    return announce(connection, _news(settled), hearing, now=now)


def record_taken(
    connection: Connection, settled: Sequence[Settled], hearing: Hearing, *, now: datetime
) -> bool:
    """What `record` writes besides of messages that are taken already."""
    _count(connection, settled, [{"state": AttemptState.ACCEPTED}] * len(settled), now)
    return announce(connection, _news(settled), hearing, now=now)


def _pay(
    connection: Connection, settled: Sequence[Settled], rows: Sequence[Mapping[str, Any]]
) -> None:
    """What certainly was not sent has cost nothing; what was after all, has."""
    for one, row in zip(settled, rows, strict=True):
        paid = one.attempt
        before, after = (state in CERTAINLY_NOT_SENT for state in (paid.state, row["state"]))
        if paid.summed and paid.cost and before is not after:
            pay(connection, paid.trigger, paid.claimed_at, -paid.cost if after else paid.cost)


def _count(
    connection: Connection,
    settled: Sequence[Settled],
    rows: Sequence[Mapping[str, Any]],
    now: datetime,
) -> None:
    """What came of the calls, and how long those took that a provider has just taken."""
    ended = Counter(
        (one.attempt.channel, one.attempt.sender, str(row["state"]))
        for one, row in zip(settled, rows, strict=True)
        if row["state"] is not AttemptState(one.attempt.state)
    )
    for (channel, sender, outcome), often in ended.items():
        said = {"channel": channel, "sender": sender, "outcome": outcome}
        count(connection, Tally.ATTEMPTS, often, **said)
    taken = [
        one
        for one in settled
        if MessageState(one.message.state) is MessageState.SENDING
        and one.move.message in {MessageState.ACCEPTED, MessageState.SENT, MessageState.DELIVERED}
    ]
    known = [one.began for one in taken if one.began]
    others = [one.message.id for one in taken if not one.began]
    for since, waited in (*known, *read_beginnings(connection, others)):
        seconds = max(0.0, (now - since).total_seconds())
        observe(connection, Tally.DELAY, seconds, waited="yes" if waited else "no")


def _moves(one: Settled) -> bool:
    return MessageState(one.message.state) is not one.move.message


def _message_row(one: Settled, now: datetime) -> dict[str, Any]:
    state = move(MessageState(one.message.state), one.move.message)
    return {
        "id": one.message.id,
        "attempt": one.message.attempt,
        "lease_owner": one.message.lease_owner,
        "state": state,
        "why": one.move.why,
        "detail": one.code,
        "channels": one.move.channels,
        "channel": one.move.channels[0],
        "due": one.move.due,
        "lease_until": None,
        **_looks(one.message, state, now),
        "updated_at": now,
    }


def _looks(message: Row[Any], state: MessageState, now: datetime) -> dict[str, Any]:
    """What has just become unknown is soon asked for; what is known is asked for no more."""
    if state is MessageState.UNKNOWN:
        return {"looks": 0, "look_at": now + FIRST_LOOK, "unknown_at": now}
    return {"looks": message.looks, "look_at": None, "unknown_at": message.unknown_at}


def _attempt_row(one: Settled, now: datetime) -> dict[str, Any]:
    old = AttemptState(one.attempt.state)
    new = one.move.attempt
    return {
        "message_id": one.attempt.message_id,
        "number": one.attempt.number,
        "lease_owner": one.attempt.lease_owner,
        "state": old if old is new or is_final(old) else move(old, new),
        "finished_at": one.attempt.finished_at or now,
        "provider_ref": one.attempt.provider_ref or one.ref,
        "code": one.code or one.attempt.code,
        "error": one.detail or one.attempt.error,
    }


def _news(settled: Iterable[Settled]) -> Iterator[Announcement]:
    for one in settled:
        if _moves(one):
            for news in _TOLD.get(one.move.message, ()):
                yield announcement(one.message, news, one)


def announcement(message: Row[Any], news: News, one: Settled) -> Announcement:
    said = {"message": message.message, "channel": one.attempt.channel}
    if news is News.FAILED:
        said["reason"] = one.move.why or news.value
    return Announcement(
        news=news,
        message_id=message.id,
        customer=message.customer_id,
        trigger=message.trigger,
        key=message.key,
        start=(message.start_source, message.start_id),
        hops=message.hops,
        said=said,
        cause=one.cause,
    )
