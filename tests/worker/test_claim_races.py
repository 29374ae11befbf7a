"""Do limits hold, and nothing lock up, when several workers claim the same customers at once?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.worker.repeats import Repeats
from tests.worker.sending import POLICY, Post, dana, left, offer, rules, trigger
from tests.worker.small_world import NOON, event, rows, told
from worker.store.engine import in_transaction
from worker.store.standing import read_salt
from worker.store.tables import attempts, events, handoffs, messages, occurrences, spent

WORKERS = 4
MOST_CLAIMS = 10_000
CUSTOMERS = 12


@pytest.fixture
def repeats() -> Repeats:
    return Repeats()


def crowd(engine: Engine, *triggers: str, carts: int, phones: int, policy: str = POLICY) -> Post:
    """Customers, some with one phone among them, each with several carts left behind."""
    post = Post(engine, rules(*triggers, policy=policy))
    told(
        engine,
        *(
            dana(f"c{n:02}", phone=f"+9725012345{n % phones:02}", email=None, consent=["marketing"])
            for n in range(CUSTOMERS)
        ),
        writes_customer=True,
    )
    told(engine, *(left(f"c{n:02}", f"k{k}") for n in range(CUSTOMERS) for k in range(carts)))
    post.read()
    return post


def at_once(*work: Callable[[], Any]) -> None:
    with ThreadPoolExecutor(len(work)) as pool:
        for done in [pool.submit(one) for one in work]:
            done.result()


def claim_all(post: Post, number: int) -> None:
    """Another worker's claims, a few at a time, until nothing is due."""
    worker = Post(post.engine, post.configuration, owner=f"{number:032}")
    for _ in range(MOST_CLAIMS):
        if not worker.claim(limit=5).letters and not due(post):
            return
    raise AssertionError("something is due that nobody can claim")


def due(post: Post) -> bool:
    found = rows(post.engine, occurrences)
    return any(one.state == "pending" and one.due <= NOON for one in found)


def read_everything(post: Post) -> None:
    """Whoever skips a customer that another one holds comes again, as ticks do."""
    while any(one.state == "new" for one in rows(post.engine, events)):
        post.read()


def race(post: Post, *others: Callable[[], Any]) -> None:
    at_once(*(lambda n=n: claim_all(post, n) for n in range(WORKERS)), *others)


def test_a_cap_by_customer_and_by_address_is_never_passed(engine: Engine, repeats: Repeats) -> None:
    post = crowd(engine, offer(), carts=3, phones=5)

    race(post)

    by_customer = Counter(one.customer_id for one in rows(engine, attempts))
    by_address = Counter(one.address_hash for one in rows(engine, attempts))
    assert set(by_address.values()) == {2}
    assert max(by_customer.values()) <= 2
    assert repeats.by_cause() == {}


def test_a_cooldown_is_never_passed_and_no_epoch_is_claimed_twice(
    engine: Engine, repeats: Repeats
) -> None:
    post = crowd(
        engine,
        trigger("calm", limits="{category: service, cooldown: 7d}"),
        trigger("free"),
        carts=3,
        phones=CUSTOMERS,
    )

    race(post)

    claimed = Counter((one.trigger, one.customer_id) for one in rows(engine, messages))
    assert {count for (name, _), count in claimed.items() if name == "calm"} == {1}
    assert {count for (name, _), count in claimed.items() if name == "free"} == {3}
    assert len(rows(engine, attempts)) == len(rows(engine, messages)) == 4 * CUSTOMERS
    assert len(rows(engine, spent)) == len(rows(engine, occurrences)) == 6 * CUSTOMERS
    assert repeats.by_cause() == {}


def test_a_pace_a_rate_and_a_queue_are_never_passed(engine: Engine, repeats: Repeats) -> None:
    post = crowd(
        engine,
        trigger("paced", limits="{category: service, pace: 7 per 1h}"),
        trigger("rated"),
        trigger("calls", send="[{agent: desk, message: hello}]"),
        carts=1,
        phones=CUSTOMERS,
        policy=POLICY + "sms: {rate: 15 per 1m}\n",
    )

    race(post)

    claimed = Counter(one.trigger for one in rows(engine, messages))
    assert claimed["paced"] <= 7
    assert claimed.total() == 15
    assert len(rows(engine, handoffs)) == 2
    assert repeats.by_cause() == {}


def test_people_are_never_given_more_calls_than_may_wait(engine: Engine, repeats: Repeats) -> None:
    post = crowd(
        engine,
        trigger("calls", send="[{agent: desk, message: hello}]"),
        trigger("more", send="[{agent: desk, message: hello}]"),
        carts=2,
        phones=CUSTOMERS,
        policy=POLICY.replace("capacity: 2 per 1h", "open: 5"),
    )

    race(post)

    assert len(rows(engine, handoffs)) == 5
    assert repeats.by_cause() == {}


def test_the_fuse_is_never_passed(engine: Engine, repeats: Repeats) -> None:
    policy = POLICY + "fuse: {customer: 4 per 1h}\n"
    urgent = trigger(limits="{category: urgent}")
    post = crowd(engine, urgent, carts=6, phones=CUSTOMERS // 2, policy=policy)

    race(post)

    assert set(Counter(one.address_hash for one in rows(engine, attempts)).values()) == {4}
    assert repeats.by_cause() == {}


def test_claiming_beside_evaluating_the_same_customers_locks_nothing_up(
    engine: Engine, repeats: Repeats
) -> None:
    post = crowd(
        engine,
        trigger("waits", wait="1m", unless="cart.paid"),
        trigger("now"),
        carts=2,
        phones=CUSTOMERS,
    )

    def publish(worker: int) -> None:
        for n in range(CUSTOMERS):
            told(engine, event("cart.paid", f"paid-{worker}-{n}", customer=f"c{n:02}", cart="k0"))
            told(engine, left(f"c{n:02}", f"more-{worker}"))
            read_everything(post)

    race(post, lambda: publish(1), lambda: publish(2))
    post.read(NOON + timedelta(hours=1))
    race(post)

    claimed = Counter((one.trigger, one.customer_id, one.key) for one in rows(engine, messages))
    assert set(claimed.values()) == {1}
    assert len(claimed) == 4 * CUSTOMERS
    assert repeats.by_cause() == {}


def test_deliveries_and_receipts_beside_claims_lock_nothing_up(
    engine: Engine, repeats: Repeats
) -> None:
    post = crowd(engine, trigger(), carts=3, phones=CUSTOMERS)

    def work(number: int) -> None:
        worker = Post(engine, post.configuration, owner=f"{number:032}")
        while letters := worker.claim(limit=5).letters:
            for one in letters:
                worker.receipt(one.letter, "sent")
                worker.receipt(one.letter, "delivered")
            at_once(lambda: worker.deliver(letters), worker.receive, worker.sweep)

    at_once(*(lambda n=n: work(n) for n in range(WORKERS)))
    post.receive()

    assert {one.state for one in rows(engine, attempts)} == {"delivered"}
    assert {one.state for one in rows(engine, messages)} == {"delivered"}
    assert len(rows(engine, attempts)) == len({one.message_id for one in rows(engine, attempts)})
    assert repeats.by_cause() == {}


def test_the_salt_is_drawn_once_whoever_asks_first(engine: Engine) -> None:
    salts: list[str] = []
    draw = lambda: salts.append(in_transaction(engine, read_salt))  # noqa: E731

    at_once(draw, draw, draw, draw)

    assert len(set(salts)) == 1
    assert len(salts[0]) == 32
