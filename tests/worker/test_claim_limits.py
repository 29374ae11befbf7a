"""Do caps, cooldowns, fuses, paces, rates and capacities hold, within a batch and between two?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, Row, update

from tests.worker.sending import (
    HOUR,
    MINUTE,
    PHONE,
    POLICY,
    Post,
    counted,
    dana,
    left,
    offer,
    rules,
    saying,
    trigger,
)
from tests.worker.small_world import NOON, rows
from triggers.events import Event
from worker.channels.base import Refused, TryLater, Uncertain
from worker.lifecycle import HandoffState
from worker.steps.calling import Said, settle_call
from worker.store.engine import in_transaction
from worker.store.tables import handoffs, messages, occurrences, throttles

DAY = timedelta(days=1)
WILLING: dict[str, Any] = {"consent": ["marketing"], "channels": ["sms"]}


def carts(customer: str, *names: str) -> list[Event]:
    return [left(customer, name) for name in names]


def reasons(post: Post) -> list[str]:
    """How each occurrence stands, by moment and key."""
    found = rows(post.engine, occurrences, "key", "customer_id")
    return [one.reason or one.state for one in found]


@pytest.mark.parametrize("limit", [10, 1])
def test_a_cap_is_never_passed_within_a_batch_or_between_two(engine: Engine, limit: int) -> None:
    post = Post(engine, rules(offer()))
    post.told(dana(**WILLING), *carts("c1", "k1", "k2", "k3"))

    letters = [one for _ in range(3) for one in post.claim(limit=limit).letters]

    assert len(letters) == 2
    assert sorted(reasons(post)) == ["cap", "messaged", "messaged"]


def test_a_cap_holds_for_an_address_that_two_customers_share(engine: Engine) -> None:
    post = Post(engine, rules(offer()))
    for customer in ("c1", "c2"):
        post.told(dana(customer, **WILLING), *carts(customer, "k1", "k2"))

    assert len(post.claim().letters) == 2
    assert sorted(reasons(post)) == ["cap", "cap", "messaged", "messaged"]


def test_a_cap_forgets_what_its_window_has_left(engine: Engine) -> None:
    post = Post(engine, rules(offer()))
    post.told(dana(**WILLING), *carts("c1", "k1", "k2"))
    post.claim()
    post.told(left("c1", "k3", after=DAY))

    assert len(post.claim(NOON + DAY).letters) == 1


def test_what_was_certainly_not_sent_counts_against_no_cap(engine: Engine) -> None:
    post = Post(engine, rules(offer()))
    post.told(dana(**WILLING), *carts("c1", "k1", "k2"))
    post.sms.answer = saying(Refused("30007"))
    post.send()
    post.told(left("c1", "k3"))

    assert len(post.claim().letters) == 1


def test_what_may_have_been_sent_counts_against_a_cap(engine: Engine) -> None:
    post = Post(engine, rules(offer()))
    post.told(dana(**WILLING), *carts("c1", "k1", "k2"))
    post.sms.answer = saying(Uncertain("500"))
    post.send()
    post.told(left("c1", "k3"))

    assert post.claim().letters == ()


def test_a_message_that_is_tried_again_does_not_stand_in_its_own_way(engine: Engine) -> None:
    post = Post(engine, rules(offer(limits="{category: marketing, cooldown: 7d, pace: 1 per 1h}")))
    post.told(dana(**WILLING), left())
    post.sms.answer = saying(TryLater("20429"))
    post.send()

    [again] = post.claim(NOON + MINUTE).letters

    assert again.letter.attempt == 2


def test_a_cooldown_counts_every_key_of_the_trigger(engine: Engine) -> None:
    post = Post(engine, rules(trigger(limits="{category: service, cooldown: 7d}")))
    post.told(dana(), *carts("c1", "k1", "k2"))

    assert len(post.claim().letters) == 1
    assert sorted(reasons(post)) == ["cooldown", "messaged"]


def test_a_cooldown_counts_a_persons_call(engine: Engine) -> None:
    calling = trigger(
        send="[{agent: desk, message: hello}]", limits="{category: service, cooldown: 7d}"
    )
    post = Post(engine, rules(calling))
    post.told(dana(), left("c1", "k1"))
    post.claim()
    post.told(left("c1", "k2"))

    post.claim()

    assert sorted(reasons(post)) == ["cooldown", "handed_over"]


def test_a_pace_lets_so_many_out_and_gives_the_rest_their_moments(engine: Engine) -> None:
    post = Post(engine, rules(trigger(limits="{category: service, pace: 2 per 1h}")))
    people(post, 6)

    assert len(post.claim(limit=3).letters) == 2
    assert len(post.claim(limit=3).letters) == 0

    assert dues(post) == [NOON + HOUR, NOON + HOUR, NOON + HOUR, NOON + 2 * HOUR]
    assert len(post.claim(NOON + HOUR - MINUTE).letters) == 0
    assert len(post.claim(NOON + HOUR).letters) == 2


def test_a_pace_spreads_a_whole_batch_over_its_windows(engine: Engine) -> None:
    post = Post(engine, rules(trigger(limits="{category: service, pace: 1 per 1h}")))
    people(post, 4)

    assert len(post.claim().letters) == 1
    assert dues(post) == [NOON + HOUR, NOON + 2 * HOUR, NOON + 3 * HOUR]


def test_a_pace_counts_calls_and_messages_together(engine: Engine) -> None:
    both = trigger(
        send="[{when: customer.language == 'he', agent: desk, message: hello},"
        " {message: hello, by: [sms]}]",
        limits="{category: service, pace: 2 per 1h}",
    )
    post = Post(engine, rules(both))
    people(post, 1, language="he")
    post.claim()
    people(post, 4)

    assert len(post.claim().letters) == 1


def test_a_sender_has_a_rate_over_all_triggers(engine: Engine) -> None:
    policy = POLICY + "sms: {rate: 2 per 1s}\n"
    post = Post(engine, rules(trigger("one"), trigger("two"), policy=policy))
    people(post, 2)

    assert len(post.claim().letters) == 2

    second = timedelta(seconds=1)
    assert dues(post) == [NOON + second, NOON + second]
    assert {one.reason for one in waiting(post)} == {"rate"}
    assert len(post.claim(NOON + second).letters) == 2


def test_a_queue_of_people_takes_no_more_than_they_can(engine: Engine) -> None:
    post = Post(engine, rules(trigger(send="[{agent: desk, message: hello}]")))
    people(post, 3)

    post.claim()

    assert sorted(reasons(post)) == ["handed_over", "handed_over", "pace"]
    assert dues(post) == [NOON + HOUR]


def test_no_trigger_hands_over_more_while_enough_calls_wait(engine: Engine) -> None:
    policy = POLICY.replace("capacity: 2 per 1h", "open: 2")
    post = Post(engine, rules(trigger(send="[{agent: desk, message: hello}]"), policy=policy))
    people(post, 3)
    asked_again = NOON + timedelta(minutes=5)

    post.claim()
    post.claim(asked_again)

    assert sorted(reasons(post)) == ["handed_over", "handed_over", "pace"]
    assert [ruling for ruling in post.rulings if ruling[0] == "later"] == [("later", "pace")]
    [first, _] = rows(engine, handoffs, "id")
    settle_call(engine, first.id, Said(HandoffState.DONE, "noa"))
    post.claim(asked_again + timedelta(minutes=5))
    assert reasons(post) == ["handed_over"] * 3


def test_who_wants_people_only_waits_for_their_queue_too(engine: Engine) -> None:
    post = Post(engine, rules(trigger()))
    people(post, 3, agent_only=True)

    assert post.claim().letters == ()

    assert sorted(reasons(post)) == ["handed_over", "handed_over", "pace"]


def test_the_fuse_holds_whatever_the_rest_believes(engine: Engine) -> None:
    policy = POLICY + "fuse: {customer: 2 per 1h}\n"
    urgent = trigger(limits="{category: urgent}")
    post = Post(engine, rules(urgent, policy=policy))
    post.told(dana(), *carts("c1", "k1", "k2", "k3"))

    assert len(post.claim().letters) == 2
    assert sorted(reasons(post)) == ["fuse", "messaged", "messaged"]
    assert len(post.claim(NOON + HOUR).letters) == 1


def test_a_sender_that_rests_is_waited_for(engine: Engine) -> None:
    post = Post(engine, rules(trigger(send="[{message: hello, by: [sms]}]")))
    people(post, 1)
    post.store(throttles, name="sender:outbox:sms", broken_until=NOON + HOUR, why="20003")

    assert post.claim().letters == ()
    assert (reasons(post), dues(post)) == (["breaker"], [NOON + HOUR])
    assert len(post.claim(NOON + HOUR).letters) == 1


def test_a_retry_is_put_off_by_the_gates_too(engine: Engine) -> None:
    post = Post(engine, rules(trigger(limits="{category: nightly}")))
    people(post, 1)
    post.sms.answer = saying(TryLater("20429", after=8 * HOUR))
    post.send()

    assert post.claim(NOON + 8 * HOUR).letters == ()

    row = post.message
    assert (row.state, row.why) == ("planned", "quiet")
    assert row.due == NOON + DAY - timedelta(hours=5, minutes=30)
    assert len(post.claim(row.due).letters) == 1


def test_a_batch_costs_the_same_statements_whatever_its_size(engine: Engine) -> None:
    limits = "{category: service, pace: 90 per 1h, cooldown: 1m}"
    post = Post(
        engine,
        rules(
            trigger(limits=limits),
            trigger("calls", send="[{agent: desk, message: hello}]"),
            trigger("gone", limits="{category: service, expires: 1m}"),
            policy=POLICY.replace("2 per 1h", "90 per 1h") + "sms: {rate: 90 per 1s}\n",
        ),
    )
    post.sms.answer = saying(TryLater("20429"))

    def cost(count: int, now: datetime) -> int:
        """A batch with messages, retries, calls and what expired."""
        people(post, count, after=now - NOON - HOUR)
        post.send(now - HOUR)
        again = update(messages).values(due=now)
        in_transaction(engine, lambda connection: connection.execute(again))
        people(post, count, start=50, after=now - NOON - HOUR)
        return counted(engine, lambda: post.claim(now, limit=200))

    # the last of them is PostgreSQL's: where in its parts anything unread may be
    assert cost(1, NOON + DAY) == cost(20, NOON + 3 * DAY) <= 32


def people(
    post: Post,
    count: int,
    *,
    start: int = 0,
    after: timedelta = timedelta(),
    **profile: Any,
) -> None:
    """So many more customers, each with an address of his own and a cart left behind."""
    known = len(rows(post.engine, occurrences))
    numbers = range(known + start, known + start + count)
    phones = (f"{PHONE[:-3]}{number:03}" for number in numbers)
    told = [
        dana(f"c{n}", phone=phone, email=None, **profile)
        for n, phone in zip(numbers, phones, strict=True)
    ]
    post.told(*told, *(left(f"c{number}", after=after) for number in numbers))


def waiting(post: Post) -> list[Row[Any]]:
    return [one for one in rows(post.engine, occurrences, "due") if one.state == "pending"]


def dues(post: Post) -> list[datetime]:
    return [one.due for one in waiting(post)]
