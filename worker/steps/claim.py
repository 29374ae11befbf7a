"""What may leave now? The gates are asked once, with the customer held, and it is written down."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from sqlalchemy import Connection, Engine

from triggers.case import Case
from triggers.configuration import Configuration
from triggers.definitions import MessageRoute
from triggers.facts import Timeline
from triggers.gates import ask
from triggers.objections import fuse, spend
from triggers.settling import due_after
from triggers.verdicts import Later, Never, Reason, Send, Verdict
from worker.hashing import Hasher
from worker.lifecycle import MessageState, OccurrenceState, Overtaken
from worker.retrying import CALL_WITHIN
from worker.steps.alarms import tell_of_batch
from worker.steps.book import PLAINLY, Because, Book, Ruling
from worker.steps.calm import Calm
from worker.steps.composing import Preferences
from worker.steps.ground import Ground
from worker.steps.leases import ClaimedLetter
from worker.steps.linking import Shortener
from worker.steps.rulings import Asked, Claimant, Clerk
from worker.steps.senders import Senders
from worker.steps.standing import Desk, ask_desk, open_desk
from worker.steps.timelines import Timelines
from worker.steps.turns import Batch, Turn, take_turns
from worker.store.alerts import Alarm, Raised, raise_alerts
from worker.store.by_index import plan_by_index
from worker.store.clock import read_now
from worker.store.engine import OUTAGE, in_transaction


@dataclass(frozen=True, slots=True)
class ClaimParts:
    """`owner` names this worker's leases (32 hexadecimal digits); `senders`: its channels'.

    Whatever the `gates` say, the claim itself asks the fuse and what may be spent.
    """

    configuration: Configuration
    hasher: Hasher
    senders: Senders
    owner: str
    preferences: Preferences
    shortener: Shortener
    gates: Callable[[Case], Verdict] = ask
    monotonic: Callable[[], float] = time.monotonic
    calm: Calm = field(default_factory=Calm)


class Claimed(NamedTuple):
    """`more`: another claim would find work. `heard`: our own triggers have something to read."""

    letters: tuple[ClaimedLetter, ...]
    more: bool
    heard: bool


log = structlog.get_logger(__name__)

FAILED_ASKED_AGAIN = timedelta(minutes=10)
"""When a row is asked again that our own code failed on: time for somebody to mend it."""

NOTHING = Claimed((), more=False, heard=False)


def claim(engine: Engine, parts: ClaimParts, *, limit: int, now: datetime | None = None) -> Claimed:
    """Decide on up to `limit` due rows, in one transaction; the letters are to leave at once.

    A batch that our own code fails on is halved until the row that fails is alone; that one is
    put off, loudly, and holds up nobody else.
    """
    size = limit
    while size:
        try:
            return _claim(engine, parts, size, now)
        except OUTAGE:
            raise
        except Overtaken as overtaken:
            # nothing was written; what is due is read anew
            log.warning("claim_overtaken", rows=overtaken.rows)
        except Exception as error:
            if size == 1 and not _put_off(engine, parts, now, error):
                raise
            size = size // 2 or limit
    return NOTHING


def _claim(engine: Engine, parts: ClaimParts, limit: int, now: datetime | None) -> Claimed:
    # Before the transaction: what it waits for there is time that its letters have lost.
    deadline = parts.monotonic() + CALL_WITHIN.total_seconds()

    def work(connection: Connection) -> Claimed:
        ground = Ground(parts.configuration, parts.hasher, plan_by_index(connection, now))
        batch = take_turns(connection, ground, limit)
        return _decide(connection, parts, ground, batch, deadline) if batch.turns else NOTHING

    return in_transaction(engine, work)


def _put_off(engine: Engine, parts: ClaimParts, now: datetime | None, error: Exception) -> bool:
    """Ask the first row again later; only the error's class is kept, its text may hold anything."""
    name = type(error).__name__

    def work(connection: Connection) -> bool:
        ground = Ground(parts.configuration, parts.hasher, now or read_now(connection))
        book = Book(ground)
        for turn in take_turns(connection, ground, 1).turns:
            who = parts.hasher.customer(turn.key.customer)
            about = {"event_id": turn.row.start_id, "customer": who, "trigger": turn.key.trigger}
            log.error("claim_failed", occurrence_id=turn.occurrence_id, error=name, **about)
            failed = [Raised(Alarm.CLAIM_FAILED, turn.key.trigger, name)]
            raise_alerts(connection, failed, now=ground.now)
            why = Because(Reason.OUR_ERROR, name, ground.now + FAILED_ASKED_AGAIN)
            if turn.is_retry:
                book.move_message(turn, MessageState.PLANNED, due=why.moment)
            else:
                book.move_occurrence(turn, OccurrenceState.PENDING, why)
            book.decide(turn, Ruling.LATER, None, why)
        book.write(connection)
        return bool(book.decisions)

    return in_transaction(engine, work)


