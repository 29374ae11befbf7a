"""Does every answer of a provider, and every silence, end in its place?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, update

from tests.worker.sending import (
    EMAIL,
    HOUR,
    MINUTE,
    PHONE,
    Post,
    ready,
    saying,
    trigger,
)
from tests.worker.small_world import HASHER, NOON, event, rows
from worker.breaking import LONGEST_REST
from worker.channels.base import (
    Accepted,
    Misconfigured,
    Refused,
    TryLater,
    Uncertain,
)
from worker.retrying import PAUSES
from worker.store.engine import in_transaction
from worker.store.tables import address_marks, attempts, suppressions

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
BY_SMS = "[{message: hello, by: [sms]}]"


def told(post: Post) -> list[str]:
    return [one.id.partition(":")[2] for one in post.own_events]


def test_an_accepted_letter_is_accepted_with_the_providers_name_for_it(engine: Engine) -> None:
    post = ready(engine)

    delivered = post.send()

    assert post.states == ("accepted", ["accepted"])
    [attempt] = post.attempts
    assert (attempt.provider_ref, attempt.finished_at, attempt.code) == ("ref-1", NOON, None)
    assert (post.message.why, post.message.lease_until) == (None, None)
    assert dict(delivered.attempts) == {"accepted": 1}
    assert (delivered.due, delivered.heard) == (False, False)


def test_what_was_sent_is_told_once_with_what_caused_it(engine: Engine) -> None:
    post = ready(engine)

    post.send()

    [own] = post.own_events
    assert (own.type, own.id) == ("outreach.sent", f"{post.message.id}:sent")
    assert (own.customer_id, own.subject, own.state) == ("c1", "c1", "read")
    assert (own.hops, own.source, own.time) == (1, "outreach", NOON)
    assert own.data == {
        "trigger": "hi",
        "key": "k",
        "message_id": post.message.id,
        "message": "hello",
        "channel": "sms",
        "cause": {"cart": "k"},
    }


def test_a_trigger_that_listens_makes_our_own_event_unread(engine: Engine) -> None:
    second = trigger(
        "after", on="outreach.sent", key="event.data.message_id", when="event.data.trigger == 'hi'"
    )
    post = ready(engine, trigger(), second)

    assert post.send().heard
    assert [one.state for one in post.own_events] == ["new"]

    post.read()
    assert len(post.claim().letters) == 1


def test_a_chain_of_our_own_events_ends_after_five(engine: Engine) -> None:
    endless = trigger(
        "again", on="outreach.sent", key="event.data.message_id", wait="1m", again="each"
    )
    post = ready(engine, trigger(), endless)

    for minute in range(10):
        post.send(NOON + minute * MINUTE)
        post.read(NOON + minute * MINUTE)

    assert [one.hops for one in post.own_events] == [1, 2, 3, 4, 5]
    assert len(post.sms.calls) == 6


@pytest.mark.parametrize("after", [None, 3 * HOUR])
def test_what_was_not_processed_is_tried_again_later(
    engine: Engine, after: timedelta | None
) -> None:
    post = ready(engine)
    post.sms.answer = saying(TryLater("20429", after=after))

    assert not post.send().due

    assert post.states == ("planned", ["try_later"])
    assert (post.message.why, post.message.detail) == ("try_later", "20429")
    assert NOON + (after or PAUSES[0]) <= post.message.due
    assert told(post) == []


def test_a_retry_has_the_same_words_and_the_next_number(engine: Engine) -> None:
    post = ready(engine)
    post.sms.answer = saying(TryLater("20429"))
    post.send()
    changed = update(attempts).values(text="as it was written")
    in_transaction(engine, lambda connection: connection.execute(changed))
    post.sms.answer = lambda letter: Accepted("ref")

    post.send(NOON + MINUTE)

    assert post.states == ("accepted", ["try_later", "accepted"])
    assert [one.text for one in post.sms.calls] == ["Hello c1", "as it was written"]
    assert [one.attempt for one in post.sms.calls] == [1, 2]
    assert post.rulings == [("claimed", None), ("claimed", None)]


def test_failures_wait_longer_each_time_until_the_message_expires(engine: Engine) -> None:
    post = ready(engine, trigger(send=BY_SMS, limits="{category: service, expires: 10m}"))
    post.sms.answer = saying(TryLater("20429"))
    now, dues = NOON, []

    while post.send(now) and post.message.state == "planned":
        dues.append(post.message.due - now)
        now = post.message.due

    assert dues == sorted(dues)
    assert len(dues) >= 3
    assert post.states == ("expired", ["try_later"] * (len(dues) + 1))
    assert told(post) == ["failed"]
    assert post.own_events[0].data["reason"] == "try_later"


def test_a_retry_that_comes_too_late_expires_with_a_record(engine: Engine) -> None:
    post = ready(engine)
    post.sms.answer = saying(TryLater("20429"))
    post.send()

    assert post.claim(NOON + DAY).letters == ()

    assert (post.message.state, post.message.why) == ("expired", "expired")
    assert post.rulings[-1] == ("expired", "expired")
    assert told(post) == ["failed"]


def test_an_exit_calls_off_what_was_to_be_tried_again(engine: Engine) -> None:
    post = ready(engine, trigger(wait="1m", unless="cart.paid"))
    post.sms.answer = saying(TryLater("20429", after=HOUR))
    post.send(NOON + HOUR)
    post.told(event("cart.paid", "paid", cart="k"))

    assert post.claim(NOON + 5 * HOUR).letters == ()
    assert post.message.state == "called_off"


def test_what_is_refused_for_good_takes_the_next_channel_at_once(engine: Engine) -> None:
    post = ready(engine)
    post.sms.answer = saying(Refused("30007"))

    assert post.send().due
    assert (post.message.state, post.message.channel, post.message.due) == (
        "planned", "email", NOON,
    )  # fmt: skip

    post.send()

    assert post.states == ("accepted", ["refused", "accepted"])
    [mail] = post.email.calls
    assert (mail.channel, mail.address, mail.subject, mail.attempt) == ("email", EMAIL, "Hello", 2)
    assert told(post) == ["sent"]


def test_a_new_channel_begins_with_the_first_pause(engine: Engine) -> None:
    post = ready(engine)
    post.sms.answer = post.email.answer = saying(TryLater("20429"))
    for hour in range(5):
        post.send(NOON + hour * HOUR)
    post.sms.answer = saying(Refused("30007"))
    post.send(NOON + 6 * HOUR)

    post.send(NOON + 7 * HOUR)

    assert (post.message.channel, post.message.why) == ("email", "try_later")
    assert post.message.due - (NOON + 7 * HOUR) < PAUSES[1]


def test_without_another_channel_a_refusal_is_the_end(engine: Engine) -> None:
    post = ready(engine, trigger(send=BY_SMS))
    post.sms.answer = saying(Refused("30007", "filtered"))

    post.send()

    assert post.states == ("failed", ["refused"])
    assert (post.message.why, post.message.detail) == ("refused", "30007")
    assert (post.attempts[0].code, post.attempts[0].error) == ("30007", "filtered")
    assert told(post) == ["failed"]


def test_a_bad_address_is_marked_and_an_opt_out_is_kept_for_good(engine: Engine) -> None:
    post = ready(engine, trigger(send=BY_SMS))
    post.sms.answer = saying(Refused("21610", bad_address=True, opted_out=True))

    post.send()

    hashed = HASHER.address("sms", PHONE)
    [mark] = rows(engine, address_marks)
    assert (mark.address_hash, mark.channel, mark.reason) == (hashed, "sms", "21610")
    [word] = rows(engine, suppressions)
    assert (word.address_hash, word.channel, word.category) == (hashed, "sms", "*")
    assert (word.source, word.at, word.lifted_at) == ("provider 21610", NOON, None)


def test_an_opt_out_that_stands_keeps_its_first_moment(engine: Engine) -> None:
    post = ready(engine, trigger(send=BY_SMS))
    claimed = post.claim().letters
    key = {"address_hash": HASHER.address("sms", PHONE), "channel": "sms", "category": "*"}
    post.store(suppressions, **key, source="stop", at=NOON - DAY)
    post.sms.answer = saying(Refused("21610", opted_out=True))

    post.deliver(claimed)

    [word] = rows(engine, suppressions)
    assert (word.source, word.at) == ("stop", NOON - DAY)


def test_our_own_mistake_stops_the_line_and_burns_no_attempt(engine: Engine) -> None:
    post = ready(engine, trigger(send=BY_SMS))
    post.sms.answer = saying(Misconfigured("20003", "credentials"))

    post.send()

    assert post.states == ("planned", ["misconfigured"])
    assert post.claim().letters == ()
    back = NOON + LONGEST_REST
    assert (post.message.state, post.message.why, post.message.due) == ("planned", "breaker", back)
    post.sms.answer = saying(TryLater("20429"))
    post.send(back)
    assert post.message.due - back < PAUSES[1]


def test_what_was_never_answered_is_unknown_and_never_sent_again(engine: Engine) -> None:
    post = ready(engine)
    post.sms.answer = saying(Uncertain("500", "the provider failed"))

    post.send()

    assert post.states == ("unknown", ["unknown"])
    assert (post.message.why, post.message.detail) == ("no_answer", "500")
    assert post.claim(NOON + 12 * HOUR).letters == ()
    assert told(post) == []
