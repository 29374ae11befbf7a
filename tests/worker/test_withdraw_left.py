"""What becomes of messages whose events are taken back: called off, or told as left?"""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, update

from tests.worker.operators import in_force, use
from tests.worker.sending import HOUR, MINUTE, dana, left, saying, trigger
from tests.worker.small_world import NOON, event
from tests.worker.withdrawing import EVER, taken_back, waiting
from worker.channels.base import TryLater, Uncertain
from worker.store.engine import in_transaction
from worker.store.tables import messages
from worker.store.withdrawal import Named


@pytest.fixture(autouse=True)
def settings(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, database_url)


def test_a_message_that_is_to_be_tried_again_is_called_off(engine: Engine) -> None:
    post = waiting(engine, trigger())
    post.sms.answer = saying(TryLater("busy"))
    post.send()

    done = taken_back(post)

    assert done.undone.retries == {"hi": 1}
    assert (post.message.state, post.message.why) == ("called_off", "withdrawn")
    assert post.claim(NOON + 3 * HOUR).letters == ()
    assert post.rulings[-1] == ("called_off", "withdrawn")


def test_a_message_parked_for_its_text_is_called_off_too(engine: Engine) -> None:
    broken = {"templates/hello/sms.en.txt": "Hello {{ customer.first_name }}"}
    post = in_force(engine, trigger(), **broken)
    post.told(dana(), left())
    post.claim()

    assert taken_back(post).undone.retries == {"hi": 1}
    assert post.message.state == "called_off"


def test_what_left_is_told_with_its_state(engine: Engine) -> None:
    post = waiting(engine, trigger())
    post.send()

    done = taken_back(post)

    assert dict(done.undone.left) == {("hi", "accepted"): {post.message.id}}
    assert post.message.state == "accepted"


def test_what_may_have_left_counts_as_left(engine: Engine) -> None:
    post = waiting(engine, trigger())
    post.sms.answer = saying(Uncertain("read_timeout"))
    post.send()

    done = taken_back(post)

    assert list(done.undone.left) == [("hi", "unknown")]
    assert done.undone.retries == {}


def test_what_was_claimed_just_before_counts_as_left(engine: Engine) -> None:
    post = waiting(engine, trigger())
    letters = post.claim().letters

    done = taken_back(post)

    assert list(done.undone.left) == [("hi", "sending")]
    post.deliver(letters)
    assert post.message.state == "accepted"


def test_a_person_who_was_asked_to_call_is_told_of(engine: Engine) -> None:
    post = waiting(engine, trigger(send="[{agent: desk, message: hello}]"))
    post.claim(NOON.replace(hour=8))
    post.claim()

    done = taken_back(post)

    assert list(done.undone.left) == [("hi", "handed_over")]


def test_a_message_that_something_else_asks_for_too_is_not_owed_to_them(engine: Engine) -> None:
    counted = (
        "trigger: checks\non: check.used\nkey: event.data.account\n"
        "count: {reach: 2, since: book.ordered}\n"
        "send: [{message: hello, by: [sms]}]\nlimits: {category: service}"
    )
    post = in_force(engine, counted)
    used = [event("check.used", f"u{n}", after=n * MINUTE, account="a", number=n) for n in range(3)]
    post.told(dana(), *used)
    post.send(NOON + HOUR)
    assert post.message.state == "accepted"

    assert dict(taken_back(post, Named("shop", EVER, id="u2")).undone.left) == {}
    assert list(taken_back(post, Named("shop", EVER, id="u0")).undone.left) == [
        ("checks", "accepted")
    ]


def test_one_that_a_person_is_asked_about_may_have_left_too(engine: Engine) -> None:
    post = waiting(engine, trigger())
    post.sms.answer = saying(Uncertain("read_timeout"))
    post.send()
    held = update(messages).values(state="parked", why="unknown")
    in_transaction(engine, lambda connection: connection.execute(held))

    done = taken_back(post)

    assert list(done.undone.left) == [("hi", "parked")]
    assert post.message.state == "parked"


def test_words_that_were_withdrawn_do_not_leave_though_something_else_asks_for_the_message(
    engine: Engine,
) -> None:
    dated = (
        "trigger: plan\non: plan.changed\nkey: event.data.plan\nwait: 7d before event.data.ends\n"
        "send: [{message: hello, by: [sms]}]\nlimits: {category: service}"
    )
    post = in_force(engine, dated)
    post.told(dana(), event("plan.changed", "right", plan="p", ends="2026-12-01"))
    post.told(event("plan.changed", "wrong", after=MINUTE, plan="p", ends="2026-12-01"))
    moment = post.occurrence.due
    post.sms.answer = saying(TryLater("busy"))
    post.send(moment)

    done = taken_back(post, Named("shop", EVER, id="wrong"), now=moment)

    assert done.undone.retries == {"plan": 1}
    assert post.message.state == "called_off"
