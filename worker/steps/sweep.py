"""What fell through: calls nobody came back from, and work whose bell was lost?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import structlog
from sqlalchemy import Connection, Engine, Row

from worker.bells import Bell
from worker.channels.base import Accepted
from worker.lifecycle import AttemptState, MessageState
from worker.steps.alarms import end_alarms
from worker.steps.announcing import Hearing
from worker.steps.answers import Move, Silent, Tried, answered
from worker.steps.recording import Settled, record, tried
from worker.store.clock import read_now
from worker.store.engine import in_transaction
from worker.store.messages import (
    lock_expired_leases,
    lock_unknown,
    read_attempts_of,
)
from worker.store.sayings import say
from worker.store.waiting import AHEAD, what_is_left
from worker.store.workers import forget_unseen

log = structlog.get_logger(__name__)

GONE = timedelta(days=1)
"""A process unheard of for this long has ended: each start is another one."""

Key = tuple[str, int]
"""An attempt: its message's id, and its number."""


class Askable(NamedTuple):
    """Senders that can be asked what they took: how their names begin, and how they are asked."""

    sender: str
    taken: Callable[[Connection, Iterable[Key]], frozenset[Key]]


class Swept(NamedTuple):
    """`unknown`: so many calls nobody came back from. `bells`: what is to be rung."""

    unknown: int
    bells: tuple[Bell, ...]


def sweep(
    engine: Engine,
    hearing: Hearing,
    askable: Askable,
    *,
    now: datetime | None = None,
    limit: int = 200,
) -> Swept:
    """End the leases that ran out; say what is left to do. Any number may sweep at once."""

    def work(connection: Connection) -> Swept:
        moment = now or read_now(connection)
        overdue = lock_expired_leases(connection, moment, limit)
        unheard = lock_unknown(connection, askable.sender, limit)
        settled = _settled(connection, [*overdue, *unheard], askable, moment)
        record(connection, settled, hearing, now=moment)
        for one in settled:
            which, state = {"message_id": one.message.id}, one.move.message.value
            say(connection, log, "lease_ended", **which, state=state, sender=one.attempt.sender)
        forget_unseen(connection, since=moment - GONE)
        end_alarms(connection, now=moment)
        unknown = [one for one in settled if one.move.message is MessageState.UNKNOWN]
        bells = _bells(connection, moment, more=limit in (len(overdue), len(unheard)))
        return Swept(len(unknown), bells)

    swept = in_transaction(engine, work)
    if swept.unknown:
        log.error("calls_without_answer", count=swept.unknown)
    return swept


def _settled(
    connection: Connection, messages: Sequence[Row[Any]], askable: Askable, now: datetime
) -> list[Settled]:
    attempts = read_attempts_of(connection, [one.id for one in messages])
    last = {one.id: attempts[one.id][one.attempt] for one in messages}
    asked = {
        (id_, one.number) for id_, one in last.items() if one.sender.startswith(askable.sender)
    }
    taken = askable.taken(connection, asked)
    answers = {id_: (id_, number) in taken for id_, number in asked}
    return [
        Settled(one, last[one.id], _move(tried(one, attempts[one.id]), answers.get(one.id), now))
        for one in messages
    ]


def _move(stands: Tried, taken: bool | None, now: datetime) -> Move:
    """Where nobody can be asked whether it was `taken`, nobody knows how far the call came.

    Even a call that never began is unknown: from here it looks like one that did.
    """
    if taken is None:
        return answered(stands, Silent(), now)
    if taken:
        return answered(stands, Accepted(None), now)
    if now >= stands.expires:
        expired = MessageState.EXPIRED
        return Move(expired, AttemptState.ABSENT, stands.channels, why="lease_ran_out")
    return Move(MessageState.PLANNED, AttemptState.ABSENT, stands.channels, now, "lease_ran_out")


def _bells(connection: Connection, now: datetime, *, more: bool) -> tuple[Bell, ...]:
    # who hears of a claim before its time sets an alarm clock
    left = what_is_left(connection, now, ahead=AHEAD)
    wanted = {
        Bell.EVALUATE: left.events,
        Bell.CLAIM: left.due,
        Bell.RECEIVE: left.receipts,
        Bell.ANSWER: left.replies,
        Bell.RECOMPUTE: left.activations,
        Bell.TELL: left.callbacks,
        Bell.SWEEP: more,
        Bell.RECONCILE: left.unknown,
    }
    return tuple(bell for bell, ring in wanted.items() if ring)
