"""What do providers' receipts say of our messages, in whatever order and number they come?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

import structlog
from sqlalchemy import Connection, Engine, Row

from triggers.addresses import EMAIL
from worker.channels.receipts import Reader, Report
from worker.lifecycle import AttemptState, ReceiptState
from worker.steps.announcing import Hearing
from worker.steps.fates import move_by, stay
from worker.steps.marks import Mark, remember
from worker.steps.recording import Attempts, Settled, record
from worker.store.addresses import Address
from worker.store.clock import read_now
from worker.store.engine import in_transaction
from worker.store.messages import lock_messages, read_attempts_of
from worker.store.receipts import mark_receipts, take_receipts
from worker.store.sayings import say

log = structlog.get_logger(__name__)

Readers = Mapping[str, Reader]
"""By the provider whose receipts they read."""

UNNUMBERED = 0


class Received(NamedTuple):
    """`heard`: our own triggers have something to read. `due`: a next channel is to be tried."""

    applied: int
    ignored: int
    more: bool
    heard: bool
    due: bool


@dataclass(frozen=True, slots=True)
class _Told:
    """A receipt, what it says, and the attempt that it is about."""

    receipt: Row[Any]
    report: Report | None
    number: int

    @property
    def key(self) -> tuple[str, int]:
        return self.receipt.message_id, self.number


def receive(
    engine: Engine,
    hearing: Hearing,
    readers: Readers,
    *,
    now: datetime | None = None,
    limit: int = 200,
) -> Received:
    """Apply the oldest new receipts; the same ones again, or in another order, end the same."""

    def work(connection: Connection) -> Received:
        moment = now or read_now(connection)
        read = [_read(one, readers) for one in take_receipts(connection, limit)]
        told = _numbered(connection, read)
        return _apply(connection, told, hearing, moment)._replace(more=len(told) == limit)

    return in_transaction(engine, work)


def _read(receipt: Row[Any], readers: Readers) -> _Told:
    reader = readers.get(receipt.provider)
    report = reader(receipt.status, receipt.raw) if reader else None
    return _Told(receipt, report, receipt.attempt)


def _numbered(connection: Connection, told: Sequence[_Told]) -> Sequence[_Told]:
    """A mail comes back without its attempt's number: it is about the last one by email."""
    wanted = {one.receipt.message_id for one in told if one.number == UNNUMBERED}
    if not wanted:
        return told
    last = {
        message_id: max((one.number for one in found.values() if one.channel == EMAIL), default=0)
        for message_id, found in read_attempts_of(connection, wanted).items()
    }
    return [
        replace(one, number=last.get(one.receipt.message_id, UNNUMBERED))
        if one.number == UNNUMBERED
        else one
        for one in told
    ]


def _apply(
    connection: Connection, told: Sequence[_Told], hearing: Hearing, now: datetime
) -> Received:
    refused = _remember(connection, told, hearing, now)
    ids = [one.receipt.message_id for one in told]
    messages = lock_messages(connection, ids)
    attempts = read_attempts_of(connection, ids)
    settled = [
        one
        for key, reports in _by_attempt(told).items()
        if (one := _settle(messages.get(key[0]), attempts.get(key[0], {}), key[1], reports, now))
    ]
    heard = record(connection, settled, hearing, now=now) or refused
    _say(connection, settled)
    done = {(one.attempt.message_id, one.attempt.number) for one in settled}
    marks = [(one.receipt.seq, _mark(one, done)) for one in told]
    mark_receipts(connection, marks)
    applied = sum(state is ReceiptState.APPLIED for _, state in marks)
    due = any(one.move.due is not None for one in settled)
    return Received(applied, len(marks) - applied, more=False, heard=heard, due=due)


def _say(connection: Connection, settled: Sequence[Settled]) -> None:
    """Of receipts that moved something; the same one again is no news."""
    for one in settled:
        stood = (one.message.state, one.attempt.state)
        if (one.move.message, one.move.attempt) != stood:
            which = {"message_id": one.message.id, "attempt": one.attempt.number, "code": one.code}
            state, outcome = one.move.message.value, one.move.attempt.value
            say(connection, log, "receipt_applied", **which, state=state, outcome=outcome)


def _mark(one: _Told, done: set[tuple[str, int]]) -> ReceiptState:
    return ReceiptState.APPLIED if one.report and one.key in done else ReceiptState.IGNORED


def _by_attempt(told: Sequence[_Told]) -> Mapping[tuple[str, int], list[Report]]:
    """All that one batch says of one attempt is said at once: only the furthest word counts."""
    found: dict[tuple[str, int], list[Report]] = {}
    for one in told:
        if one.report:
            found.setdefault(one.key, []).append(one.report)
    return found


def _settle(
    message: Row[Any] | None,
    attempts: Attempts,
    number: int,
    reports: Sequence[Report],
    now: datetime,
) -> Settled | None:
    attempt = attempts.get(number)
    if message is None or attempt is None:
        return None
    # delivered beats a failure, a failure beats what it came after
    report = max(reports, key=lambda one: one.fate.value)
    ref = next((one.ref for one in reports if one.ref), None)
    move = move_by(message, attempts, report, number, now=now)
    if move is None:
        return Settled(message, attempt, stay(message, AttemptState(attempt.state)), ref)
    return Settled(message, attempt, move, ref, report.code)


def _remember(
    connection: Connection, told: Sequence[_Told], hearing: Hearing, now: datetime
) -> bool:
    """Numbers that do not exist, and numbers whose holder has said stop to the provider."""
    hit = [one for one in told if one.report and (one.report.bad_address or one.report.opted_out)]
    attempts = read_attempts_of(connection, [one.receipt.message_id for one in hit])
    return remember(connection, _marks(hit, attempts), hearing, now=now)


def _marks(told: Sequence[_Told], attempts: Mapping[str, Attempts]) -> Iterator[Mark]:
    for one in told:
        message, number = one.key
        attempt, report = attempts.get(message, {}).get(number), one.report
        if attempt is not None and report is not None:
            address = Address(attempt.address_hash, attempt.channel)
            yield Mark(address, report.code, bad=report.bad_address, opted_out=report.opted_out)
