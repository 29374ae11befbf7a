"""Draws, contacts and reports of an invented house, for tests of what is counted."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from tests.worker.sending import rules, trigger
from tests.worker.small_world import BUNDLE, NOON, event, told
from triggers.configuration import Configuration
from triggers.effect import Arm
from triggers.report import Question, Report, TriggerReport
from worker.steps.report import report
from worker.store.bulk import Insertion
from worker.store.engine import in_transaction, reading
from worker.store.tables import decisions

DAY, WEEK = timedelta(days=1), timedelta(days=7)
LATER = NOON + 30 * DAY
HELD_OUT = {"verdict": "held_out", "reason": "holdout"}
HALF = rules(trigger(limits="{category: service, holdout: 50%}"), trigger("other", on="cart.paid"))


def drawn(
    engine: Engine,
    customer: str,
    after: timedelta = timedelta(),
    *,
    name: str = "hi",
    verdict: str = "claimed",
    reason: str | None = None,
    bundle: str = BUNDLE,
) -> None:
    """What a claim decided, so long after noon."""
    row = {
        "at": NOON + after, "trigger": name, "customer_id": customer, "key": "k", "epoch": "once",
        "verdict": verdict, "reason": reason, "facts": [], "bundle": bundle,
    }  # fmt: skip
    in_transaction(engine, lambda c: Insertion(decisions).run(c, [row]))


def contacted(engine: Engine, customer: str, after: timedelta, **data: Any) -> None:
    id_ = f"{customer} {after} {data}"
    told(engine, event("support.contacted", id_, customer=customer, after=after, **data))


def reported(
    engine: Engine,
    *,
    now: datetime = LATER,
    configuration: Configuration = HALF,
    since: datetime = NOON - DAY,
    until: datetime | None = None,
    **asked: Any,
) -> Report:
    question = Question(since=since, until=until or now, now=now, **asked)
    return reading(engine, lambda connection: report(connection, configuration, question))


def of_hi(engine: Engine, **asked: Any) -> TriggerReport:
    [found] = [one for one in reported(engine, **asked).triggers if one.trigger == "hi"]
    return found


def arms(engine: Engine, **asked: Any) -> tuple[Arm, Arm]:
    """Messaged and held out, their time over."""
    effect = of_hi(engine, **asked).effect
    return effect.messaged, effect.held_out
