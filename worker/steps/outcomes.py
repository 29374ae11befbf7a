"""What do the answers of providers make of their messages, all in one transaction?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import structlog
from sqlalchemy import Connection, Row

from worker.channels.base import Accepted, ChannelError, Refused
from worker.lifecycle import AttemptState, MessageState, may_move
from worker.steps.announcing import Hearing
from worker.steps.answers import Answer, Move, answered
from worker.steps.leases import ClaimedLetter
from worker.steps.marks import Mark, remember
from worker.steps.recording import Attempts, Settled, record, record_taken, tried
from worker.steps.senders import Heard, keep_health
from worker.store.addresses import Address
from worker.store.by_index import plan_by_index
from worker.store.messages import lock_messages, read_attempts_of
from worker.store.sayings import say
from worker.store.taken import Taken, Taking, take

log = structlog.get_logger(__name__)


TAKEN = Move(MessageState.ACCEPTED, AttemptState.ACCEPTED, ())
"""Where a message goes that a provider has taken; its channels stay as they are."""


class Answered(NamedTuple):
    """One call that is over."""

    claimed: ClaimedLetter
    answer: Answer

    @property
    def message_id(self) -> str:
        return self.claimed.letter.message_id


class Outcome(NamedTuple):
    """What became of an attempt; `due`: its message is to be claimed again at once."""

    attempt: AttemptState
    due: bool


class Written(NamedTuple):
    """By message what became of it; `heard`: our own triggers have something to read."""

    outcomes: Mapping[str, Outcome]
    heard: bool


class Call(NamedTuple):
    """An attempt as its claim has left it."""

    number: int
    channel: str
    sender: str
    state: AttemptState = AttemptState.SENDING


def settle_accepted(
    connection: Connection,
    answers: Sequence[Answered],
    hearing: Hearing,
    now: datetime | None = None,
) -> Written:
    """As `settle_answers`, where all are accepted and nobody else has moved any; else Overtaken."""
    moment = plan_by_index(connection, now)
    by_id = {one.message_id: one for one in answers}
    settled = [_taken(one, by_id[one.id]) for one in take(connection, _takings(answers), moment)]
    heard = record_taken(connection, settled, hearing, now=moment)
    return _written(connection, settled, answers, moment, heard=heard)


def _takings(answers: Iterable[Answered]) -> Iterable[Taking]:
    for claimed, answer in answers:
        letter, ref = claimed.letter, answer.ref if isinstance(answer, Accepted) else None
        yield Taking(letter.message_id, letter.attempt, claimed.owner, ref)


def _taken(message: Taken, one: Answered) -> Settled:
    claimed, letter = one.claimed, one.claimed.letter
    call = Call(letter.attempt, letter.channel, claimed.sender)
    return Settled(message, call, TAKEN, cause=claimed.cause, began=claimed.began)


def settle_answers(
    connection: Connection,
    answers: Sequence[Answered],
    hearing: Hearing,
    now: datetime | None = None,
) -> Written:
    """One answer a message; what was nobody's has no outcome."""
    moment = plan_by_index(connection, now)
    ids = [one.message_id for one in answers]
    refused = remember(connection, _marks(answers), hearing, now=moment)
    messages = lock_messages(connection, ids)
    attempts = read_attempts_of(connection, ids)
    settled = list(_settled(answers, messages, attempts, moment))
    heard = record(connection, settled, hearing, now=moment) or refused
    return _written(connection, settled, answers, moment, heard=heard)


def _written(
    connection: Connection,
    settled: Sequence[Settled],
    answers: Sequence[Answered],
    now: datetime,
    *,
    heard: bool,
) -> Written:
    _say(connection, settled, {one.message_id: one.claimed for one in answers})
    # last, as whoever claims holds messages before senders
    keep_health(connection, [_heard(one) for one in answers], now=now)
    return Written({one.message.id: _outcome(one.move, now) for one in settled}, heard)


def _outcome(move: Move, now: datetime) -> Outcome:
    return Outcome(move.attempt, move.due is not None and move.due <= now)


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
