"""Does every answer of a provider, and every silence, end in its place?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, update
from sqlalchemy import event as hooks
from sqlalchemy.exc import OperationalError

from tests.worker.sending import (
    EMAIL,
    HOUR,
    MINUTE,
    OWNER,
    PHONE,
    POLICY,
    Line,
    Post,
    counted,
    dana,
    left,
    rules,
    saying,
    trigger,
)
from tests.worker.small_world import HASHER, NOON, event, rows
from worker.channels.base import (
    Accepted,
    ChannelError,
    Letter,
    Misconfigured,
    Refused,
    TryLater,
    Uncertain,
)
from worker.retrying import BREAK, PAUSES
from worker.store.engine import in_transaction
from worker.store.tables import address_marks, attempts, messages, suppressions, throttles

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
BY_SMS = "[{message: hello, by: [sms]}]"


def ready(engine: Engine, *triggers: str, **profile: Any) -> Post:
    post = Post(engine, rules(*triggers))
    post.told(dana(**profile), left())
    return post


def states(post: Post) -> tuple[str, list[str]]:
    """The message's, and those of its attempts."""
    return post.message.state, [one.state for one in post.attempts]


def told(post: Post) -> list[str]:
    return [one.id.partition(":")[2] for one in post.own_events]


def test_an_accepted_letter_is_accepted_with_the_providers_name_for_it(engine: Engine) -> None:
    post = ready(engine)

    delivered = post.send()

    assert states(post) == ("accepted", ["accepted"])
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

    assert states(post) == ("planned", ["try_later"])
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

    assert states(post) == ("accepted", ["try_later", "accepted"])
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
    assert states(post) == ("expired", ["try_later"] * (len(dues) + 1))
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

    assert states(post) == ("accepted", ["refused", "accepted"])
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

    assert states(post) == ("failed", ["refused"])
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

    assert states(post) == ("planned", ["misconfigured"])
    assert post.message.due == NOON + BREAK
    [throttle] = rows(engine, throttles)
    assert (throttle.name, throttle.broken_until, throttle.why) == (
        "rate:sms", NOON + BREAK, "20003",
    )  # fmt: skip
    post.sms.answer = saying(TryLater("20429"))
    post.send(NOON + BREAK)
    assert post.message.due - (NOON + BREAK) < PAUSES[1]


def test_what_was_never_answered_is_unknown_and_never_sent_again(engine: Engine) -> None:
    post = ready(engine)
    post.sms.answer = saying(Uncertain("500", "the provider failed"))

    post.send()

    assert states(post) == ("unknown", ["unknown"])
    assert (post.message.why, post.message.detail) == ("no_answer", "500")
    assert post.claim(NOON + 12 * HOUR).letters == ()
    assert told(post) == []


def test_a_mistake_in_a_channel_leaves_its_letter_unknown_and_the_others_alone(
    engine: Engine,
) -> None:
    post = ready(engine, trigger(send=BY_SMS))
    post.told(dana("c2", phone="+972501234568"), left("c2"))

    def answer(letter: Letter) -> Accepted:
        if letter.address == PHONE:
            raise ZeroDivisionError
        return Accepted("ref")

    post.sms.answer = answer
    post.send()

    found = {one.customer_id: one.state for one in rows(engine, messages)}
    assert found == {"c1": "unknown", "c2": "accepted"}


def test_a_call_that_would_begin_too_late_is_given_back(engine: Engine) -> None:
    post = ready(engine)
    letters = post.claim().letters
    post.seconds = 5.1

    assert post.deliver(letters).due

    assert post.sms.calls == []
    assert states(post) == ("planned", ["given_back"])
    assert post.message.due == NOON
    post.send()
    assert states(post) == ("accepted", ["given_back", "accepted"])


def test_what_was_given_back_has_taken_no_place(engine: Engine) -> None:
    post = Post(engine, rules(policy=POLICY + "sms: {rate: 1 per 1h}\n"))
    post.told(dana(), left())
    letters = post.claim().letters
    post.seconds = 5.1
    post.deliver(letters)

    assert len(post.claim().letters) == 1


def test_a_call_begins_up_to_five_seconds_after_its_claim(engine: Engine) -> None:
    post = ready(engine)
    letters = post.claim().letters
    post.seconds = 5.0

    post.deliver(letters)

    assert len(post.sms.calls) == 1


def test_a_worker_that_wakes_after_its_lease_overwrites_nothing(engine: Engine) -> None:
    post = ready(engine)
    letters = post.claim().letters
    lapsed = update(messages).values(state="unknown", why="lease_ran_out")
    gone = update(attempts).values(state="unknown")
    in_transaction(engine, lambda c: (c.execute(lapsed), c.execute(gone)))

    delivered = post.deliver(letters)

    assert states(post) == ("unknown", ["unknown"])
    assert post.attempts[0].provider_ref == "ref-1"
    assert dict(delivered.attempts) == {"unknown": 1}


@pytest.mark.parametrize("owner", ["b" * 32, OWNER])
def test_an_answer_moves_only_the_claim_it_was_asked_for(engine: Engine, owner: str) -> None:
    """Somebody has claimed it again meanwhile: another worker, or the same one."""
    post = ready(engine)
    letters = post.claim().letters
    again = update(messages).values(lease_owner=owner, attempt=2)
    in_transaction(engine, lambda connection: connection.execute(again))
    post.sms.answer = saying(Refused("30007"))

    post.deliver(letters)

    assert (post.message.state, post.message.attempt) == ("sending", 2)


def test_no_transaction_is_open_during_the_call(engine: Engine) -> None:
    post = ready(engine)

    def answer(letter: Letter) -> Accepted:
        # whoever held a transaction open would hold SQLite's only pen, or the message's row
        touch = update(messages).values(detail="touched during the call")
        in_transaction(engine, lambda connection: connection.execute(touch))
        return Accepted("ref")

    post.sms.answer = answer
    post.send()

    assert states(post) == ("accepted", ["accepted"])


@pytest.mark.parametrize(
    "error", [TryLater("1"), Refused("1"), Misconfigured("1"), Uncertain("1"), ChannelError("1")]
)
def test_a_batch_of_answers_costs_the_same_statements_whatever_its_size(
    engine: Engine, error: ChannelError
) -> None:
    post = Post(engine, rules(trigger(send=BY_SMS)), sms=Line(answer=saying(error)))

    def cost(first: int, count: int) -> int:
        for number in range(first, first + count):
            customer = f"c{number}"
            post.told(dana(customer, phone=f"+9725012345{number:02}"), left(customer))
        in_transaction(engine, lambda connection: connection.execute(throttles.delete()))
        claimed = post.claim()
        assert len(claimed.letters) == count
        return counted(engine, lambda: post.deliver(claimed.letters))

    assert cost(1, 2) == cost(20, 12) <= 12


@pytest.mark.parametrize("failures", [1, 2])
def test_an_answer_is_written_down_though_the_database_was_away(
    engine: Engine, failures: int
) -> None:
    post = ready(engine)
    letters = post.claim().letters
    left_to_fail = iter(range(failures))

    def fail(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("UPDATE messages") and next(left_to_fail, None) is not None:
            raise OperationalError(statement, None, Exception("server closed the connection"))

    hooks.listen(engine, "before_cursor_execute", fail)
    try:
        post.deliver(letters)
    finally:
        hooks.remove(engine, "before_cursor_execute", fail)

    assert states(post) == ("accepted", ["accepted"])
    assert len(post.sms.calls) == 1
