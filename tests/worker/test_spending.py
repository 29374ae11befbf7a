"""Is what may be spent never passed, does the rest wait, and is somebody told?"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from tests.worker.sending import HOUR, MINUTE, POLICY, Post, dana, left, rules, saying, trigger
from tests.worker.small_world import NOON, rows
from worker.channels.base import Refused, Uncertain
from worker.steps.spending import ASKED_AGAIN
from worker.store.tables import alerts, attempts, occurrences

DAY = timedelta(days=1)
PRICED = POLICY + "sms: {price: 0.04, max_segments: 1}\nspend: {%s}\n"
BY_SMS = "[{message: hello, by: [sms]}]"


def house(engine: Engine, spend: str, *names: str) -> Post:
    made = [trigger(name, send=BY_SMS) for name in names or ("hi",)]
    return Post(engine, rules(*made, policy=PRICED % spend))


def people(post: Post, count: int, at: timedelta = timedelta()) -> None:
    known = {one.customer_id for one in rows(post.engine, occurrences)}
    for n in range(len(known), len(known) + count):
        post.told(dana(f"c{n}", phone=f"+9725012345{n:02}", email=None), left(f"c{n}", after=at))


def waiting(post: Post) -> list[tuple[str | None, datetime]]:
    found = rows(post.engine, occurrences, "due")
    return [(one.reason, one.due) for one in found if one.state == "pending"]


def alarms(post: Post) -> list[tuple[str, str, bool]]:
    found = rows(post.engine, alerts, "kind", "subject")
    return [(one.kind, one.subject, one.closed_at is None) for one in found]


def test_what_a_message_costs_stands_beside_it(engine: Engine) -> None:
    post = house(engine, "total: 1 per 1d")
    people(post, 1)

    post.claim()

    assert [(one.segments, one.cost) for one in post.attempts] == [(1, 0.04)]


def test_without_a_price_nothing_costs_and_nothing_is_held_back(engine: Engine) -> None:
    policy = POLICY + "spend: {total: 1 per 1d}\n"
    post = Post(engine, rules(trigger(send=BY_SMS), policy=policy))
    people(post, 40)

    assert len(post.claim().letters) == 40
    assert {one.cost for one in post.attempts} == {None}


@pytest.mark.parametrize("limit", [50, 1])
def test_no_more_is_spent_than_may_be_and_the_rest_waits_until_there_is_room(
    engine: Engine, limit: int
) -> None:
    post = house(engine, "total: 0.12 per 1d")
    people(post, 2)
    assert len(post.claim(limit=limit).letters) == min(2, limit)
    post.claim(limit=limit)
    people(post, 3, HOUR)
    later = NOON + HOUR

    assert sum(len(post.claim(later, limit=limit).letters) for _ in range(3)) == 1

    assert waiting(post) == [("spend", NOON + DAY), ("spend", NOON + DAY)]
    assert post.claim(NOON + DAY - MINUTE).letters == ()
    assert len(post.claim(NOON + DAY).letters) == 2


def test_each_trigger_has_its_own_limit(engine: Engine) -> None:
    post = house(engine, "total: 0.20 per 1d, trigger: 0.08 per 1d", "one", "two", "three")
    people(post, 3)

    letters = post.claim().letters

    by = [one.trigger for one in post.attempts]
    assert len(letters) == 5
    assert max(by.count(name) for name in ("one", "two", "three")) == 2


def test_what_was_certainly_not_sent_costs_nothing_and_what_may_have_been_does(
    engine: Engine,
) -> None:
    post = house(engine, "total: 0.08 per 1d")
    people(post, 1)
    post.sms.answer = saying(Refused("30007"))
    post.send()
    people(post, 1)
    post.sms.answer = saying(Uncertain("20500"))
    post.send()
    people(post, 2)

    assert len(post.claim().letters) == 1


def test_a_text_longer_than_any_should_be_is_paid_for_too(engine: Engine) -> None:
    post = house(engine, "total: 0.10 per 1d")
    people(post, 1)
    post.claim()
    endless = "c" + "9" * 200
    post.told(dana(endless, phone="+972501234599", email=None), left(endless, after=HOUR))

    assert post.claim(NOON + HOUR).letters == ()

    assert waiting(post) == [("spend", NOON + HOUR + ASKED_AGAIN)]
    assert len(post.claim(NOON + DAY).letters) == 1
    assert sorted(one.segments for one in post.attempts) == [1, 2]


def test_somebody_is_told_at_four_fifths_and_when_it_is_reached_and_when_it_is_over(
    engine: Engine,
) -> None:
    post = house(engine, "total: 0.20 per 1d")
    people(post, 3)
    post.claim()
    assert alarms(post) == []
    people(post, 1)
    post.claim()
    assert alarms(post) == [("spend_near", "total", True)]

    people(post, 3)
    post.claim()

    assert alarms(post) == [("spend_near", "total", True), ("spend_reached", "total", True)]
    [reached] = [one for one in rows(engine, alerts) if one.kind == "spend_reached"]
    assert reached.detail == (
        "2 wait; the first lapses at 2026-11-03T12:00Z, the last at 2026-11-03T12:00Z"
    )
    people(post, 1, 3 * DAY)
    post.claim(NOON + 3 * DAY)
    assert alarms(post) == [("spend_near", "total", False), ("spend_reached", "total", False)]


def test_the_limit_is_never_passed_by_many_workers_at_once(engine: Engine) -> None:
    post = house(engine, "total: 0.60 per 1d, trigger: 0.40 per 1d", "one", "two")
    people(post, 20)

    def claim_all(number: int) -> None:
        worker = Post(engine, post.configuration, owner=f"{number:032}")
        for _ in range(100):
            worker.claim(limit=3)
            if all(due > NOON for _, due in waiting(post)):
                return
        raise AssertionError("something is due that nobody can claim")

    work: list[Callable[[], None]] = [lambda n=n: claim_all(n) for n in range(4)]  # type: ignore[misc]
    with ThreadPoolExecutor(len(work)) as pool:
        for done in [pool.submit(one) for one in work]:
            done.result()

    spent = [one.trigger for one in rows(engine, attempts)]
    assert len(spent) == 15
    assert max(spent.count("one"), spent.count("two")) <= 10