def _decide(
    connection: Connection, parts: ClaimParts, ground: Ground, batch: Batch, deadline: float
) -> Claimed:
    keys = {turn.key for turn in batch.turns if turn.trigger is not None}
    asking = ask_desk(connection, ground, parts.senders, batch.turns)
    timelines = Timelines.read(connection, ground, keys)
    desk = open_desk(connection, ground, asking, calm=parts.calm)
    book = Book(ground)
    claimant = Claimant(parts.owner, deadline, parts.senders, parts.preferences, parts.shortener)
    clerk = Clerk(claimant, timelines, desk, book)
    for turn in batch.turns:
        if desk.knows(turn):
            clerk.write(_ask(turn, ground, timelines, desk, parts.gates))
    heard = book.write(connection)
    desk.keep(connection)
    tell_of_batch(connection, desk, now=ground.now)
    return Claimed(tuple(book.letters), batch.more, heard)


def _ask(
    turn: Turn,
    ground: Ground,
    timelines: Timelines,
    desk: Desk,
    gates: Callable[[Case], Verdict],
) -> Asked:
    """The one question: every verdict is asked for here, and nowhere else."""
    if turn.trigger is None:
        removed = Because(Reason.TRIGGER_REMOVED)
        return Asked(turn, Never(Reason.CALLED_OFF), None, removed)
    reach = desk.reach(turn)
    again = turn.epoch if turn.is_retry else None
    found = timelines.of(turn.key, reach.where.zones[0], again=again)
    case = Case(
        trigger=turn.trigger,
        occurrence=found.pending.get(turn.epoch),
        customer=turn.customer,
        standing=desk.standing(turn),
        policy=ground.policy,
        where=reach.where,
        now=ground.now,
        key=turn.key.key,
        route=_route(turn),
    )
    verdict = _not_yet(turn, case) or gates(case)
    if isinstance(verdict, Send):
        channel = verdict.channels[0]
        verdict = fuse(case, channel) or spend(case, channel) or verdict
    return Asked(turn, verdict, case, _because(verdict, found, turn))


def _route(turn: Turn) -> MessageRoute | None:
    """A retry keeps its message, and the channels it has left."""
    if not turn.is_retry:
        return None
    return MessageRoute(turn.row.message, tuple(turn.row.channels))


def _not_yet(turn: Turn, case: Case) -> Later | None:
    """Its moment has moved away, and nobody has written that down yet."""
    waiting = case.occurrence
    if turn.is_retry or waiting is None or waiting.moment <= case.now:
        return None
    due = due_after(case.trigger, waiting.moment, case.policy.grace)
    return Later(due, Reason.MOVED)


def _because(verdict: Verdict, found: Timeline, turn: Turn) -> Because:
    match verdict:
        case Never(Reason.CALLED_OFF):
            return _called_off(found, turn)
        case Never(reason, detail):
            return Because(reason, detail)
        case Later(moment, reason, detail):
            return Because(reason, detail, moment)
        case _:
            return PLAINLY


def _called_off(found: Timeline, turn: Turn) -> Because:
    ended = found.ended.get(turn.epoch)
    if ended is not None:
        return Because(ended.reason, ended.by.type)
    return Because(Reason.MOVED if found.pending else Reason.DISARMED)
