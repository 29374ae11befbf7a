"""Do receipts end the same in whatever order, number and time they come?"""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import Engine, update

from tests.worker.sending import HOUR, PHONE, Post, counted, dana, left, rules, trigger
from tests.worker.small_world import HASHER, NOON, rows
from worker.channels.base import Letter
from worker.channels.receipts import Fate
from worker.channels.twilio_receipts import WORDS, read_receipt
from worker.steps.receive import Received
from worker.store.engine import in_transaction
from worker.store.tables import address_marks, attempts, messages, receipts, suppressions

BY_SMS = "[{message: hello, by: [sms]}]"


def sent(engine: Engine, *triggers: str, **profile: Any) -> tuple[Post, Letter]:
    """A message that the provider has accepted."""
    post = Post(engine, rules(*triggers))
    post.told(dana(**profile), left())
    [claimed] = post.claim().letters
    post.deliver([claimed])
    return post, claimed.letter


def states(post: Post) -> tuple[str, str]:
    return post.message.state, post.attempts[-1].state


def told(post: Post) -> list[str]:
    return [one.type for one in post.own_events]


@pytest.mark.parametrize(
    ("words", "state"),
    [
        (["sent"], "sent"),
        (["delivered"], "delivered"),
        (["sent", "delivered"], "delivered"),
        (["queued"], "accepted"),
        (["read"], "delivered"),
        (["delivered", "undelivered"], "delivered"),
        (["nonsense"], "accepted"),
    ],
)
def test_the_furthest_word_counts_in_any_order_and_any_batches(
    engine: Engine, words: list[str], state: str
) -> None:
    post, letter = sent(engine)
    for word in words:
        post.receipt(letter, word)

    post.receive()

    assert states(post) == (state, state)


@pytest.mark.parametrize("order", list(permutations(["queued", "sent", "delivered"])))
def test_receipts_one_by_one_in_any_order_end_delivered_and_told_once(
    engine: Engine, order: tuple[str, ...]
) -> None:
    post, letter = sent(engine)

    for word in order:
        post.receipt(letter, word)
        post.receive()

    assert states(post) == ("delivered", "delivered")
    assert told(post) == ["outreach.sent", "outreach.delivered"]


def test_a_receipt_may_come_before_our_own_write(engine: Engine) -> None:
    post = Post(engine, rules())
    post.told(dana(), left())
    [claimed] = post.claim().letters
    post.receipt(claimed.letter, "delivered", MessageSid="SM1")
    post.receive()

    post.deliver([claimed])

    assert states(post) == ("delivered", "delivered")
    assert post.attempts[0].provider_ref == "SM1"
    assert sorted(told(post)) == ["outreach.delivered", "outreach.sent"]


@pytest.mark.parametrize(("word", "state"), [("sent", "sent"), ("delivered", "delivered")])
def test_a_receipt_settles_what_was_unknown_and_tells_its_name(
    engine: Engine, word: str, state: str
) -> None:
    post, letter = sent(engine)
    lost = {"state": "unknown"}
    in_transaction(engine, lambda c: c.execute(update(messages).values(**lost)))
    unheard = update(attempts).values(**lost, provider_ref=None)
    in_transaction(engine, lambda c: c.execute(unheard))
    post.receipt(letter, word, MessageSid="SM7")

    post.receive()

    assert states(post) == (state, state)
    assert post.attempts[0].provider_ref == "SM7"


def test_what_was_not_delivered_goes_by_the_next_channel(engine: Engine) -> None:
    post, letter = sent(engine)
    post.receipt(letter, "undelivered", ErrorCode="30003")

    assert post.receive().due

    assert (post.message.state, post.message.channel) == ("planned", "email")
    assert (post.attempts[0].state, post.attempts[0].code) == ("undelivered", "30003")
    post.send()
    assert [one.state for one in post.attempts] == ["undelivered", "accepted"]


def test_its_own_undelivered_attempt_does_not_stand_in_a_messages_way(engine: Engine) -> None:
    post, letter = sent(engine, trigger(limits="{category: service, cooldown: 7d}"))
    post.receipt(letter, "undelivered")
    post.receive()

    [claimed] = post.claim().letters

    assert claimed.letter.channel == "email"


def test_without_another_channel_what_was_not_delivered_has_failed(engine: Engine) -> None:
    post, letter = sent(engine, trigger(send=BY_SMS))
    post.receipt(letter, "failed", ErrorCode="30008")

    post.receive()

    assert states(post) == ("failed", "undelivered")
    assert (post.message.why, post.message.detail) == ("undelivered", "30008")
    assert told(post) == ["outreach.sent", "outreach.failed"]


def test_past_its_use_no_other_channel_is_tried(engine: Engine) -> None:
    post, letter = sent(engine)
    post.receipt(letter, "undelivered")

    post.receive(NOON + timedelta(days=1))

    assert states(post) == ("failed", "undelivered")


