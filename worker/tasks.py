"""What is done when a bell rings? One step is called, and the next bell rung.

No task carries an id or a fact, but `outreach.publish`, which is a door: until it has committed,
what it carries is as safe as the broker.
"""

from __future__ import annotations

from threading import Event
from typing import Any

from celery import Task, shared_task
from celery.exceptions import Reject
from sqlalchemy.exc import OperationalError

from worker import alive
from worker.dispatching import CLAIM, EVALUATE, send_due
from worker.steps.accepting import accept_or_refuse
from worker.steps.evaluate import evaluate
from worker.steps.receive import receive
from worker.steps.recompute import recompute
from worker.steps.sweep import sweep
from worker.store.clock import read_now
from worker.store.engine import in_transaction
from worker.store.workers import note_seen
from worker.wiring import OUTBOX, RECEIPT_READERS, hearing_of, parts_of

RECOMPUTE = "outreach.recompute"
PAUSE_SECONDS = 1.0


@shared_task(name=EVALUATE, bind=True)
def evaluate_unread(task: Task) -> None:
    parts = parts_of(task.app)
    configuration = parts.configuration()
    if configuration is None or parts.skew.too_large():
        return
    report = evaluate(parts.engine, configuration, parts.hasher)
    parts.ring_all({CLAIM: report.read > 0, EVALUATE: report.more})


@shared_task(name=CLAIM, bind=True)
def claim_due(task: Task) -> None:
    send_due(parts_of(task.app))


@shared_task(name=RECOMPUTE, bind=True)
def recompute_waiting(task: Task) -> None:
    parts = parts_of(task.app)
    configuration = parts.configuration()
    if configuration is None or parts.skew.too_large():
        return
    report = recompute(parts.engine, configuration, parts.hasher)
    parts.ring_all({CLAIM: report.keys > 0, RECOMPUTE: not report.done})


@shared_task(name="outreach.receive", bind=True)
def receive_receipts(task: Task) -> None:
    parts = parts_of(task.app)
    configuration = parts.configuration()
    if configuration is None:
        return
    report = receive(parts.engine, hearing_of(configuration), RECEIPT_READERS)
    parts.ring_all({"outreach.receive": report.more, EVALUATE: report.heard, CLAIM: report.due})


@shared_task(name="outreach.sweep", bind=True)
def sweep_what_is_left(task: Task) -> None:
    parts = parts_of(task.app)
    configuration = parts.configuration()
    if configuration is None:
        return
    for bell in sweep(parts.engine, hearing_of(configuration), OUTBOX).bells:
        parts.ring(bell)


@shared_task(name="outreach.heartbeat", bind=True)
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
    alive.touch()


@shared_task(name="outreach.publish", bind=True)
def publish(task: Task, events: list[Any]) -> None:
    """A list of CloudEvents; what cannot be taken is kept as refused, with its reasons."""
    parts = parts_of(task.app)
    try:
        configuration = parts.configuration()
        if configuration is not None:
            # No key opens this door, so nobody's profile is written through it.
            accept_or_refuse(
                parts.engine, configuration, events, door="celery", may_write_customers=False
            )
    except OperationalError:
        configuration = None
    if configuration is None:
        # Back into the queue it goes, which is all that can be done for it without a database.
        Event().wait(PAUSE_SECONDS)
        raise Reject(requeue=True)
    parts.ring(EVALUATE)
