"""What have people written to us, and what is done about it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

import structlog
from sqlalchemy import Connection, Engine

from triggers.answering import TRIGGER, Call, Objection
from triggers.configuration import Configuration
from triggers.replies.meanings import Reply
from worker.channels.inbound import TextReader
from worker.lifecycle import InboundState
from worker.steps.announcing import Hearing, announce, hearing_of
from worker.steps.refusing import refuse
from worker.steps.replied import NO_SURVEYS, Answer, Surveys, Told, proof_of, read_told
from worker.store.addresses import Address, wait_for
from worker.store.alerts import Alarm, Raised, raise_alerts
from worker.store.clock import read_now
from worker.store.engine import OUTAGE, in_transaction
from worker.store.handoffs import add_handoffs
from worker.store.replies import mark_inbound, take_inbound
from worker.store.sayings import say
from worker.store.suppressions import OptOut, lift

log = structlog.get_logger(__name__)

Readers = Mapping[str, TextReader]
"""By the provider whose texts they read."""


@dataclass(frozen=True, slots=True)
class AnswerParts:
    configuration: Configuration
    readers: Readers = field(default_factory=lambda: MappingProxyType({}))
    surveys: Surveys = NO_SURVEYS

    @property
    def hearing(self) -> Hearing:
        return hearing_of(self.configuration)


class Answered(NamedTuple):
    """`read`: so many texts, whose addresses may be claimed for again."""

    read: int
    more: bool
    heard: bool


NOTHING = Answered(0, more=False, heard=False)


def answer(
    engine: Engine, parts: AnswerParts, *, now: datetime | None = None, limit: int = 200
) -> Answered:
    """Read what came in, oldest first, and do what it asks for.

    What our own code fails on is found by halving; its sender is not written to any more, and a
    person reads it.
    """
    size = limit
    while True:
        try:
            return _answer(engine, parts, size, now)
        except OUTAGE:
            raise
        except Exception as error:
            if size == 1:
                return _give_up(engine, parts, error, now)
            size = size // 2


def _answer(engine: Engine, parts: AnswerParts, limit: int, now: datetime | None) -> Answered:
    def work(connection: Connection) -> Answered:
        moment = now or read_now(connection)
        rows = take_inbound(connection, limit)
        # all at once and first, so that nobody who waits for one of them holds another
        wait_for(connection, [row.address_hash for row in rows])
        told = read_told(connection, rows, parts.configuration.policy, parts.readers)
        heard = [_settle(connection, one, parts, moment) for one in told]
        return Answered(len(rows), len(rows) == limit, heard=any(heard))

    return in_transaction(engine, work)


def _settle(connection: Connection, told: Told, parts: AnswerParts, now: datetime) -> bool:
    """One text, whole, before the next: START after STOP is not STOP after START."""
    told = told.placed(parts.surveys)
    message, hearing = told.message, parts.hearing
    scale = parts.surveys.scale(message) if message is not None else None
    by_trigger = parts.configuration.policy.replies.help == TRIGGER
    reply, deeds = told.understood(scale, by_trigger=by_trigger)
    heard = False
    if deeds.refuses:
        holders = {told.address: [one.id for one in told.holders]}
        out = [told.opt_out(deeds.refuses)]
        heard = refuse(connection, out, hearing, now=now, holders=holders)
    if deeds.lifts:
        lift(connection, [told.opt_in()])
    call = deeds.call
    if deeds.answers:
        taken = _answer_survey(connection, told, reply, parts)
        heard = heard or bool(taken)
        call = call or (Call.UNCLEAR if taken is None else None)
    about = {"inbound": told.row.seq, "message_id": message.id if message is not None else None}
    if call:
        handoff = told.handoff(call, parts.configuration, now)
        add_handoffs(connection, [handoff])
        which = {"handoff_id": handoff["id"], "queue": handoff["queue"]}
        say(connection, log, "handed_over", **which, **about)
    told_of = announce(connection, told.news(reply), hearing, now=now)
    mark_inbound(connection, [told.marked(reply.meaning)])
    meaning, channel = reply.meaning.value, told.row.channel
    say(connection, log, "reply_read", meaning=meaning, channel=channel, **about)
    return heard or told_of


def _answer_survey(
    connection: Connection, told: Told, reply: Reply, parts: AnswerParts
) -> bool | None:
    if told.message is None:
        return None
    said = Answer(reply.answer, told.words, told.row.received_at)
    return parts.surveys.keep(connection, told.message, said, parts.hearing)


def _give_up(
    engine: Engine, parts: AnswerParts, error: Exception, now: datetime | None
) -> Answered:
    """Only the error's class is kept; its text may hold anything."""
    name = type(error).__name__

    def work(connection: Connection) -> int:
        moment = now or read_now(connection)
        rows = take_inbound(connection, 1)
        for row in rows:
            log.error("reply_failed", inbound=row.seq, error=name)
            address = Address(row.address_hash, row.channel)
            doubt = OptOut(address, Objection.UNCLEAR, row.received_at, proof=proof_of(row))
            refuse(connection, [doubt], parts.hearing, now=moment)
            kept = {"meaning": None, "message_id": None, "customer_id": None}
            state = InboundState.SET_ASIDE
            mark_inbound(connection, [{"seq": row.seq, "state": state, **kept}])
            raise_alerts(connection, [Raised(Alarm.REPLY_FAILED, str(row.seq), name)], now=moment)
        return len(rows)

    return Answered(in_transaction(engine, work), more=True, heard=False)
