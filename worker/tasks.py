"""What is done when a bell rings? One step is called, and the next bell rung.

No task carries an id or a fact, but `outreach.publish`, which is a door: until it has committed,
what it carries is as safe as the broker.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from threading import Event
from typing import Any, NoReturn

import structlog
from celery import Task, shared_task
from celery.exceptions import Reject

from worker import alive
from worker.bells import Bell
from worker.carrying import CARRIER
from worker.channels.ledger import reporting_senders
from worker.dispatching import send_due
from worker.sifting import PUBLISH, REFUSE
from worker.steps.accepting import Door, refuse
from worker.steps.announcing import hearing_of
from worker.steps.answer import AnswerParts, answer
from worker.steps.evaluate import evaluate
from worker.steps.forget import forget
from worker.steps.ledger import LedgerParts, compare_ledgers
from worker.steps.listen import listen
from worker.steps.receive import receive
from worker.steps.recompute import recompute
from worker.steps.reconcile import ReconcileParts, reconcile
from worker.steps.singling import take_each
from worker.steps.surveys import TextedSurveys
from worker.steps.sweep import sweep
from worker.steps.telling import tell
from worker.steps.unreported import give_up_waiting
from worker.store.clock import read_now
from worker.store.engine import in_transaction, out_of_reach
from worker.store.workers import note_seen
from worker.streaming import take_from_stream
from worker.waking import ring_for_due
from worker.wiring import OUTBOX, RECEIPT_READERS, TEXT_READERS, parts_of

log = structlog.get_logger(__name__)

PAUSE_SECONDS = 1.0
AT_THE_STREAM = timedelta(seconds=4)
"""Shorter than the stream's own patience with a Redis that is silent."""


@shared_task(name=Bell.EVALUATE, bind=True)
def evaluate_unread(task: Task) -> None:
    parts = parts_of(task.app)
    # the clock first: to compare it may take longer than these rules are in force
    configuration = None if parts.skew.too_large() else parts.configuration()
    if configuration is None:
        return
    report = evaluate(parts.engine, configuration, parts.hasher)
    # most events make nothing due, and to look costs less than a claim that finds nothing
    if report.read:
        ring_for_due(parts, report.soonest)
    parts.ring_all({Bell.EVALUATE: report.more})


@shared_task(name=Bell.CLAIM, bind=True)
def claim_due(task: Task) -> None:
    send_due(parts_of(task.app))


@shared_task(name=Bell.RECOMPUTE, bind=True)
def recompute_waiting(task: Task) -> None:
    parts = parts_of(task.app)
    configuration = parts.configuration()
    if configuration is None or parts.skew.too_large():
        return
    report = recompute(parts.engine, configuration, parts.hasher)
    # what somebody held, the next sweep asks for: to ring for it now would ask for all once more
    parts.ring_all({Bell.CLAIM: report.keys > 0})


@shared_task(name=Bell.STREAM, bind=True)
def read_stream(task: Task) -> None:
    take_from_stream(parts_of(task.app), wait=AT_THE_STREAM)


@shared_task(name=Bell.RECEIVE, bind=True)
def receive_receipts(task: Task) -> None:
    parts = parts_of(task.app)
    configuration = parts.configuration()
    if configuration is None:
        return
    report = receive(parts.engine, hearing_of(configuration), RECEIPT_READERS)
    parts.ring_all({Bell.RECEIVE: report.more, Bell.EVALUATE: report.heard, Bell.CLAIM: report.due})


@shared_task(name=Bell.ANSWER, bind=True)
def answer_texts(task: Task) -> None:
    parts = parts_of(task.app)
    configuration = parts.configuration()
    if configuration is None:
        return
    done = answer(
        parts.engine, AnswerParts(configuration, TEXT_READERS, TextedSurveys(configuration))
    )
    parts.ring_all({Bell.ANSWER: done.more, Bell.EVALUATE: done.heard, Bell.CLAIM: done.read > 0})


@shared_task(name=Bell.SWEEP, bind=True)
def sweep_what_is_left(task: Task) -> None:
    parts = parts_of(task.app)
    configuration = parts.configuration()
    if configuration is None:
        return
    for bell in sweep(parts.engine, hearing_of(configuration), OUTBOX).bells:
        parts.ring(bell)
    waited = give_up_waiting(
        parts.engine,
        reporting_senders(parts.ledgers.values()),
        after=configuration.policy.delivery_unknown_after,
    )
    parts.ring_all({Bell.SWEEP: waited.more})


