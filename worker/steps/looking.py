"""What does a look at the provider's list say of a message that nobody heard of?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Row

from worker.channels.ledger import Found
from worker.channels.receipts import Fate, Report
from worker.lifecycle import AttemptState
from worker.retrying import ABSENT_AFTER, UNKNOWN_FOR, next_look
from worker.steps.answers import Absent, Move, Undecided, answered
from worker.steps.fates import move_by
from worker.steps.recording import Attempts, tried

CLOCKS_APART = timedelta(minutes=5)
"""So far the provider's clock may be from ours. An older message of the same words is another
attempt's, and known by its name."""

LOOKS_NEEDED = 2
RESEND = "resend"


@dataclass(frozen=True, slots=True)
class Look:
    """A message that is unknown, and what its provider's list showed of it.

    `found` None: nobody could be asked, or nobody answered. `askable`: somebody may be, later.
    """

    row: Row[Any]
    found: Sequence[Found] | None
    askable: bool

    @property
    def since(self) -> datetime:
        """When it became unknown; a version that did not write that down wrote when it changed."""
        moment: datetime = self.row.unknown_at or self.row.updated_at
        return moment

    @property
    def looks(self) -> int:
        """How often the provider has answered, this look included."""
        return int(self.row.looks) + (self.found is not None)


@dataclass(frozen=True, slots=True)
class Wait:
    """It is looked for again then."""

    until: datetime


class Held(NamedTuple):
    """A message that is ours until the transaction's end, and all its attempts."""

    message: Row[Any]
    attempts: Attempts


def judged(
    look: Look, held: Held, found: Found | None, *, policy: str, now: datetime
) -> Move | Wait:
    """`found`: the one of the provider's messages that is this one. `policy`: hold or resend."""
    number = look.row.attempt
    stands = tried(held.message, held.attempts)
    if found is not None:
        report = found.report or Report(Fate.TAKEN, found.ref)
        move = move_by(held.message, held.attempts, report, number, now=now)
        return move or Wait(next_look(look.since, now=now, answered=True))
    age = now - look.since
    if look.found is not None and look.looks >= LOOKS_NEEDED and age >= ABSENT_AFTER:
        return answered(stands, Absent(), now)
    first_of_two = look.found is not None
    if age < UNKNOWN_FOR or first_of_two:
        return Wait(_next(look, now))
    again = policy == RESEND and not _sent_again(held.attempts, number)
    return answered(stands, Undecided(again), now)


def _next(look: Look, now: datetime) -> datetime:
    if not look.askable:
        return look.since + UNKNOWN_FOR
    return next_look(look.since, now=now, answered=look.found is not None)


def _sent_again(attempts: Attempts, number: int) -> bool:
    """Once more is once: an earlier attempt on this channel was left unknown already."""
    last = attempts[number]
    return any(
        one.state == AttemptState.UNKNOWN and one.channel == last.channel
        for earlier, one in attempts.items()
        if earlier != number
    )
