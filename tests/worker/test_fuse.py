"""Does the fuse hold in the claim itself, whatever the gates above it believe?"""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import Engine
from structlog.testing import capture_logs

from tests.worker.sending import HOUR, MINUTE, PHONE, POLICY, Post, dana, left, rules, trigger
from tests.worker.small_world import NOON, rows
from triggers.case import Case
from triggers.definitions import MessageRoute
from triggers.gates import ask
from triggers.verdicts import Send, Verdict
from worker.steps.alarms import OVER_AFTER
from worker.store.tables import alerts, attempts, occurrences

FUSED = POLICY + "fuse: {customer: 2 per 1h, trigger: 5 per 1h}\n"
SHADOW = trigger(limits="{category: service, mode: shadow}")


def send_always(_case: Case) -> Verdict:
    """A lie: nobody asked for consent, caps, pace, mode or the fuse."""
    return Send(MessageRoute("hello", ("sms",)), ("sms",))


def lying(engine: Engine, *triggers: str) -> Post:
    return Post(engine, rules(*(triggers or (trigger(),)), policy=FUSED), gates=send_always)


def held(post: Post) -> Counter[str]:
    return Counter(one.detail for one in rows(post.engine, occurrences) if one.reason == "fuse")


def people(post: Post, count: int) -> None:
    known = len({one.customer_id for one in rows(post.engine, occurrences)})
    for n in range(known, known + count):
        post.told(dana(f"c{n}", phone=f"+9725012345{n:02}", email=None), left(f"c{n}"))


@pytest.mark.parametrize("limit", [50, 1])
def test_no_customer_gets_more(engine: Engine, limit: int) -> None:
    post = lying(engine)
    post.told(dana(), *(left(cart=f"k{n}") for n in range(4)))

    letters = [one for _ in range(4) for one in post.claim(limit=limit).letters]

    assert len(letters) == 2
    assert held(post) == {"customer": 2}
    assert post.claim(NOON + HOUR - MINUTE).letters == ()
    assert len(post.claim(NOON + HOUR).letters) == 2


@pytest.mark.parametrize("limit", [50, 1])
def test_no_address_gets_more_whosever_it_is(engine: Engine, limit: int) -> None:
    post = lying(engine)
    for n in range(4):
        post.told(dana(f"c{n}", phone=PHONE, email=None), left(f"c{n}"))

    letters = [one for _ in range(4) for one in post.claim(limit=limit).letters]

    assert [one.letter.address for one in letters] == [PHONE] * 2
    assert held(post) == {"customer": 2}


@pytest.mark.parametrize("limit", [50, 1])
def test_no_trigger_sends_more_and_somebody_is_told_how_many_lapse_when(
    engine: Engine, limit: int
) -> None:
    post = lying(engine, trigger("runaway"), trigger("calm", on="cart.paid"))
    people(post, 8)

    with capture_logs() as logs:
        letters = [one for _ in range(8) for one in post.claim(limit=limit).letters]

    assert len(letters) == 5
    assert held(post) == {"trigger": 3}
    assert [one["event"] for one in logs if one["log_level"] == "error"] == ["fuse_blown"]
    [alarm] = rows(engine, alerts)
    assert (alarm.kind, alarm.subject, alarm.closed_at) == ("fuse_blown", "runaway", None)
    assert alarm.detail == (
        "3 wait; the first lapses at 2026-11-03T12:00Z, the last at 2026-11-03T12:00Z"
    )


def test_what_cannot_be_paid_for_does_not_leave_either(engine: Engine) -> None:
    post = lying(engine)
    policy = POLICY + "sms: {price: 0.04}\nspend: {total: 0.20 per 1d}\n"
    post.configuration = rules(trigger(), policy=policy)
    people(post, 8)

    assert sum(len(post.claim(limit=2).letters) for _ in range(8)) <= 5
    assert sum(one.cost for one in rows(engine, attempts)) <= 0.2


def test_the_lie_is_one(engine: Engine) -> None:
    """What the gates would hold back leaves by it: so it is the fuse alone that holds above."""
    post = lying(engine, SHADOW)
    people(post, 2)
    assert len(post.claim(limit=1).letters) == 1

    post.gates = ask

    assert post.claim().letters == ()


def test_a_fuse_that_has_held_nothing_back_for_long_is_no_alarm_any_more(engine: Engine) -> None:
    post = lying(engine)
    people(post, 6)
    post.claim()
    post.sweep(NOON + OVER_AFTER)
    assert [one.closed_at for one in rows(engine, alerts)] == [None]

    post.sweep(NOON + OVER_AFTER + MINUTE)

    assert [one.closed_at for one in rows(engine, alerts)] == [NOON + OVER_AFTER + MINUTE]
