"""Does a claim decide once, with the customer held, and leave everything written down?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, update

from tests.worker.sending import (
    EMAIL,
    HOUR,
    MINUTE,
    OWNER,
    PHONE,
    POLICY,
    Post,
    dana,
    left,
    offer,
    rules,
    trigger,
)
from tests.worker.small_world import HASHER, NOON, event, read_all, rows, told
from triggers.addresses import canonical
from triggers.facts import TriggerKey
from worker.steps.claim import NOTHING
from worker.store.engine import in_transaction, make_engine
from worker.store.standing import hold
from worker.store.tables import (
    address_marks,
    customers,
    decisions,
    events,
    handoffs,
    messages,
    occurrences,
    pauses,
    spent,
    suppressions,
)

DAY = timedelta(days=1)


def ready(engine: Engine, *triggers: str, **profile: Any) -> Post:
    """A customer who left a cart, and rules that answer to that."""
    post = Post(engine, rules(*triggers))
    post.told(dana(**profile), left())
    return post


def test_what_is_due_becomes_a_message_an_attempt_and_a_letter(engine: Engine) -> None:
    post = ready(engine)

    [claimed] = post.claim().letters

    message, [attempt] = post.message, post.attempts
    assert (message.state, message.channel, message.channels) == (
        "sending",
        "sms",
        ["sms", "email"],
    )
    assert (message.customer_id, message.trigger, message.key) == ("c1", "hi", "k")
    assert (message.message, message.language, message.attempt) == ("hello", "en", 1)
    assert (message.lease_owner, message.lease_until) == (OWNER, NOON + timedelta(seconds=150))
    assert (message.start_source, message.start_id) == ("shop", "left-c1-k")
    assert (attempt.state, attempt.number, attempt.sender) == ("sending", 1, "outbox:sms")
    assert (attempt.address, attempt.text, attempt.segments) == (PHONE, "Hello c1", 1)
    assert attempt.address_hash == HASHER.address("sms", canonical("sms", PHONE))
    assert post.occurrence.state == "messaged"
    letter = claimed.letter
    assert (letter.message_id, letter.attempt, letter.address) == (message.id, 1, PHONE)
    assert (letter.text, letter.expires) == ("Hello c1", NOON + DAY)


def test_a_claim_spends_the_epoch_and_says_on_which_facts_it_was_decided(engine: Engine) -> None:
    post = ready(engine)

    post.claim()

    [row] = rows(engine, spent)
    key = TriggerKey("hi", "c1", "k")
    assert (row.key_hash, row.epoch_hash) == (HASHER.key(key), HASHER.epoch(key, "once"))
    assert (row.start_time, row.start_source, row.start_id) == (NOON, "shop", "left-c1-k")
    decision = rows(engine, decisions, "seq")[-1]
    assert (decision.verdict, decision.message_id) == ("claimed", post.message.id)
    assert decision.facts == [["shop", "left-c1-k"]]
    assert decision.bundle == post.configuration.hash


def test_what_was_claimed_is_not_claimed_again(engine: Engine) -> None:
    post = ready(engine)
    post.claim()

    assert post.claim() == NOTHING
    assert len(post.attempts) == 1


def test_nothing_is_claimed_before_its_moment(engine: Engine) -> None:
    post = ready(engine, trigger(wait="1h"))

    assert post.claim(NOON + HOUR - MINUTE).letters == ()
    assert len(post.claim(NOON + HOUR).letters) == 1


def test_no_more_is_claimed_than_there_are_slots(engine: Engine) -> None:
    post = Post(engine, rules())
    for number in range(5):
        post.told(dana(f"c{number}", phone=f"+97250123450{number}"), left(f"c{number}"))

    first, second = post.claim(limit=3), post.claim(limit=3)

    assert (len(first.letters), first.more) == (3, True)
    assert (len(second.letters), second.more) == (2, False)
    assert post.claim(limit=0) == NOTHING


def test_the_higher_priority_leaves_first_and_then_what_was_due_first(engine: Engine) -> None:
    post = Post(
        engine,
        rules(
            trigger("low", limits="{category: service, priority: low}"),
            trigger("high", limits="{category: service, priority: high}"),
            trigger("later", limits="{category: service, priority: high}", wait="1m"),
        ),
    )
    post.told(dana(), left())

    letters = post.claim(NOON + HOUR).letters

    names = {row.id: row.trigger for row in rows(engine, messages)}
    assert [names[one.letter.message_id] for one in letters] == ["high", "later", "low"]


def test_nothing_is_claimed_while_one_of_the_customers_events_is_unread(engine: Engine) -> None:
    post = ready(engine)
    told(engine, event("cart.paid", "paid", cart="k"))

    assert post.claim() == NOTHING

    post.read()
    assert len(post.claim().letters) == 1


def test_an_event_that_was_set_aside_holds_its_customer_and_nobody_else(engine: Engine) -> None:
    post = ready(engine)
    post.told(dana("c2", phone="+972501234568"), left("c2"))
    told(engine, event("cart.paid", "paid", cart="other"))
    aside = update(events).where(events.c.id == "paid").values(state="set_aside")
    in_transaction(engine, lambda connection: connection.execute(aside))

    assert [one.letter.address for one in post.claim().letters] == ["+972501234568"]


def test_an_exit_that_was_read_before_the_claim_wins(engine: Engine) -> None:
    post = ready(engine, trigger(wait="1h", unless="cart.paid"))
    post.told(event("cart.paid", "paid", cart="k"))

    assert post.claim(NOON + DAY / 2) == NOTHING
    assert post.occurrence.state == "called_off"


def test_what_its_facts_hold_no_longer_is_called_off_by_the_claim_itself(engine: Engine) -> None:
    post = ready(engine, trigger(wait="1h", unless="cart.paid"))
    post.told(event("cart.paid", "paid", cart="k"))
    waits = update(occurrences).values(state="pending", reason=None)
    in_transaction(engine, lambda connection: connection.execute(waits))

    claimed = post.claim(NOON + 2 * HOUR)

    assert claimed.letters == ()
    row = post.occurrence
    assert (row.state, row.reason, row.detail) == ("called_off", "called_off", "cart.paid")
    assert post.rulings[-1] == ("called_off", "called_off")
    assert rows(engine, spent) == []
    assert post.own_events == []


def test_a_trigger_that_was_removed_sends_nothing_more(engine: Engine) -> None:
    post = ready(engine)
    post.configuration = rules(trigger("another"))

    assert post.claim().letters == ()
    assert (post.occurrence.state, post.occurrence.reason) == ("called_off", "trigger_removed")


def test_a_moment_that_moved_away_is_waited_for(engine: Engine) -> None:
    post = ready(engine)
    post.configuration = rules(trigger(wait="1h", unless="cart.paid"))

    assert post.claim().letters == ()
    row = post.occurrence
    assert (row.state, row.due) == ("pending", NOON + HOUR + 2 * MINUTE)
    assert post.rulings[-1] == ("later", "moved")


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
    post.senders = {"email": "outbox:email"}

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


def test_who_asks_for_consent_shows_the_way_out_in_the_mail_program(engine: Engine) -> None:
    post = ready(engine, offer(), consent=["marketing"], channels=["email"])

    [claimed] = post.claim().letters

    assert claimed.letter.headers == {
        "List-Unsubscribe": "<https://bank.example/u/email>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def test_two_occurrences_of_one_key_in_one_batch_are_decided_one_after_the_other(
    engine: Engine,
) -> None:
    """The second is the first one again, once the first is spent (LANGUAGE.md rule 3)."""
    counting = trigger("counting", count="{reach: 2, within: 7d}")
    post = Post(engine, rules(counting))
    post.told(dana())
    for number in range(4):
        told(
            engine,
            event("cart.left", f"e{number}", after=timedelta(minutes=number), cart="k"),
        )
        read_all(engine, post.configuration, now=NOON + timedelta(minutes=number))

    letters = post.claim(NOON + HOUR).letters

    keys = {row.epoch for row in rows(engine, messages)}
    assert len(letters) == len(keys)
    assert post.claim(NOON + HOUR) == NOTHING


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
        hold(connection, [HASHER.address("sms", PHONE)])
        assert post.claim().letters == ()

    assert post.occurrence.state == "pending"
    assert len(post.claim().letters) == 1
    engine.dispose()
