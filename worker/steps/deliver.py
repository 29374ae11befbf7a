"""How do claimed letters reach their providers, and how is each answer kept?"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

import structlog
from sqlalchemy import Connection, Engine, Row
from sqlalchemy.exc import DBAPIError

from worker.channels.base import (
    Accepted,
    Channel,
    ChannelError,
    Misconfigured,
    Refused,
    Uncertain,
)
from worker.lifecycle import AttemptState, MessageState, may_move
from worker.steps.announcing import Hearing
from worker.steps.answers import Answer, GivenBack, Move, answered
from worker.steps.leases import ClaimedLetter
from worker.steps.marks import Mark, remember
from worker.steps.recording import Attempts, Settled, record, tried
from worker.steps.senders import Heard, keep_health
from worker.store.addresses import Address
from worker.store.clock import read_now
from worker.store.engine import in_transaction
from worker.store.messages import lock_messages, read_attempts_of
from worker.store.sayings import say

log = structlog.get_logger(__name__)

RECORD_AGAIN = (0.1, 0.5, 2.0, 5.0)
"""Seconds between tries to write down answers that a lost database would make us forget."""


GATHERED = timedelta(milliseconds=10)
"""So long an answer waits for others, while others are to come: they are written together."""


def unheeded(_seconds: float) -> None: ...


@dataclass(frozen=True, slots=True)
class DeliverParts:
    """`channels` by sender; `pool` has a thread for each letter that may be on its way at once.

    `ended` is told of every call that is over, and how many seconds it took.
    """

    channels: Mapping[str, Channel]
    pool: Executor
    hearing: Hearing
    monotonic: Callable[[], float] = time.monotonic
    ended: Callable[[float], None] = unheeded


class Answered(NamedTuple):
    claimed: ClaimedLetter
    answer: Answer


class Delivered(NamedTuple):
    """So many attempts by what became of them; `heard`: our own triggers have something to read.

    `due`: something is to be claimed again at once.
    """

    attempts: Counter[AttemptState]
    heard: bool
    due: bool


def deliver(
    engine: Engine,
    letters: Sequence[ClaimedLetter],
    parts: DeliverParts,
    *,
    now: datetime | None = None,
) -> Delivered:
    """Hand every letter over, no transaction open meanwhile; write answers down as they come."""
    answers: SimpleQueue[Answered] = SimpleQueue()
    for one in letters:
        parts.pool.submit(_call, one, parts, answers)
    unwritten: list[Answered] = []
    total, left = Delivered(Counter(), heard=False, due=False), len(letters)
    while left:
        fresh = _gathered(answers, left)
        unwritten += fresh
        left -= len(fresh)
        try:
            total = _together(total, _write(engine, unwritten, parts, now))
            unwritten = []
        except DBAPIError as error:
            log.warning("answers_not_written", count=len(unwritten), error=type(error).__name__)
    return _together(total, _write_at_last(engine, unwritten, parts, now))


def _gathered(answers: SimpleQueue[Answered], most: int) -> list[Answered]:
    """The next answer, and those that come with it."""
    found = [answers.get()]
    end = time.monotonic() + GATHERED.total_seconds()
    while len(found) < most:
        try:
            found.append(answers.get(timeout=max(0.0, end - time.monotonic())))
        except Empty:
            break
    return found


def _call(claimed: ClaimedLetter, parts: DeliverParts, answers: SimpleQueue[Answered]) -> None:
    begun = time.monotonic()
    try:
        answers.put(_answer(claimed, parts))
    finally:
        parts.ended(time.monotonic() - begun)


def _answer(claimed: ClaimedLetter, parts: DeliverParts) -> Answered:
    channel = parts.channels.get(claimed.sender)
    if channel is None:
        return Answered(claimed, Misconfigured("no_channel", "this worker has no such channel"))
    if parts.monotonic() > claimed.deadline:
        return Answered(claimed, GivenBack())
    try:
        return Answered(claimed, channel.send(claimed.letter))
    except ChannelError as error:
        return Answered(claimed, error)
    except Exception as error:
        # Our own mistake, at a moment nobody knows: the provider may have it.
        log.exception("channel_failed", channel=channel.name, message_id=claimed.letter.message_id)
        return Answered(claimed, Uncertain("our_error", type(error).__name__))


def _write(
    engine: Engine, answers: Sequence[Answered], parts: DeliverParts, now: datetime | None
) -> Delivered:
    return in_transaction(engine, lambda connection: _record(connection, answers, parts, now))


def _write_at_last(
    engine: Engine, answers: Sequence[Answered], parts: DeliverParts, now: datetime | None
) -> Delivered:
    """Once more and again; what cannot be written is unknown when its lease has run out."""
    for seconds in RECORD_AGAIN if answers else ():
        try:
            return _write(engine, answers, parts, now)
        except DBAPIError:
            threading.Event().wait(seconds)
    if answers:
        return _write(engine, answers, parts, now)
    return Delivered(Counter(), heard=False, due=False)


def _together(one: Delivered, other: Delivered) -> Delivered:
    return Delivered(one.attempts + other.attempts, one.heard or other.heard, one.due or other.due)


def _record(
    connection: Connection,
    answers: Sequence[Answered],
    parts: DeliverParts,
    now: datetime | None,
) -> Delivered:
    moment = now or read_now(connection)
    ids = [one.claimed.letter.message_id for one in answers]
    refused = remember(connection, _marks(answers), parts.hearing, now=moment)
    messages = lock_messages(connection, ids)
    attempts = read_attempts_of(connection, ids)
    settled = list(_settled(answers, messages, attempts, moment))
    heard = record(connection, settled, parts.hearing, now=moment) or refused
    _say(connection, settled, {one.claimed.letter.message_id: one.claimed for one in answers})
    # last, as whoever claims holds messages before senders
    keep_health(connection, [_heard(one) for one in answers], now=moment)
    due = any(one.move.due is not None and one.move.due <= moment for one in settled)
    return Delivered(Counter(one.move.attempt for one in settled), heard, due)


def _say(
    connection: Connection, settled: Iterable[Settled], claimed: Mapping[str, ClaimedLetter]
) -> None:
    for one in settled:
        tried = one.attempt
        say(
            connection,
            log,
            "attempt_ended",
            message_id=one.message.id,
            attempt=tried.number,
            customer=claimed[one.message.id].customer,
            trigger=one.message.trigger,
            channel=tried.channel,
            sender=tried.sender,
            outcome=one.move.attempt.value,
            state=one.move.message.value,
            code=one.code,
        )


def _settled(
    answers: Iterable[Answered],
    messages: Mapping[str, Row[Any]],
    attempts: Mapping[str, Attempts],
    now: datetime,
) -> Iterable[Settled]:
    for claimed, answer in answers:
        letter = claimed.letter
        message = messages.get(letter.message_id)
        attempt = attempts.get(letter.message_id, {}).get(letter.attempt)
        if message is None or attempt is None or not _ours(message, attempt, claimed):
            log.warning("answer_of_nobody", message_id=letter.message_id)
            continue
        move = answered(tried(message, attempts[letter.message_id]), answer, now)
        settles = _unheard(message, attempt, claimed) or _proves(message, attempt, answer)
        if not _fenced(message, claimed) and not settles:
            log.info("answer_overtaken", message_id=letter.message_id, state=message.state)
            move = _overtaken(message, attempt, move)
        code, detail, ref = _told(answer)
        yield Settled(message, attempt, move, ref, code, detail, claimed.cause, claimed.began)


def _ours(message: Row[Any], attempt: Row[Any], claimed: ClaimedLetter) -> bool:
    """What a later version has moved where we know of nothing is left to it."""
    known = message.state in set(MessageState) and attempt.state in set(AttemptState)
    return known and bool(attempt.lease_owner == claimed.owner)


def _overtaken(message: Row[Any], attempt: Row[Any], move: Move) -> Move:
    """By a receipt, or by the end of the lease: the message stays where that has brought it.

    That a provider took the attempt is kept, whatever was thought of it meanwhile.
    """
    state = AttemptState(attempt.state)
    arrived = move.attempt is AttemptState.ACCEPTED and may_move(state, move.attempt)
    if state is AttemptState.SENDING or arrived:
        state = move.attempt
    return Move(MessageState(message.state), state, tuple(message.channels))


def _fenced(message: Row[Any], claimed: ClaimedLetter) -> bool:
    """Whether the message is still the one this worker claimed, at this very attempt."""
    claim = (MessageState.SENDING, claimed.owner, claimed.letter.attempt)
    return (message.state, message.lease_owner, message.attempt) == claim


def _unheard(message: Row[Any], attempt: Row[Any], claimed: ClaimedLetter) -> bool:
    """Whether it is only unknown because this very call took longer than its lease.

    What the provider said of it settles it, however late; nobody has moved it since.
    """
    unknown = (MessageState.UNKNOWN, AttemptState.UNKNOWN, claimed.letter.attempt)
    return (message.state, attempt.state, message.attempt) == unknown


def _proves(message: Row[Any], attempt: Row[Any], answer: Answer) -> bool:
    """Whether a call that was given up did arrive, and nothing more must leave for it.

    A process that was frozen between the check of its deadline and the call may come back after
    its message was looked for, not found and planned again, or while it goes again: what becomes
    of that call, it is not followed by a third.
    """
    doubted = attempt.state in {AttemptState.ABSENT, AttemptState.UNKNOWN}
    takes = may_move(MessageState(message.state), MessageState.ACCEPTED)
    return isinstance(answer, Accepted) and doubted and takes


def _told(answer: Answer) -> tuple[str | None, str | None, str | None]:
    """The provider's code, detail and reference."""
    match answer:
        case Accepted(ref):
            return None, None, ref
        case ChannelError():
            return answer.code, answer.detail or None, None
        case _:
            return None, None, None


def _marks(answers: Iterable[Answered]) -> Iterable[Mark]:
    for claimed, answer in answers:
        if isinstance(answer, Refused):
            address = Address(claimed.address_hash, claimed.letter.channel)
            yield Mark(address, answer.code, bad=answer.bad_address, opted_out=answer.opted_out)


def _heard(one: Answered) -> Heard:
    claimed, letter = one.claimed, one.claimed.letter
    return Heard(claimed.sender, letter.channel, letter.address, one.answer)