def test_a_late_word_about_an_earlier_attempt_leaves_the_later_one_alone(engine: Engine) -> None:
    post, letter = sent(engine)
    post.receipt(letter, "undelivered")
    post.receive()
    post.send()
    post.receipt(letter, "delivered")

    assert post.receive().applied == 1

    assert post.message.state == "accepted"
    assert [one.state for one in post.attempts] == ["undelivered", "accepted"]


@pytest.mark.parametrize("send", [BY_SMS, "[{message: hello, by: [sms, email]}]"])
@pytest.mark.parametrize("sent_again", [False, True])
def test_a_late_failure_of_an_earlier_attempt_changes_nothing_for_the_message(
    engine: Engine, sent_again: bool, send: str
) -> None:
    post, letter = sent(engine, trigger(send=send))
    absent = update(attempts).values(state="absent")
    planned = update(messages).values(state="planned", due=NOON)
    in_transaction(engine, lambda c: (c.execute(absent), c.execute(planned)))
    if sent_again:
        post.send()
    before = (post.message.state, post.message.channel, post.message.due)
    post.receipt(letter, "undelivered")

    post.receive()

    assert (post.message.state, post.message.channel, post.message.due) == before
    assert post.attempts[0].state == "undelivered"


def test_a_planned_message_that_did_arrive_is_not_sent_again(engine: Engine) -> None:
    """It was believed absent; the provider had it after all."""
    post, letter = sent(engine)
    absent = update(attempts).values(state="absent")
    planned = update(messages).values(state="planned", due=NOON)
    in_transaction(engine, lambda c: (c.execute(absent), c.execute(planned)))
    post.receipt(letter, "delivered")

    post.receive()

    assert states(post) == ("delivered", "delivered")
    assert post.claim(NOON + HOUR).letters == ()


@pytest.mark.parametrize(
    ("code", "marked", "out"), [("30005", 1, 0), ("21610", 0, 1), ("30003", 0, 0)]
)
def test_a_number_that_cannot_be_reached_is_marked_and_one_that_said_stop_is_kept(
    engine: Engine, code: str, marked: int, out: int
) -> None:
    post, letter = sent(engine)
    post.receipt(letter, "undelivered", ErrorCode=code)

    post.receive()

    marks, words = rows(engine, address_marks), rows(engine, suppressions)
    assert (len(marks), len(words)) == (marked, out)
    hashed = HASHER.address("sms", PHONE)
    assert all(one.address_hash == hashed for one in [*marks, *words])


def test_each_receipt_is_applied_once_and_what_says_nothing_is_kept_as_ignored(
    engine: Engine,
) -> None:
    post, letter = sent(engine)
    post.receipt(letter, "sent")
    post.receipt(letter, "nonsense")
    stranger = Letter("f" * 32, 1, "sms", PHONE, "", NOON)
    post.receipt(stranger, "delivered")

    assert post.receive() == Received(1, 2, more=False, heard=False, due=False)
    assert [one.state for one in rows(engine, receipts, "seq")] == ["applied", "ignored", "ignored"]
    assert post.receive() == Received(0, 0, more=False, heard=False, due=False)


def test_more_receipts_than_one_batch_takes_are_taken_by_the_next(engine: Engine) -> None:
    post, letter = sent(engine)
    for word in ("queued", "sent", "delivered"):
        post.receipt(letter, word)

    assert post.receive(limit=2).more
    assert not post.receive(limit=2).more
    assert states(post) == ("delivered", "delivered")


def test_a_trigger_that_listens_is_told(engine: Engine) -> None:
    listening = trigger(
        "after",
        on="outreach.delivered",
        key="event.data.message_id",
        when="event.data.trigger == 'hi'",
    )
    post, letter = sent(engine, trigger(), listening)
    post.receipt(letter, "delivered")

    assert post.receive().heard


def test_a_batch_of_receipts_costs_the_same_statements_whatever_its_size(engine: Engine) -> None:
    post = Post(engine, rules(trigger(send=BY_SMS)))

    def cost(first: int, count: int) -> int:
        for number in range(first, first + count):
            customer = f"c{number}"
            post.told(dana(customer, phone=f"+9725012345{number:02}"), left(customer))
        letters = [one.letter for one in post.claim().letters]
        for letter in letters:
            post.receipt(letter, "undelivered", ErrorCode="21610")
        return counted(engine, post.receive)

    assert cost(1, 1) == cost(20, 12) <= 18


@pytest.mark.parametrize("word", WORDS)
def test_every_word_of_the_provider_is_read_whatever_else_it_sends(word: str) -> None:
    report = read_receipt(word.upper(), {"ErrorCode": "x" * 500, "MessageSid": "S" * 500})

    assert report is not None
    assert report.fate is WORDS[word]
    assert (len(report.code or ""), len(report.ref or "")) == (10, 64)
    assert not report.bad_address


def test_fates_come_in_the_order_in_which_they_outdo_each_other() -> None:
    assert list(Fate) == [Fate.TAKEN, Fate.SENT, Fate.UNDELIVERED, Fate.DELIVERED]
