"""Does a claim decide once, with the customer held, and leave everything written down?"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine, update

from tests.worker.sending import (
    HOUR,
    MINUTE,
    OWNER,
    PHONE,
    Post,
    dana,
    left,
    ready,
    rules,
    trigger,
)
from tests.worker.small_world import HASHER, NOON, event, read_all, rows, told
from triggers.addresses import canonical
from triggers.facts import TriggerKey
from worker.steps.claim import NOTHING
from worker.store.engine import in_transaction
from worker.store.tables import (
    decisions,
    events,
    messages,
    occurrences,
    spent,
)

DAY = timedelta(days=1)


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
