"""Does it cost the same to wait behind a pace or a rate, however many wait there?"""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import Engine

from tests.worker.sending import MINUTE, POLICY, Post, dana, left, rules, trigger
from tests.worker.small_world import NOON, event, rows
from worker.store.tables import decisions, messages, occurrences

CROWD = 125
PACED = trigger(limits="{category: service, pace: 5 per 1m}")
RATED = POLICY + "sms: {rate: 5 per 1m}\n"


@pytest.mark.parametrize(
    ("said", "policy"), [(PACED, POLICY), (trigger(), RATED)], ids=["pace", "rate"]
)
def test_a_crowd_leaves_as_fast_as_it_may_and_few_are_asked_in_vain(
    engine: Engine, said: str, policy: str
) -> None:
    post = Post(engine, rules(said, policy=policy))
    gather(post)

    gone = [claimed(post, NOON + minute * MINUTE) for minute in range(8)]

    assert gone == [5] * 8
    assert put_off(post) < 3 * CROWD


@pytest.mark.parametrize(
    ("expires", "minutes"), [("1d", 15), ("5m", 5)], ids=["a quarter of an hour", "it expires"]
)
def test_whoever_waits_in_a_crowd_is_asked_by_the_time_that(
    engine: Engine, expires: str, minutes: int
) -> None:
    slow = f"{{category: service, expires: {expires}, pace: 1 per 1m}}"
    post = Post(engine, rules(trigger(limits=slow)))
    gather(post)

    claimed(post, NOON)

    dues = [one.due for one in rows(post.engine, occurrences, "id") if one.state == "pending"]
    assert NOON + 3 * MINUTE < max(dues) <= NOON + minutes * MINUTE


def test_who_is_more_urgent_leaves_at_the_next_place_however_many_wait(engine: Engine) -> None:
    low = trigger(limits="{category: service, priority: low}")
    high = trigger("soon", on="plan.changed", limits="{category: service, priority: high}")
    post = Post(engine, rules(low, high, policy=RATED))
    gather(post)
    claimed(post, NOON)
    post.told(dana("u", phone="+972509999999", channels=["sms"]))
    post.told(event("plan.changed", "now", customer="u", cart="k"))
    claimed(post, NOON)

    claimed(post, NOON + MINUTE)

    assert [one.customer_id for one in rows(engine, messages) if one.trigger == "soon"] == ["u"]


def gather(post: Post) -> None:
    people = [f"p{number}" for number in range(CROWD)]
    post.told(
        *(dana(one, phone=f"+97250{n:07}", channels=["sms"]) for n, one in enumerate(people)),
        *(left(one, one) for one in people),
    )


def claimed(post: Post, now: datetime) -> int:
    """How many leave at that moment, by claims of ten until none finds anything."""
    letters = 0
    while True:
        found = post.claim(now, limit=10)
        letters += len(found.letters)
        if not found.more:
            return letters


def put_off(post: Post) -> int:
    return sum(1 for one in rows(post.engine, decisions, "seq") if one.verdict == "later")
