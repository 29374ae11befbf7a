"""Is a receipt waited for so long as the policy says, and only where one may come?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from tests.worker.asking import SMTP, TWILIO, Books
from tests.worker.sending import Post, dana, left, rules, trigger
from tests.worker.small_world import NOON
from worker.channels.base import Letter
from worker.channels.ledger import reporting_senders
from worker.steps.unreported import Waited, give_up_waiting

DAYS = timedelta(days=3)
SECOND = timedelta(seconds=1)
REPORTING = reporting_senders([Books()])


def accepted(engine: Engine, *, sender: str = TWILIO, by: str = "sms, email") -> Post:
    sends = trigger(send=f"[{{message: hello, by: [{by}]}}]", limits=LONG)
    post = Post(engine, rules(sends), senders={"sms": [sender], "email": [SMTP]})
    post.told(dana(), left())
    post.send()
    return post


LONG = "{category: service, expires: 9d}"


def word(post: Post, status: str, **raw: str) -> None:
    post.receipt(Letter(post.message.id, 1, "sms", "", "", NOON), status, **raw)


@pytest.mark.parametrize("status", [None, "sent"])
def test_what_nothing_is_heard_of_for_days_is_delivery_unknown(
    engine: Engine, status: str | None
) -> None:
    post = accepted(engine)
    if status:
        word(post, status)
        post.receive()

    assert give_up_waiting(engine, REPORTING, after=DAYS, now=NOON + DAYS - SECOND).given_up == 0
    done = give_up_waiting(engine, REPORTING, after=DAYS, now=NOON + DAYS, limit=1)

    assert done == Waited(1, more=True)
    assert post.message.state == "delivery_unknown"
    assert [one.type for one in post.own_events] == ["outreach.sent"]


@pytest.mark.parametrize(
    ("status", "code", "state"),
    [("delivered", "", "delivered"), ("undelivered", "30003", "planned"), ("sent", "", "")],
)
def test_a_receipt_may_still_come(engine: Engine, status: str, code: str, state: str) -> None:
    post = accepted(engine)
    give_up_waiting(engine, REPORTING, after=DAYS, now=NOON + DAYS)
    word(post, status, ErrorCode=code)

    post.receive(NOON + DAYS)

    assert post.message.state == (state or "delivery_unknown")


@pytest.mark.parametrize("sender", ["outbox:sms", "other:sms"])
def test_whose_sender_reports_nothing_is_left_alone(engine: Engine, sender: str) -> None:
    post = accepted(engine, sender=sender)

    give_up_waiting(engine, REPORTING, after=DAYS, now=NOON + DAYS * 9)
    give_up_waiting(engine, reporting_senders([Books(reports=False)]), after=DAYS, now=NOON + DAYS)

    assert post.message.state == "accepted"


def test_what_arrived_is_left_alone(engine: Engine) -> None:
    post = accepted(engine)
    word(post, "delivered")
    post.receive()

    give_up_waiting(engine, REPORTING, after=DAYS, now=NOON + DAYS)

    assert post.message.state == "delivered"
