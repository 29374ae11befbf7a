"""Do alarms end by themselves once what they told of is over, and not before?"""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, update

from tests.worker.sending import MINUTE, Post, ready, rules, saying
from tests.worker.small_world import NOON, rows
from worker.channels.base import Uncertain
from worker.steps.alarms import OVER_AFTER
from worker.store.alerts import Alarm, Raised, raise_alerts
from worker.store.engine import in_transaction
from worker.store.tables import alerts, messages

SENDER = "outbox:sms"


def raised(engine: Engine, kind: Alarm, subject: str) -> None:
    in_transaction(engine, lambda c: raise_alerts(c, [Raised(kind, subject)], now=NOON))


def stands(engine: Engine) -> bool:
    [one] = rows(engine, alerts)
    return one.closed_at is None


def test_a_claim_that_failed_no_more_is_over_after_two_hours(engine: Engine) -> None:
    post = Post(engine, rules())
    raised(engine, Alarm.CLAIM_FAILED, "hi")

    post.sweep(NOON + OVER_AFTER)
    assert stands(engine)
    post.sweep(NOON + OVER_AFTER + MINUTE)

    assert not stands(engine)


@pytest.mark.parametrize("kind", [Alarm.EVENT_SET_ASIDE, Alarm.UNKNOWN_PARKED])
def test_of_what_is_there_no_more_the_sweep_ends_the_alarm(engine: Engine, kind: Alarm) -> None:
    post = Post(engine, rules())
    raised(engine, kind, SENDER)

    post.sweep(NOON + MINUTE)

    assert not stands(engine)


def test_while_an_unknown_message_is_parked_its_alarm_stands(engine: Engine) -> None:
    post = ready(engine)
    post.sms.answer = saying(Uncertain("timeout"))
    post.send()
    held = update(messages).values(state="parked", why="unknown", look_at=None)
    in_transaction(engine, lambda c: c.execute(held))
    raised(engine, Alarm.UNKNOWN_PARKED, SENDER)

    post.sweep(NOON + MINUTE)

    assert stands(engine)
