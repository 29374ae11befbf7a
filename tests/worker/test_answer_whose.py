"""Whose is a text that comes in, which message does it answer, and which people get it?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from tests.worker.replying import Inbox, inbox
from tests.worker.sending import HOUR, POLICY, Post, dana, left, rules, trigger
from tests.worker.small_world import NOON
from triggers.answering import Call

BY_SMS = "[{message: hello, by: [sms]}]"
OTHER = "+972501230000"


def test_who_asks_for_a_person_gets_one_in_working_hours(engine: Engine) -> None:
    room = inbox(engine)
    evening = datetime(2026, 11, 2, 18, 0, tzinfo=UTC)

    room.says("נציג", now=evening)

    [call] = room.calls
    assert (call.queue, call.state, call.text) == ("desk", "open", "נציג")
    assert call.due == datetime(2026, 11, 3, 6, 30, tzinfo=UTC)
    assert (call.customer_id, call.message_id) == ("c1", room.post.message.id)
    assert (call.inbound, call.language) == (room.kept[0].seq, "en")
    assert call.why == "asks for a person"
    assert room.suppressed == []


def test_a_reply_goes_to_the_people_of_its_own_trigger_or_of_the_policy(engine: Engine) -> None:
    policy = POLICY.replace(
        "agents:\n", "replies: {queue: front}\nagents:\n  front: {}\n  retention: {}\n"
    )
    own = "[{when: customer.agent_only, agent: retention, message: hello},"
    own += " {message: hello, by: [sms]}]"
    mine = rules(trigger(send=own), trigger("plain", on="cart.paid"), policy=policy)
    post = Post(engine, mine, senders={"sms": ["outbox:sms"]})
    post.told(dana(), left())
    post.send()
    room = Inbox(post)

    room.says("call me")
    room.says("call me", phone=OTHER)

    assert sorted(one.queue for one in room.calls) == ["front", "retention"]


def test_an_unclear_text_goes_to_a_person_and_stops_nothing(engine: Engine) -> None:
    room = inbox(engine)

    room.says("what is the weather")

    assert [one.why for one in room.calls] == ["nobody has understood it yet"]
    assert room.suppressed == []


@pytest.mark.parametrize(
    ("media", "seen"), [("2", "🖼🖼"), ("0", ""), ("", ""), ("9" * 40, "🖼" * 10), ("²", "")]
)
def test_who_sends_pictures_without_a_word_is_read_by_a_person_who_sees_that(
    engine: Engine, media: str, seen: str
) -> None:
    room = inbox(engine)

    room.says("", NumMedia=media)

    assert [(one.why, one.text) for one in room.calls] == [(Call.UNCLEAR, seen)]
    assert room.suppressed == []


def test_an_unclear_text_that_may_refuse_is_obeyed_until_a_person_has_read_it(
    engine: Engine,
) -> None:
    room = inbox(engine)

    room.says("enough with this already")

    assert room.suppressed == [("unclear reply", True)]
    assert len(room.calls) == 1
    assert [one.type for one in room.told] == ["outreach.replied"]


def test_a_reply_without_a_message_is_whose_number_it_is_and_a_strangers_is_nobodys(
    engine: Engine,
) -> None:
    post = Post(engine, rules())
    post.told(dana(), dana("c2", phone=OTHER), dana("c3", phone=OTHER))
    room = Inbox(post)

    room.says("call me")
    room.says("call me", phone=OTHER)
    room.says("call me", phone="+972500000001")

    assert [one.customer_id for one in room.kept] == ["c1", None, None]
    assert [one.customer_id for one in room.calls].count("") == 2
    assert [one.customer_id for one in room.told] == ["c1"]


def test_stop_belongs_to_the_address_whoever_shares_it(engine: Engine) -> None:
    post = Post(engine, rules(trigger(send=BY_SMS)))
    post.told(dana(), dana("c2"), left("c2"))
    post.send()
    room = Inbox(post)

    room.says("STOP")
    post.told(left("c1"))

    assert post.claim().letters == ()
    told = [one for one in room.told if one.type == "outreach.opted_out"]
    assert sorted(one.customer_id for one in told) == ["c1", "c2"]


def test_a_reply_answers_the_latest_message_by_the_number_it_was_written_to(
    engine: Engine,
) -> None:
    room = inbox(engine, trigger(send=BY_SMS))
    first = room.post.message.id
    room.post.senders = {"sms": ["twilio:+972550000000"]}
    room.post.told(left(cart="k2"))
    room.post.send(NOON + HOUR)

    room.says("thanks", now=NOON + 2 * HOUR)
    room.says("thanks", now=NOON + 2 * HOUR, To="+972550000000")
    room.says("thanks", now=NOON + 2 * HOUR, To="+972551111111")
    room.says("thanks", now=NOON + timedelta(days=4))

    answered = [one.message_id for one in room.kept]
    assert answered[0] == first
    assert answered[1] == answered[2] not in (first, None)
    assert answered[3] is None
