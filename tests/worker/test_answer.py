"""Is what people write back done, once and in its order, and does it reach a person?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Row

from tests.worker.replying import Inbox, inbox
from tests.worker.sending import PHONE, POLICY, Post, dana, left, rules, trigger
from tests.worker.small_world import NOON, rows
from triggers.replies.meanings import Scale
from worker.steps.announcing import Hearing
from worker.steps.replied import Answer
from worker.store.tables import alerts, occurrences

SECOND = timedelta(seconds=1)
BY_SMS = "[{message: hello, by: [sms]}]"
OTHER = "+972501230000"


def test_stop_refuses_everything_at_the_address_with_its_proof(engine: Engine) -> None:
    room = inbox(engine)

    room.says('  "הסר!"\u200f ')

    assert room.suppressed == [("reply", True)]
    [word] = room.log
    assert (word.said, word.category, word.wording) == ("refused", "*", '  "הסר!"\u200f ')
    assert word.at == NOON
    assert word.proof == {"provider": "twilio", "ref": room.kept[0].provider_ref, "inbound": 1}
    assert room.calls == []


def test_a_reply_is_marked_with_what_it_means_and_the_message_it_answers(engine: Engine) -> None:
    room = inbox(engine)

    done = room.says("STOP")

    [row] = room.kept
    assert (row.state, row.meaning, row.customer_id) == ("read", "stop", "c1")
    assert row.message_id == room.post.message.id
    assert (done.read, done.more) == (1, False)


def test_what_waits_for_the_address_is_decided_on_anew_at_the_claim(engine: Engine) -> None:
    post = Post(engine, rules(trigger(send=BY_SMS), trigger("by_mail", on="cart.paid")))
    post.told(dana(), left())
    room = Inbox(post)

    room.says("STOP")

    assert post.claim().letters == ()
    [row] = rows(engine, occurrences)
    assert (row.state, row.reason) == ("skipped", "suppressed")


def test_our_own_triggers_hear_of_it_once_with_its_cause(engine: Engine) -> None:
    room = inbox(engine)

    room.says("STOP, call me please")
    room.answer()

    refused, replied = sorted(room.told, key=lambda one: one.type)
    assert refused.type == "outreach.opted_out"
    assert (refused.data["source"], refused.data["category"]) == ("reply", "*")
    assert replied.data["meaning"] == "stop"
    assert replied.data["also"] == ["person"]
    assert replied.data["text"] == "STOP, call me please"
    for one in (refused, replied):
        assert (one.customer_id, one.data["trigger"], one.data["key"]) == ("c1", "hi", "k")
        assert one.data["message_id"] == room.post.message.id
        assert one.data["cause"]["cart"] == "k"
        assert one.hops == 1


def test_a_trigger_may_be_called_off_by_what_the_customer_wrote(engine: Engine) -> None:
    follow_up = trigger(
        "follow_up",
        on="outreach.sent",
        key="event.data.message_id",
        when='event.data.trigger == "hi"',
        wait="1d",
        unless='{event: outreach.replied, when: event.data.meaning == "paid"}',
        limits="{category: service, expires: 2d}",
    )
    room = inbox(engine, trigger(send=BY_SMS), follow_up)
    room.post.read()
    assert room.says("כבר שילמתי", now=NOON + SECOND).heard

    room.post.read()

    [row] = [one for one in rows(engine, occurrences) if one.trigger == "follow_up"]
    assert (row.state, row.reason) == ("called_off", "called_off")


def test_start_lifts_the_customers_own_refusal_and_leaves_its_proof(engine: Engine) -> None:
    room = inbox(engine)
    room.says("STOP")

    room.says("START", now=NOON + SECOND)

    assert room.suppressed == [("reply", False)]
    assert [(one.said, one.wording) for one in room.log] == [
        ("refused", "STOP"),
        ("agreed", "START"),
    ]
    assert room.log[1].at == NOON + SECOND


@pytest.mark.parametrize("words", ["wrong number", "מספר שגוי"])
def test_start_lifts_nothing_that_somebody_else_has_told(engine: Engine, words: str) -> None:
    room = inbox(engine)
    room.says(words)

    room.says("START", now=NOON + SECOND)

    assert room.suppressed == [("wrong number", True)]


def test_a_start_does_not_make_a_bad_number_good(engine: Engine) -> None:
    room = inbox(engine, trigger(send=BY_SMS))
    post = room.post
    [attempt] = post.attempts
    [letter] = post.sms.calls
    post.receipt(letter, "undelivered", ErrorCode="30005")
    post.receive()

    room.says("START")
    post.told(left(cart="k2"))

    assert post.claim().letters == ()
    assert attempt.address_hash


def test_a_stop_after_a_doubt_is_not_lifted_with_the_doubt(engine: Engine) -> None:
    room = inbox(engine)
    room.says("enough with this already")
    assert room.suppressed == [("unclear reply", True)]

    room.says("STOP", now=NOON + SECOND)

    assert room.suppressed == [("reply", True)]


def test_stop_and_start_in_one_batch_keep_their_order(engine: Engine) -> None:
    room = inbox(engine)
    room.writes("START")
    room.writes("STOP", now=NOON + SECOND)
    room.writes("START", now=NOON + 2 * SECOND)
    room.writes("STOP", now=NOON + 3 * SECOND)

    room.answer()

    assert room.suppressed == [("reply", True)]
    assert [one.said for one in room.log] == ["refused", "agreed", "refused"]


class Survey:
    """A question that is open, and its answers."""

    def __init__(self) -> None:
        self.kept: list[Answer] = []

    def scale(self, message: Row[Any]) -> Scale | None:
        return Scale(1, 5) if message.trigger == "hi" else None

    def keep(
        self, connection: Connection, message: Row[Any], said: Answer, hearing: Hearing
    ) -> bool | None:
        assert connection.in_transaction()
        assert (message.trigger, hearing.bundle is not None) == ("hi", True)
        self.kept.append(said)
        return True


def test_an_answer_goes_to_the_open_survey(engine: Engine) -> None:
    survey = Survey()
    room = inbox(engine)
    room.surveys = survey

    assert room.says("ארבע").heard
    room.says("the queue was long", now=NOON + SECOND)

    assert survey.kept == [
        Answer(4, "ארבע", NOON),
        Answer(None, "the queue was long", NOON + SECOND),
    ]
    assert room.calls == []


def test_an_answer_that_comes_after_the_window_is_the_open_surveys_still(engine: Engine) -> None:
    survey = Survey()
    room = inbox(engine, policy=POLICY + "surveys: {hello: {open: 20d}}\n")
    room.surveys = survey

    room.says("what is the weather", now=NOON + timedelta(days=4))
    room.says("5", now=NOON + timedelta(days=19))
    room.says("5", now=NOON + timedelta(days=21))

    assert [one.number for one in survey.kept] == [5]
    assert [one.message_id is None for one in room.kept] == [True, False, True]


def test_a_number_without_an_open_survey_is_unclear(engine: Engine) -> None:
    room = inbox(engine)

    room.says("4")

    assert [one.why for one in room.calls] == ["nobody has understood it yet"]


class Broken(Survey):
    """Our own code fails on one text."""

    def keep(self, *_: Any) -> bool | None:
        raise RuntimeError("+972501234567 must be in no alarm")


def test_a_text_our_own_code_fails_on_is_set_aside_alone_and_its_sender_left_in_peace(
    engine: Engine,
) -> None:
    room = inbox(engine)
    room.surveys = Broken()
    room.writes("hello there", phone=OTHER)
    room.writes("4")
    room.writes("STOP", phone=OTHER, now=NOON + SECOND)

    while room.answer().more:
        pass

    assert [one.state for one in room.kept] == ["read", "set_aside", "read"]
    assert sorted(source for source, _ in room.suppressed) == ["reply", "unclear reply"]
    [alarm] = rows(engine, alerts)
    assert (alarm.kind, alarm.subject, alarm.detail) == ("reply_failed", "2", "RuntimeError")
    assert PHONE not in str(tuple(alarm))