@shared_task(name=Bell.RECONCILE, bind=True)
def reconcile_unknown(task: Task) -> None:
    parts = parts_of(task.app)
    configuration = parts.configuration()
    if configuration is None or parts.skew.too_large():
        return
    asking = ReconcileParts(parts.ledgers, configuration.policy.unknown, hearing_of(configuration))
    done = reconcile(parts.engine, asking)
    parts.ring_all({Bell.RECONCILE: done.more, Bell.EVALUATE: done.heard, Bell.CLAIM: done.due})


@shared_task(name=Bell.LEDGER, bind=True, soft_time_limit=1740, time_limit=1800)
def compare_with_providers(task: Task) -> None:
    """Once a day for yesterday, whoever hears it first; page by page, so it may take its time."""
    parts = parts_of(task.app)
    if parts.configuration() is None or parts.skew.too_large():
        return
    compare_ledgers(parts.engine, LedgerParts(parts.ledgers, parts.hasher))


@shared_task(name=Bell.TELL, bind=True)
def tell_others(task: Task) -> None:
    """Other systems, of what we announced; its own tick is its bell, or the sweep."""
    parts = parts_of(task.app)
    configuration = parts.configuration()
    if configuration is None or parts.skew.too_large():
        return
    told = tell(parts.engine, parts.telling(configuration))
    parts.ring_all({Bell.TELL: told.more})


@shared_task(name=Bell.LISTEN, bind=True)
def listen_to_triggers(task: Task) -> None:
    """Which of them are strangely silent, and which run away."""
    parts = parts_of(task.app)
    configuration = parts.configuration()
    if configuration is None or parts.skew.too_large():
        return
    listen(parts.engine, configuration)


@shared_task(name=Bell.FORGET, bind=True, soft_time_limit=1740, time_limit=1800)
def forget_what_is_old(task: Task) -> None:
    """Once a day, whoever hears it first; page by page, so it may take its time."""
    parts = parts_of(task.app)
    configuration = parts.configuration()
    if configuration is None or parts.skew.too_large():
        return
    forget(parts.engine, configuration.policy.retention)


@shared_task(name=Bell.HEARTBEAT, bind=True)
def heartbeat(task: Task) -> None:
    """That this is done shows that bells arrive here and that the database answers."""
    parts = parts_of(task.app)
    configuration = parts.configuration()
    bundle = configuration.hash if configuration else None
    role = task.request.delivery_info["routing_key"]
    in_transaction(
        parts.engine,
        lambda c: note_seen(c, parts.owner, role=role, bundle=bundle, now=read_now(c)),
    )
    CARRIER.carry(parts.engine)
    alive.touch()


@shared_task(name=PUBLISH, bind=True)
def publish(task: Task, *args: Any, **kwargs: Any) -> None:
    """A list of CloudEvents; what cannot be taken is kept as refused, with its reasons."""
    match args, kwargs:
        case ([*events],), {**others} if not others:
            _keep(task, events)
        case (), {"events": [*events], **others} if not others:
            _keep(task, events)
        case _:
            _keep_refused(task, {"args": args, "kwargs": kwargs}, "is not one list of events")


@shared_task(name=REFUSE, bind=True)
def refuse_text(task: Task, *args: Any, **kwargs: Any) -> None:
    """What came to our queues and asked for nothing of ours, as worker/sifting.py found."""
    match args, kwargs:
        case (str(text), str(why)), {**others} if not others:
            _keep_refused(task, text, why)
        case _:
            _keep_refused(task, {"args": args, "kwargs": kwargs}, "is not one list of events")


def _keep(task: Task, events: Sequence[Any]) -> None:
    try:
        parts = parts_of(task.app)
        configuration = parts.configuration()
        if configuration is None or parts.pressure.look():
            _give_back()
        ours = take_each(parts.engine, configuration, events, Door("celery"))
    except Exception as error:
        if out_of_reach(error):
            _give_back()
        raise
    if len(ours) < len(events):
        _give_back()
    parts.ring(Bell.EVALUATE)


def _keep_refused(task: Task, raw: Any, why: str) -> None:
    try:
        refuse(parts_of(task.app).engine, raw, why, door="celery")
    except Exception as error:
        if out_of_reach(error):
            _give_back()
        raise
    # Not why: a stranger may call outreach.refuse, and say it in his own words.
    log.warning("message_refused", task=task.name)


def _give_back() -> NoReturn:
    """Back into the queue it goes, which is all that can be done for it without a database."""
    Event().wait(PAUSE_SECONDS)
    raise Reject(requeue=True)
