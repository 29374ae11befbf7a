"""What does a provider's answer, or its silence, make of a message and its attempt?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from worker.channels.base import (
    Accepted,
    ChannelError,
    Misconfigured,
    Refused,
    TryLater,
)
from worker.lifecycle import AttemptState, MessageState
from worker.retrying import next_try


@dataclass(frozen=True, slots=True)
class GivenBack:
    """The call would have begun too late after the claim, so it never began."""


@dataclass(frozen=True, slots=True)
class Undelivered:
    """Taken by the provider, and then not delivered; `code` is the provider's."""

    code: str


@dataclass(frozen=True, slots=True)
class Silent:
    """Nobody came back from this call before its lease ran out."""


@dataclass(frozen=True, slots=True)
class Absent:
    """The provider does not have it, and will not: its own list has proven that."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """Time is up, and nobody knows whether the provider has it; `again`: send it once more."""

    again: bool


Answer = Accepted | ChannelError | GivenBack | Undelivered | Silent | Absent | Undecided

UNDECIDED = "unknown"
"""Why a message is parked, or goes again, of which nobody learnt whether it had left."""

RESTORED = "restored"
"""Why a message is parked that may have left before the backup was restored."""

MAY_HAVE_LEFT = frozenset({UNDECIDED, RESTORED})
"""Whatever else a message is parked for, it has not left."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A message as far as an answer may change it.

    `channels` are those left, the one tried first; `tries` the failures that may pass on it.
    """

    message_id: str
    channels: tuple[str, ...]
    tries: int
    expires: datetime


@dataclass(frozen=True, slots=True)
class Move:
    """Where message and attempt go. `due` is set for what is tried again."""

    message: MessageState
    attempt: AttemptState
    channels: tuple[str, ...]
    due: datetime | None = None
    why: str | None = None


def answered(tried: Tried, answer: Answer, now: datetime) -> Move:  # noqa: PLR0911 - one an answer
    match answer:
        case Accepted():
            return Move(MessageState.ACCEPTED, AttemptState.ACCEPTED, tried.channels)
        case TryLater():
            return _again(tried, AttemptState.TRY_LATER, _next_try(tried, answer, now))
        case Refused():
            return _next_channel(tried, AttemptState.REFUSED, now)
        case Undelivered():
            return _next_channel(tried, AttemptState.UNDELIVERED, now)
        case Misconfigured():
            # its sender rests from now on; perhaps there is another one
            return _again(tried, AttemptState.MISCONFIGURED, now)
        case GivenBack():
            return _again(tried, AttemptState.GIVEN_BACK, now)
        case Absent():
            return _again(tried, AttemptState.ABSENT, now)
        case Undecided():
            return _undecided(tried, answer, now)
        case ChannelError() | Silent():
            why = "lease_ran_out" if isinstance(answer, Silent) else "no_answer"
            return Move(MessageState.UNKNOWN, AttemptState.UNKNOWN, tried.channels, why=why)
        case _:
            assert_never(answer)


def _undecided(tried: Tried, answer: Undecided, now: datetime) -> Move:
    """The attempt stays unknown whatever is done: a receipt may still tell of it."""
    if answer.again:
        again = _again(tried, AttemptState.UNKNOWN, now)
        return replace(again, why=UNDECIDED)
    return Move(MessageState.PARKED, AttemptState.UNKNOWN, tried.channels, why=UNDECIDED)


def _next_try(tried: Tried, answer: TryLater, now: datetime) -> datetime | None:
    tries = tried.tries + 1
    return next_try(tried.message_id, tries, now=now, expires=tried.expires, after=answer.after)


def _again(tried: Tried, attempt: AttemptState, due: datetime | None) -> Move:
    """The same channel once more, unless that would be past the message's use."""
    if due is None or due >= tried.expires:
        return Move(MessageState.EXPIRED, attempt, tried.channels, why=attempt.value)
    return Move(MessageState.PLANNED, attempt, tried.channels, due, attempt.value)


def _next_channel(tried: Tried, attempt: AttemptState, now: datetime) -> Move:
    rest = tried.channels[1:]
    if rest and now < tried.expires:
        return Move(MessageState.PLANNED, attempt, rest, now, attempt.value)
    return Move(MessageState.FAILED, attempt, tried.channels, why=attempt.value)
