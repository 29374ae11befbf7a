"""Does a line of the log say which event, customer and message it is about, and nobody's name?"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from structlog.testing import capture_logs

from tests.worker.asking import Books, look, unheard
from tests.worker.replying import inbox
from tests.worker.sending import (
    EMAIL,
    HOUR,
    PHONE,
    Post,
    dana,
    left,
    ready,
    rules,
    saying,
    trigger,
)
from tests.worker.small_world import HASHER, NOON, incoming, publish, rows
from triggers.case import Case
from triggers.verdicts import Verdict
from worker.channels.base import Refused, Uncertain
from worker.retrying import FIRST_LOOK, LEASE
from worker.store.tables import handoffs, inbound

WHO = HASHER.customer("c1")
SMS = {"channel": "sms", "sender": "outbox:sms"}
ABOUT = {"customer": WHO, "trigger": "hi", "event_id": "left-c1-k"}


class Broken(Exception):
    """A mistake of our own."""


def fail(_case: Case) -> Verdict:
    raise Broken(PHONE)


def line(logs: list[Any], event: str) -> dict[str, Any]:
    """The only one of that name, without its own name."""
    [found] = [dict(one) for one in logs if one["event"] == event]
    assert not [word for word in (PHONE, EMAIL, PHONE[1:]) if word in json.dumps(logs, default=str)]
    return {key: found[key] for key in found if key != "event"}


def info(**fields: Any) -> dict[str, Any]:
    return {**fields, "log_level": "info"}


def test_events_that_came_together_are_one_line(engine: Engine) -> None:
    some = [incoming(left(f"c{n}")) for n in range(3)]
    publish(engine, some)

    with capture_logs() as logs:
        publish(engine, [*some, incoming(left("c4")), incoming(left("c5"))])
        publish(engine, some)

    assert line(logs, "events_accepted") == info(door=some[0].door, events=2)


def test_what_reading_does_is_no_line(engine: Engine) -> None:
    post = Post(engine, rules())
    publish(engine, [incoming(left())])

    with capture_logs() as logs:
        post.read()

    assert logs == []


def test_a_message_is_told_as_it_is_claimed_and_as_its_call_ends(engine: Engine) -> None:
    post = ready(engine)

    with capture_logs() as logs:
        post.send()

    which = {"message_id": post.message.id, "attempt": 1, **SMS}
    assert line(logs, "message_claimed") == info(**which, **ABOUT)
    assert line(logs, "attempt_ended") == info(
        **which, customer=WHO, trigger="hi", outcome="accepted", state="accepted", code=None
    )


@pytest.mark.parametrize(
    ("answer", "outcome", "state"),
    [
        (Refused("21610", "to " + PHONE), "refused", "planned"),
        (Uncertain("timeout", "of " + PHONE), "unknown", "unknown"),
    ],
)
def test_what_became_of_a_call_is_told_with_its_code_alone(
    engine: Engine, answer: Exception, outcome: str, state: str
) -> None:
    post = ready(engine)
    post.sms.answer = saying(answer)

    with capture_logs() as logs:
        post.send()

    said = line(logs, "attempt_ended")
    assert (said["outcome"], said["state"], said["customer"]) == (outcome, state, WHO)
    assert said["code"] == answer.args[0].partition(":")[0]


def test_a_receipt_is_told_if_it_moved_something(engine: Engine) -> None:
    post = ready(engine)
    [claimed] = post.claim().letters
    post.deliver([claimed])
    for late in ("delivered", "sent"):
        post.receipt(claimed.letter, late)

    with capture_logs() as logs:
        post.receive(limit=1)
        post.receive(limit=1)

    which = {"message_id": post.message.id, "attempt": 1, "code": None}
    assert line(logs, "receipt_applied") == info(**which, state="delivered", outcome="delivered")


def test_a_call_that_nobody_came_back_from_is_told_and_what_was_found_of_it(
    engine: Engine,
) -> None:
    post = ready(engine)
    post.claim()
    with capture_logs() as logs:
        post.sweep(NOON + LEASE + timedelta(seconds=1))

    said = line(logs, "lease_ended")
    assert (said["message_id"], said["sender"]) == (post.message.id, "outbox:sms")
    assert said["state"] == post.message.state


def test_what_was_found_of_an_unknown_message_is_told(engine: Engine) -> None:
    post, books = unheard(engine), Books()
    books.put("+972501234561", "Hello c1", status="delivered")

    with capture_logs() as logs:
        look(post, books, NOON + FIRST_LOOK)

    said = line(logs, "unknown_settled")
    assert (said["message_id"], said["state"]) == (post.message.id, "delivered")


def test_a_reply_is_told_by_its_meaning_and_never_by_its_words(engine: Engine) -> None:
    box = inbox(engine)

    with capture_logs() as logs:
        box.says("please, somebody call me back today")

    [text], [call] = rows(engine, inbound), rows(engine, handoffs)
    about = {"inbound": text.seq, "message_id": box.post.message.id}
    assert line(logs, "reply_read") == info(meaning="person", channel="sms", **about)
    assert line(logs, "handed_over") == info(handoff_id=call.id, queue=call.queue, **about)
    assert "somebody" not in json.dumps(logs, default=str)


def test_a_call_that_a_trigger_asks_for_is_told(engine: Engine) -> None:
    post = ready(engine, trigger(send="[{agent: desk, message: hello}]"))

    with capture_logs() as logs:
        post.claim()

    [call] = rows(engine, handoffs)
    assert line(logs, "handed_over") == info(handoff_id=call.id, queue="desk", **ABOUT)


def test_a_message_that_is_parked_is_told_with_the_name_that_it_lacks(engine: Engine) -> None:
    text = {"templates/hello/sms.en.txt": "Hello {{ customer.tier }}"}
    post = Post(engine, rules(**text))
    post.told(dana(), left())

    with capture_logs() as logs:
        post.claim()

    said = line(logs, "message_parked")
    assert said == info(message_id=post.message.id, why="missing: customer.tier", **ABOUT)


def test_what_is_put_off_is_no_line(engine: Engine) -> None:
    nightly = trigger(limits="{category: nightly}")
    post = ready(engine, nightly)

    with capture_logs() as logs:
        post.claim(NOON + 12 * HOUR)

    assert post.occurrence.reason == "quiet"
    assert logs == []


def test_a_claim_that_failed_names_its_event_and_a_hash_of_its_customer(engine: Engine) -> None:
    post = ready(engine)
    post.gates = fail

    with capture_logs() as logs:
        post.claim()

    said = line(logs, "claim_failed")
    assert (said["event_id"], said["customer"], said["log_level"]) == ("left-c1-k", WHO, "error")


@pytest.mark.parametrize("other", ["c2", "C1", ""])
def test_the_hash_of_a_customer_is_his_alone(other: str) -> None:
    assert HASHER.customer(other) != WHO
    assert "c1" not in WHO.split()


def test_a_channel_that_broke_names_its_message(engine: Engine) -> None:
    post = ready(engine)
    post.sms.answer = saying(Broken())

    with capture_logs() as logs:
        post.send()

    assert line(logs, "channel_failed")["message_id"] == post.message.id
