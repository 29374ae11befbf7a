"""Are two ids one person from the merge on, and is he written to as one?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.worker.operators import in_force, on_record, use
from tests.worker.sending import HOUR, PHONE, Post, dana, left, offer, saying, trigger
from tests.worker.small_world import HASHER, NOON, event, incoming, publish, rows
from triggers.keeping import Retention
from worker.channels.base import TryLater, Uncertain
from worker.lifecycle import MessageState
from worker.steps.forget import forget
from worker.steps.merge import Merge, Two
from worker.store.engine import reading
from worker.store.erasure import Whose, held_of, whole
from worker.store.lookups import find_customer
from worker.store.tables import (
    customers,
    decisions,
    events,
    messages,
    occurrences,
)

DAY = timedelta(days=1)
OTHER = "+972501234568"
LATER = trigger("later", wait="2h", unless="cart.paid")
CALLS = trigger("calls", on="plan.changed", key="event.data.plan",
                send="[{agent: desk, message: hello}]")  # fmt: skip
COUNTED = trigger("counted", on="check.used", key="event.data.account",
                  count="{reach: 3, since: book.ordered}")  # fmt: skip
NO_KEY = "\n".join(
    line for line in trigger("bare", wait="1h", again="once").splitlines() if "key:" not in line
).replace("again: once", "count: {reach: 2, since: book.ordered}")


@pytest.fixture(autouse=True)
def settings(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, database_url)


def merged(post: Post, old: str = "c1", into: str = "c2", **more: Any) -> Any:
    terms = {"by": "noa", "now": NOON, **more}
    return Merge(post.engine, post.configuration, HASHER, Two(old, into), **terms).run()


def two(engine: Engine, *triggers: str) -> Post:
    """Two ids, each with a phone of its own."""
    post = in_force(engine, *triggers)
    post.told(dana("c1"), dana("c2", phone=OTHER, email=None))
    return post


def letters(post: Post, now: Any = NOON) -> list[str]:
    return [one.letter.address for one in post.claim(now).letters]


def states(engine: Engine) -> list[tuple[str, str, str, str | None]]:
    found = rows(engine, occurrences, "trigger", "customer_id", "key")
    return [(one.trigger, one.customer_id, one.state, one.reason) for one in found]


def late(post: Post, *told: Any, now: Any = NOON, writes: bool = False) -> None:
    """Published and read as a worker reads it."""
    for one in told:
        publish(post.engine, [incoming(one, writes_customer=writes)], now=now)
    post.read(now)


def test_everything_of_the_old_id_is_of_the_one_that_is_left(engine: Engine) -> None:
    post = two(engine, trigger(), CALLS)
    post.told(left("c1"), event("plan.changed", "p", customer="c1", plan="k"))
    post.claim()
    before = len(list(reading(engine, lambda c: list(held_of(c, Whose("c1", ("twilio",)))))))

    merged(post)

    [old, new] = rows(engine, customers, "id")
    assert (old.merged_into, old.profile, old.phone) == ("c2", {}, None)
    assert new.merged_into is None
    of_old = reading(engine, lambda c: list(held_of(c, Whose("c1", ("twilio",)))))
    assert [table for table, _ in of_old] == ["customers"]
    asked = reading(engine, lambda c: list(held_of(c, whole(c, Whose("c1", ("twilio",))))))
    assert len(asked) > before
    assert on_record(engine)[-1] == ("noa", "merge", {"customer": "c1", "into": "c2"})


def test_what_comes_later_for_the_old_id_is_the_other_s(engine: Engine) -> None:
    post = two(engine, trigger())
    merged(post)

    late(post, left("c1", "late"))
    profile = event("customer.updated", "new", customer="c1", after=HOUR, phone="+972501234569")
    late(post, profile, writes=True)

    assert {one.customer_id for one in rows(engine, events) if one.type == "cart.left"} == {"c2"}
    assert reading(engine, lambda c: find_customer(c, "c2"))["phone"] == "+972501234569"
    assert letters(post) == ["+972501234569"]


def test_nothing_leaves_for_him_while_something_of_his_old_id_is_unread(engine: Engine) -> None:
    post = two(engine, LATER)
    post.told(left("c2"))
    merged(post)
    publish(engine, [incoming(event("cart.paid", "paid", customer="c1", cart="k"))])

    assert letters(post, NOON + 3 * HOUR) == []
    post.read()
    assert letters(post, NOON + 3 * HOUR) == []
    assert states(engine) == [("later", "c2", "called_off", "called_off")]


@pytest.mark.parametrize("spender", ["c1", "c2"])
def test_what_was_said_under_either_id_is_not_said_again(engine: Engine, spender: str) -> None:
    post = two(engine, trigger())
    post.told(left(spender))
    assert len(letters(post)) == 1

    merged(post)
    late(post, event("cart.left", "again", customer="c2", cart="k"))

    assert letters(post, NOON + HOUR) == []


def test_what_was_said_long_ago_and_is_forgotten_but_for_its_hash_is_not_said_again(
    engine: Engine,
) -> None:
    post = two(engine, trigger())
    post.told(left("c1"))
    post.claim()
    then = NOON + 3000 * DAY
    everything = Retention(texts=DAY, events=31 * DAY, decisions=DAY, raw=DAY)
    forget(engine, everything, now=then)
    assert rows(engine, occurrences) == []

    merged(post, now=then)
    again = event("cart.left", "again", customer="c2", after=then - NOON, cart="k")
    late(post, again, now=then)

    assert letters(post, then) == []
    assert rows(engine, occurrences) == []


def test_what_waits_under_both_ids_leaves_once(engine: Engine) -> None:
    post = two(engine, LATER)
    post.told(left("c1"), left("c2"))

    merged(post)

    assert states(engine) == [("later", "c2", "pending", None)]
    assert len(letters(post, NOON + 3 * HOUR)) == 1
    told_why = [(one.customer_id, one.verdict) for one in rows(engine, decisions)
                if one.reason == "merged"]  # fmt: skip
    assert told_why == [("c2", "called_off")]


def test_what_was_said_under_one_id_is_called_off_where_it_waits_under_the_other(
    engine: Engine,
) -> None:
    post = two(engine, LATER)
    post.told(left("c1"))
    assert len(letters(post, NOON + 3 * HOUR)) == 1
    post.told(left("c2"))

    merged(post, now=NOON + 3 * HOUR)

    assert letters(post, NOON + 4 * HOUR) == []
    assert states(engine)[-1] == ("later", "c2", "called_off", "merged")


def test_an_exit_of_one_id_calls_off_what_waits_under_the_other(engine: Engine) -> None:
    post = two(engine, LATER)
    paid = event("cart.paid", "paid", customer="c1", after=HOUR / 2, cart="k")
    post.told(left("c2"), paid)

    merged(post)

    assert states(engine) == [("later", "c2", "called_off", "called_off")]


def test_what_both_have_counts_together(engine: Engine) -> None:
    post = two(engine, COUNTED, NO_KEY)
    check = [event("check.used", f"n{n}", customer=f"c{1 + n % 2}", account="a", number=n)
             for n in range(3)]  # fmt: skip
    carts = [left("c1", "x"), left("c2", "y")]
    post.told(*check, *carts)
    assert states(engine) == []

    merged(post)

    assert states(engine) == [("bare", "c2", "pending", None), ("counted", "c2", "pending", None)]


def test_a_key_that_is_the_customer_is_the_one_that_is_left(engine: Engine) -> None:
    post = two(engine, NO_KEY)
    post.told(left("c1", "x"), left("c1", "y"))
    assert letters(post, NOON + 2 * HOUR) == [PHONE]

    merged(post, now=NOON + 2 * HOUR)

    assert [one.key for one in rows(engine, occurrences)] == ["c2"]
    assert {one.key for one in rows(engine, messages)} == {"c2"}
    assert letters(post, NOON + 3 * HOUR) == []


@pytest.mark.parametrize("limit", ["cooldown: 1d", "category: marketing"])
def test_caps_and_cooldown_count_what_either_had(engine: Engine, limit: str) -> None:
    agreed = {"consent": {"marketing": True}}
    made = (
        offer("ad")
        if "marketing" in limit
        else trigger("ad", limits="{category: service, cooldown: 1d}")
    )
    post = in_force(engine, made)
    post.told(dana("c1", **agreed), dana("c2", phone=OTHER, email=None, **agreed))
    post.told(left("c1", "a"))
    post.claim()
    if "marketing" in limit:
        post.told(left("c2", "b"))
        post.claim()

    merged(post)
    late(post, left("c2", "c"))

    assert letters(post, NOON + HOUR) == []
    assert states(engine)[-1][2] == "skipped"
    assert states(engine)[-1][3] in {"cooldown", "cap"}


@pytest.mark.parametrize("refuser", ["c1", "c2"])
def test_a_refusal_of_either_holds(engine: Engine, refuser: str) -> None:
    post = in_force(engine, trigger())
    no = {"consent": {"service": {"given": False}}}
    for number, phone in (("c1", PHONE), ("c2", OTHER)):
        post.told(dana(number, phone=phone, email=None, **(no if number == refuser else {})))

    merged(post)
    late(post, left("c2"))

    assert letters(post) == []
    assert states(engine) == [("hi", "c2", "skipped", "no_consent")]


def test_a_message_that_waits_for_its_next_try_goes_on_under_the_new_id(engine: Engine) -> None:
    post = two(engine, trigger())
    post.told(left("c1"))
    post.sms.answer = saying(TryLater("20429"))
    post.send()
    assert post.message.state == "planned"

    merged(post)

    assert [one.letter.attempt for one in post.claim(NOON + HOUR).letters] == [2]
    assert post.message.customer_id == "c2"


@pytest.mark.parametrize(
    ("first", "second", "leaves"),
    [("planned", "planned", 1), ("accepted", "planned", 0), ("planned", "accepted", 0)],
)
def test_of_two_that_say_the_same_one_leaves(
    engine: Engine, first: str, second: str, leaves: int
) -> None:
    post = two(engine, trigger())
    for customer, state in (("c1", first), ("c2", second)):
        post.sms.answer = saying(TryLater("20429")) if state == "planned" else post.sms.answer
        fine = Post(engine, post.configuration)
        sender = post if state == "planned" else fine
        sender.told(left(customer))
        sender.send()
    assert {one.state for one in rows(engine, messages)} == {first, second}

    merged(post)

    assert len(letters(post, NOON + HOUR)) == leaves
    ended = [one for one in rows(engine, messages) if one.why == "merged"]
    assert {one.state for one in ended} == {MessageState.CALLED_OFF}


def test_a_receipt_that_comes_after_the_merge_finds_its_message(engine: Engine) -> None:
    post = two(engine, trigger())
    post.told(left("c1"))
    post.sms.answer = saying(Uncertain("nobody heard"))
    [letter] = (one.letter for one in post.claim().letters)

    merged(post)
    post.receipt(letter, "delivered", To=PHONE)
    post.receive()

    assert post.states == ("delivered", ["delivered"])
    assert {one.customer_id for one in post.own_events} == {"c2"}
