"""Where does a provider's word of an attempt bring it, and its message with it?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from worker.channels.receipts import Fate, Report
from worker.lifecycle import AttemptState, MessageState, may_move
from worker.steps.answers import Move, Undelivered, answered
from worker.steps.recording import Attempts, tried

_MEANT = {
    Fate.TAKEN: AttemptState.ACCEPTED,
    Fate.SENT: AttemptState.SENT,
    Fate.DELIVERED: AttemptState.DELIVERED,
    Fate.UNDELIVERED: AttemptState.UNDELIVERED,
}
_REACHED = {
    Fate.TAKEN: MessageState.ACCEPTED,
    Fate.SENT: MessageState.SENT,
    Fate.DELIVERED: MessageState.DELIVERED,
}


def move_by(
    message: Row[Any], attempts: Attempts, report: Report, number: int, *, now: datetime
) -> Move | None:
    """The attempt goes where the word says, and its message with it where it still may.

    None: the attempt is past this word, and neither moves.
    """
    attempt = _MEANT[report.fate]
    if not may_move(AttemptState(attempts[number].state), attempt):
        return None
    if report.fate is Fate.UNDELIVERED:
        return _undelivered(message, attempts, report, number, now)
    reached = _REACHED[report.fate]
    if may_move(MessageState(message.state), reached):
        return Move(reached, attempt, tuple(message.channels))
    return stay(message, attempt)


def stay(message: Row[Any], attempt: AttemptState) -> Move:
    return Move(MessageState(message.state), attempt, tuple(message.channels))


def _undelivered(
    message: Row[Any], attempts: Attempts, report: Report, number: int, now: datetime
) -> Move:
    """The next channel takes over, unless a later attempt is on its way already."""
    failed = answered(tried(message, attempts), Undelivered(report.code or ""), now)
    open_still = number == message.attempt and message.state != MessageState.PLANNED
    if open_still and may_move(MessageState(message.state), failed.message):
        return failed
    return stay(message, AttemptState.UNDELIVERED)
