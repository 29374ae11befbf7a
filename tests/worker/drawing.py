"""Draws, contacts and reports of an invented house, for tests of what is counted."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, Column, Engine, Integer, SmallInteger, Table

from tests.worker.sending import HOUR, rules, trigger
from tests.worker.small_world import BUNDLE, NOON, event, told
from triggers.configuration import Configuration
from triggers.effect import Arm
from triggers.report import Question, Report, TriggerReport
from worker.steps.report import report
from worker.store.bulk import Insertion
from worker.store.engine import in_transaction, reading
from worker.store.tables import clicks, decisions, links, messages
from worker.store.types import Json, Moment

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


def keep(engine: Engine, table: Table, *rows: dict[str, Any]) -> None:
    """Rows of which only what is said here matters."""
    needed = [column for column in table.columns if not column.nullable]
    standard = {str(column.name): _anything(column) for column in needed}
    made = [standard | row for row in rows]
    in_transaction(engine, lambda c: Insertion(table).run(c, made))


def _anything(column: Column[Any]) -> Any:
    match column.type:
        case Moment():
            return NOON
        case Json():
            return {}
        case Boolean():
            return False
        case SmallInteger() | Integer():
            return 0
        case _:
            return "x"


def attempt(number: int = 0, **more: Any) -> dict[str, Any]:
    """An SMS of two segments that arrived at noon."""
    standard = {"message_id": f"m{number}", "number": 1, "trigger": "hi",
                "customer_id": f"c{number}", "channel": "sms", "address_hash": f"a{number}",
                "segments": 2, "state": "delivered", "cost": 0.08, "headers": {}}  # fmt: skip
    return standard | more


def refusal(number: int = 0, after: timedelta = HOUR, **more: Any) -> dict[str, Any]:
    standard = {"address_hash": f"a{number}", "channel": "sms", "category": "*", "said": "refused",
                "source": "reply", "at": NOON + after}  # fmt: skip
    return standard | more


def clicked(engine: Engine, number: int, after: timedelta = HOUR, **more: Any) -> None:
    """The link of that customer's message."""
    name = more.get("name", "cart")
    token = f"{number} {name}"
    keep(engine, links, {"token": token, "message_id": f"m{number}", "name": name})
    if not more.get("again"):
        keep(engine, messages, {"id": f"m{number}", "occurrence_id": f"o{number}", "trigger": "hi",
                                "customer_id": f"c{number}", "channels": []})  # fmt: skip
    by = more.get("by", "person")
    keep(engine, clicks, {"token": token, "message_id": f"m{number}", "at": NOON + after, "by": by})


def call(number: int, **more: Any) -> dict[str, Any]:
    standard = {"id": f"h{number}", "occurrence_id": f"o{number}", "trigger": "hi"}
    return standard | {"why": "", "text": ""} | more
