"""Is a message whose answer was never heard looked for, and decided on by what is found?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, update

from tests.worker.asking import SMTP, TWILIO, Books, look, unheard
from tests.worker.sending import HOUR, Post, dana, left, rules, saying
from tests.worker.small_world import NOON, rows
from worker.channels.base import Accepted, Letter, Uncertain
from worker.lifecycle import MessageState
from worker.retrying import ABSENT_AFTER, FIRST_LOOK, LEASE, UNKNOWN_FOR
from worker.store.engine import in_transaction
from worker.store.tables import address_marks, alerts, attempts, messages

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
FIRST, SECOND_LOOK, LIMIT = NOON + FIRST_LOOK, NOON + ABSENT_AFTER, NOON + UNKNOWN_FOR
PHONE, WORDS = "+972501234561", "Hello c1"
RESEND = {"sms": "resend", "email": "resend"}


def alarms(engine: Engine) -> list[tuple[str, str, int]]:
    return [(one.kind, one.subject, one.times) for one in rows(engine, alerts, "kind")]


def change(engine: Engine, table: Any, **values: Any) -> None:
    in_transaction(engine, lambda c: c.execute(update(table).values(**values)))


@pytest.mark.parametrize(
    ("status", "state"),
    [("queued", "accepted"), ("sent", "sent"), ("delivered", "delivered"), ("odd", "accepted")],
)
def test_what_the_provider_has_was_accepted_and_is_as_far_as_it_says(
    engine: Engine, status: str, state: str
) -> None:
    post, books = unheard(engine), Books()
    books.put(PHONE, WORDS, status=status)

    assert look(post, books, FIRST).settled == {MessageState(state): 1}

    assert post.states == (state, [state])
    assert post.attempts[0].provider_ref == "SM1"
    assert post.own_events[0].type == "outreach.sent"
    assert look(post, books, LIMIT).settled == {}


def test_what_the_provider_could_not_deliver_goes_by_the_next_channel(engine: Engine) -> None:
    post, books = unheard(engine), Books()
    books.put(PHONE, WORDS, status="undelivered", code="30005")

    assert look(post, books, FIRST).due

    assert (post.message.state, post.message.channel) == ("planned", "email")
    assert [one.reason for one in rows(engine, address_marks)] == ["30005"]


def test_it_is_not_asked_for_before_its_time_nor_twice_at_once(engine: Engine) -> None:
    post, books = unheard(engine), Books()

    look(post, books, FIRST - SECOND)
    assert books.asked == 0

    other = Books()
    books.meanwhile = lambda: look(post, other, FIRST)
    look(post, books, FIRST)
    assert (books.asked, other.asked) == (1, 0)


def test_absence_is_believed_after_two_minutes_and_a_second_look(engine: Engine) -> None:
    post, books = unheard(engine), Books()

    for moment in (FIRST, SECOND_LOOK - SECOND):
        look(post, books, moment)
        assert post.message.state == "unknown"
        change(engine, messages, look_at=NOON)

    assert look(post, books, SECOND_LOOK).due

    assert post.states == ("planned", ["absent"])
    post.sms.answer = lambda letter: Accepted("SM2")
    post.send(SECOND_LOOK)
    assert post.states == ("accepted", ["absent", "accepted"])


def test_one_look_however_late_proves_no_absence(engine: Engine) -> None:
    post, books = unheard(engine), Books()

    look(post, books, NOON + HOUR)
    assert post.message.state == "unknown"
    look(post, books, NOON + HOUR + MINUTE)

    assert post.message.state == "planned"


def test_what_is_absent_past_its_use_has_expired(engine: Engine) -> None:
    post, books = unheard(engine), Books()
    change(engine, messages, expires=SECOND_LOOK)

    look(post, books, FIRST)
    look(post, books, SECOND_LOOK)

    assert post.states == ("expired", ["absent"])


def test_what_came_late_into_the_list_is_found_by_the_second_look(engine: Engine) -> None:
    post, books = unheard(engine), Books()
    look(post, books, FIRST)
    books.put(PHONE, WORDS)

    look(post, books, SECOND_LOOK)

    assert post.states == ("accepted", ["accepted"])


def test_while_the_provider_is_away_nothing_is_known_and_it_is_asked_ever_more_seldom(
    engine: Engine,
) -> None:
    post, books = unheard(engine, customers=3), Books(away=True)
    pauses, now = [], FIRST
    while now < LIMIT:
        look(post, books, now)
        after = min(one.look_at for one in rows(engine, messages))
        pauses.append(after - now)
        now = after
    assert {one.state for one in rows(engine, messages)} == {"unknown"}
    assert pauses[:-1] == sorted(pauses[:-1])
    # one that does not answer is not asked for the others of the batch
    assert books.asked == len(pauses) < 15

    assert look(post, books, LIMIT).settled == {MessageState.PARKED: 3}

    assert {one.why for one in rows(engine, messages)} == {"unknown"}
    assert alarms(engine) == [("unknown_parked", TWILIO, 3)]


def test_absences_are_counted_by_answers_only(engine: Engine) -> None:
    post, books = unheard(engine), Books(away=True)
    look(post, books, FIRST)
    books.away = False

    look(post, books, SECOND_LOOK)

    assert post.message.state == "unknown"


@pytest.mark.parametrize(
    ("policy", "state"), [({}, "parked"), ({"email": "resend"}, "parked"), (RESEND, "planned")]
)
def test_what_stays_undecided_is_held_or_goes_once_more_where_the_policy_says_so(
    engine: Engine, policy: dict[str, str], state: str
) -> None:
    post, books = unheard(engine), Books(away=True)

    look(post, books, LIMIT - SECOND, policy=policy)
    assert post.message.state == "unknown"
    look(post, books, LIMIT + HOUR, policy=policy)

    assert post.states == (state, ["unknown"])
    assert post.message.why == "unknown"
    assert len(alarms(engine)) == (state == "parked")


def test_once_more_is_once(engine: Engine) -> None:
    post, books = unheard(engine), Books(away=True)
    look(post, books, LIMIT, policy=RESEND)
    post.send(LIMIT)
    assert post.states == ("unknown", ["unknown", "unknown"])

    look(post, books, LIMIT + UNKNOWN_FOR, policy=RESEND)

    assert post.states == ("parked", ["unknown", "unknown"])


@pytest.mark.parametrize(("policy", "state"), [({}, "parked"), (RESEND, "planned")])
def test_nobody_can_be_asked_for_an_email(
    engine: Engine, policy: dict[str, str], state: str
) -> None:
    post = Post(engine, rules(), senders={"email": [SMTP]})
    post.told(dana(phone=None), left())
    post.email.answer = saying(Uncertain("no_answer"))
    post.send()
    books = Books()

    look(post, books, FIRST, policy=policy)
    look(post, books, LIMIT - SECOND, policy=policy)
    assert post.message.state == "unknown"
    look(post, books, LIMIT, policy=policy)

    assert (books.asked, post.message.state) == (0, state)
    post.email.answer = lambda letter: Accepted(None)
    post.send(LIMIT)
    first, *again = post.email.calls
    assert {one.message_id for one in again} == ({first.message_id} if policy else set())


def test_an_erased_customers_message_cannot_be_looked_for(engine: Engine) -> None:
    post, books = unheard(engine), Books()
    change(engine, attempts, text=None, address=None)

    look(post, books, LIMIT)

    assert (books.asked, post.message.state) == (0, "parked")


def test_a_receipt_that_comes_while_it_is_looked_for_wins(engine: Engine) -> None:
    post, books = unheard(engine), Books()
    look(post, books, FIRST)

    def heard() -> None:
        letter = Letter(post.message.id, 1, "sms", PHONE, WORDS, NOON)
        post.receipt(letter, "delivered")
        post.receive(SECOND_LOOK)

    books.meanwhile = heard

    assert look(post, books, SECOND_LOOK).settled == {}
    assert post.states == ("delivered", ["delivered"])


def test_a_lease_that_ran_out_goes_the_same_way(engine: Engine) -> None:
    post = Post(engine, rules(), senders={"sms": [TWILIO], "email": [SMTP]})
    post.told(dana(phone=PHONE), left())
    post.claim()
    books = Books()
    books.put(PHONE, WORDS)

    post.sweep(NOON + LEASE)
    assert post.sweep(NOON + LEASE + FIRST_LOOK).bells == ("outreach.reconcile",)
    look(post, books, NOON + LEASE + FIRST_LOOK)

    assert post.states == ("accepted", ["accepted"])


def test_two_messages_of_the_same_words_do_not_share_one_that_is_found(engine: Engine) -> None:
    post = Post(engine, rules(), senders={"sms": [TWILIO], "email": [SMTP]})
    post.told(dana(phone=PHONE), left(cart="one"), left(cart="two"))
    post.sms.answer = saying(Uncertain("timeout"))
    post.send()
    books = Books()
    books.put(PHONE, WORDS)

    look(post, books, FIRST)
    assert sorted(one.state for one in rows(engine, messages)) == ["accepted", "unknown"]
    look(post, books, SECOND_LOOK)

    assert sorted(one.state for one in rows(engine, messages)) == ["accepted", "planned"]
    assert alarms(engine) == []


def test_an_older_message_of_the_same_words_is_not_this_one(engine: Engine) -> None:
    post = Post(engine, rules(), senders={"sms": [TWILIO], "email": [SMTP]})
    post.told(dana(phone=PHONE), left(cart="one"))
    post.sms.answer = lambda letter: Accepted("SM1")
    post.send()
    post.told(left(cart="two"))
    post.sms.answer = saying(Uncertain("timeout"))
    post.send()
    books = Books()
    books.put(PHONE, WORDS, "SM1")

    look(post, books, FIRST)
    look(post, books, SECOND_LOOK)

    assert sorted(one.state for one in rows(engine, messages)) == ["accepted", "planned"]


def test_more_of_it_than_we_sent_is_an_alarm(engine: Engine) -> None:
    post, books = unheard(engine), Books()
    books.put(PHONE, WORDS, "SM1")
    books.put(PHONE, WORDS, "SM2", at=NOON + MINUTE)

    look(post, books, FIRST)

    assert (post.message.state, post.attempts[0].provider_ref) == ("accepted", "SM1")
    assert alarms(engine) == [("sent_twice", TWILIO, 1)]


def test_a_message_of_a_version_that_wrote_no_moments_is_looked_for_at_once(
    engine: Engine,
) -> None:
    post, books = unheard(engine), Books()
    change(engine, messages, look_at=None, unknown_at=None)
    books.put(PHONE, WORDS)

    look(post, books, NOON)

    assert post.message.state == "accepted"


def test_more_than_one_bell_takes_is_left_for_the_next(engine: Engine) -> None:
    post, books = unheard(engine, customers=3), Books()

    assert look(post, books, FIRST, limit=2).more
    assert not look(post, books, FIRST, limit=2).more
    assert books.asked == 3
