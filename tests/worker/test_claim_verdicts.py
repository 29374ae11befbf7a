"""Which verdict does a claim write, and what leaves because of it?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from tests.worker.sending import (
    EMAIL,
    HOUR,
    MINUTE,
    PHONE,
    POLICY,
    Post,
    dana,
    left,
    offer,
    ready,
    rules,
    trigger,
)
from tests.worker.small_world import HASHER, NOON, rows
from worker.steps.claim import NOTHING
from worker.store.addresses import wait_for
from worker.store.engine import in_transaction, make_engine
from worker.store.tables import (
    address_marks,
    customers,
    handoffs,
    pauses,
    spent,
    suppressions,
)

DAY = timedelta(days=1)


def test_a_later_verdict_keeps_it_waiting_with_its_reason(engine: Engine) -> None:
    post = ready(engine, trigger(limits="{category: nightly}"))
    night = NOON + 8 * HOUR

    assert post.claim(night).letters == ()

    row = post.occurrence
    assert (row.state, row.reason) == ("pending", "quiet")
    assert row.due == NOON + DAY - timedelta(hours=5, minutes=30)
    assert post.rulings[-1] == ("later", "quiet")
    assert rows(engine, spent) == []


def test_a_pause_holds_and_its_end_lets_go(engine: Engine) -> None:
    post = ready(engine)
    post.store(pauses, scope="trigger:hi", by="someone", why="a mistake", at=NOON)

    assert post.claim().letters == ()
    assert (post.occurrence.reason, post.occurrence.due) == ("paused", NOON + MINUTE)

    in_transaction(engine, lambda connection: connection.execute(pauses.delete()))
    assert len(post.claim(NOON + MINUTE).letters) == 1


def test_what_expired_is_skipped_and_told(engine: Engine) -> None:
    post = ready(engine, trigger(limits="{category: service, expires: 1h}"))

    assert post.claim(NOON + HOUR).letters == ()

    assert (post.occurrence.state, post.occurrence.reason) == ("skipped", "expired")
    assert len(rows(engine, spent)) == 1
    [own] = post.own_events
    assert (own.type, own.customer_id, own.data["reason"]) == ("outreach.skipped", "c1", "expired")
    assert own.data["cause"] == {"cart": "k"}


def test_an_opt_out_stored_before_the_claim_wins(engine: Engine) -> None:
    post = ready(engine, email=None)
    post.store(
        suppressions,
        address_hash=HASHER.address("sms", PHONE),
        channel="sms",
        category="*",
        source="stop",
        at=NOON,
    )

    assert post.claim().letters == ()
    assert (post.occurrence.state, post.occurrence.reason) == ("skipped", "suppressed")


def test_an_opt_out_holds_for_every_spelling_of_its_address(engine: Engine) -> None:
    post = ready(engine, phone=None, email="Dana@mail.example")
    hashed = HASHER.address("email", "dana@mail.example")
    word = {"channel": "email", "category": "*", "source": "page", "at": NOON}
    post.store(suppressions, address_hash=hashed, **word)

    assert post.claim().letters == ()
    assert post.occurrence.reason == "suppressed"


def test_an_opt_out_that_was_lifted_stands_no_longer(engine: Engine) -> None:
    post = ready(engine, email=None)
    post.store(
        suppressions,
        address_hash=HASHER.address("sms", PHONE),
        channel="sms",
        category="*",
        source="stop",
        at=NOON,
        lifted_at=NOON,
    )

    assert len(post.claim().letters) == 1


def test_an_address_marked_bad_leaves_the_next_channel(engine: Engine) -> None:
    post = ready(engine)
    hashed = HASHER.address("sms", PHONE)
    post.store(address_marks, address_hash=hashed, channel="sms", reason="21211", at=NOON)

    [claimed] = post.claim().letters

    assert (claimed.letter.channel, claimed.letter.address) == ("email", EMAIL)
    assert claimed.letter.subject == "Hello"
    assert "<p>Hello c1</p>" in (claimed.letter.html or "")


def test_a_channel_without_a_sender_is_no_channel(engine: Engine) -> None:
    post = ready(engine)
    post.senders = {"email": ["outbox:email"]}

    [claimed] = post.claim().letters

    assert claimed.letter.channel == "email"


def test_without_an_address_it_waits_for_one_until_it_expires(engine: Engine) -> None:
    post = ready(engine, phone=None, email=None)

    assert post.claim().letters == ()
    assert (post.occurrence.reason, post.occurrence.due) == ("no_address", NOON + DAY)

    assert post.claim(NOON + DAY).letters == ()
    assert (post.occurrence.state, post.occurrence.reason) == ("skipped", "expired")


def test_a_person_is_asked_to_call_in_the_hours_of_the_queue(engine: Engine) -> None:
    post = ready(engine, trigger(send="[{agent: desk, message: hello, due: 4h}]"))

    claimed = post.claim()

    assert claimed.letters == ()
    [handoff] = rows(engine, handoffs)
    assert (handoff.queue, handoff.state, handoff.text) == ("desk", "open", "להתקשר אל c1")
    assert (handoff.customer_id, handoff.trigger, handoff.key) == ("c1", "hi", "k")
    # noon and four hours is after five in Jerusalem: the next morning at half past eight
    assert handoff.due == NOON + DAY - timedelta(hours=5, minutes=30)
    assert (post.occurrence.state, post.rulings[-1]) == ("handed_over", ("handed_over", None))
    assert len(rows(engine, spent)) == 1
    [own] = post.own_events
    assert (own.type, own.data["queue"]) == ("outreach.handed_over", "desk")


def test_a_text_that_fails_does_not_silence_the_call(engine: Engine) -> None:
    post = Post(
        engine,
        rules(
            trigger(send="[{agent: desk, message: hello}]", about="Somebody should call."),
            **{"templates/hello/agent.he.txt": "{{ customer.first_name }}"},
        ),
    )
    post.told(dana(), left())

    post.claim()

    [handoff] = rows(engine, handoffs)
    assert handoff.text == "Somebody should call."
    assert "first_name" in handoff.why


def test_a_text_that_lacks_a_value_parks_the_message_with_its_name(engine: Engine) -> None:
    texts = {"templates/hello/sms.en.txt": "Hello {{ customer.first_name }}"}
    post = Post(engine, rules(**texts))
    post.told(dana(), left())

    assert post.claim().letters == ()

    row = post.message
    assert (row.state, row.why, row.attempt) == ("parked", "missing: customer.first_name", 0)
    assert post.attempts == []
    assert (post.occurrence.state, post.rulings[-1]) == ("messaged", ("parked", "text_failed"))
    assert len(rows(engine, spent)) == 1
    assert post.claim(NOON + HOUR) == NOTHING
    # who mends the text sends it: what was told of it by then would be wrong
    assert post.own_events == []


@pytest.mark.parametrize("category", ["marketing", "service"])
def test_mail_shows_the_way_out_in_the_mail_program(engine: Engine, category: str) -> None:
    ads = {"marketing": offer(), "service": trigger()}
    post = ready(engine, ads[category], consent=["marketing"], channels=["email"])

    [claimed] = post.claim().letters

    assert claimed.letter.headers == {
        "List-Unsubscribe": "<https://bank.example/u/email>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def test_what_is_urgent_shows_none_and_no_sms_does(engine: Engine) -> None:
    urgent = trigger("hot", limits="{category: urgent}", key="event.subject")
    by_sms = trigger("hi", key="event.subject", send="[{message: hello, by: [sms]}]")
    post = Post(engine, rules(urgent, by_sms))
    post.told(dana(channels=["email", "sms"]), left())

    found = {one.letter.channel: one.letter.headers for one in post.claim().letters}

    assert found == {"email": {}, "sms": {}}


@pytest.mark.parametrize("name", ["sms", "email"])
def test_a_customer_may_choose_the_channel(engine: Engine, name: str) -> None:
    post = ready(engine, channels=[name])

    [claimed] = post.claim().letters

    assert claimed.letter.channel == name


def test_a_claim_takes_the_languages_text(engine: Engine) -> None:
    post = ready(engine, language="he")

    [claimed] = post.claim().letters

    assert claimed.letter.text == "שלום c1"
    assert post.message.language == "he"


def test_a_customer_without_a_profile_is_decided_on_too(engine: Engine) -> None:
    post = Post(engine, rules(policy=POLICY))
    post.told(left())

    assert post.claim().letters == ()
    assert post.occurrence.reason == "no_address"
    assert [row.id for row in rows(engine, customers)] == ["c1"]


def test_an_address_that_another_worker_holds_is_left_for_later(postgres_database_url: str) -> None:
    """Two customers may have one phone: who claims for one of them holds it against the other."""
    engine = make_engine(postgres_database_url)
    post = ready(engine)

    with engine.begin() as connection:
        wait_for(connection, [HASHER.address("sms", PHONE)])
        assert post.claim().letters == ()

    assert post.occurrence.state == "pending"
    assert len(post.claim().letters) == 1
    engine.dispose()
