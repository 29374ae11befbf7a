"""Does the fuse hold in the claim itself, whatever the gates above it believe?"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine, Row
from structlog.testing import capture_logs

from tests.worker.sending import HOUR, MINUTE, PHONE, POLICY, Post, dana, left, rules, trigger
from tests.worker.small_world import NOON, event, rows
from triggers.case import Case
from triggers.definitions import MessageRoute
from triggers.gates import ask
from triggers.verdicts import Send, Verdict
from worker.steps.alarms import OVER_AFTER
from worker.steps.pausing import resume
from worker.store.alerts import Alarm, Raised, raise_alerts
from worker.store.engine import in_transaction
from worker.store.tables import actions, alerts, attempts, messages, occurrences, pauses

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


def runaway(engine: Engine, count: int = 8) -> Post:
    """So many want a message of a trigger that may send five, and the gates are honest."""
    post = Post(engine, rules(trigger("runaway"), trigger("calm", on="cart.paid"), policy=FUSED))
    people(post, count)
    return post


def alarm(engine: Engine) -> Row[Any]:
    [one] = rows(engine, alerts)
    return one


def test_a_trigger_that_wants_more_is_paused_until_a_person_ends_it(engine: Engine) -> None:
    post = runaway(engine)

    assert len(post.claim(limit=3).letters + post.claim(limit=3).letters) == 5

    [paused] = rows(engine, pauses)
    assert (paused.scope, paused.by, paused.why, paused.at) == (
        "trigger:runaway", "fuse", "more than 5 per 1h", NOON,
    )  # fmt: skip
    assert [(one.by, one.action) for one in rows(engine, actions)] == [("fuse", "pause")]
    for hours in (1, 5, 20):
        assert post.claim(NOON + hours * HOUR).letters == ()

    resume(engine, ["trigger:runaway"], by="dana", now=NOON + 21 * HOUR)

    assert len(post.claim(NOON + 21 * HOUR).letters) == 3
    assert alarm(engine).closed_at == NOON + 21 * HOUR


def test_what_other_triggers_say_goes_on(engine: Engine) -> None:
    post = runaway(engine)
    post.claim()
    post.told(event("cart.paid", "paid-c1", customer="c1", cart="k"))

    [letter] = post.claim().letters

    assert rows(engine, messages, "claimed_at")[-1].trigger in {"calm", "runaway"}
    assert letter.letter.message_id in {
        one.id for one in rows(engine, messages, "id") if one.trigger == "calm"
    }


def test_a_person_who_resumes_it_never_makes_it_send_more_than_its_fuse(engine: Engine) -> None:
    post = runaway(engine, count=12)
    assert len(post.claim().letters) == 5

    resume(engine, ["trigger:runaway"], by="dana", now=NOON + 10 * MINUTE)

    # for the hour after that it is held back, and not paused again, whoever comes
    people(post, 1)
    assert post.claim(NOON + 11 * MINUTE).letters == ()
    assert rows(engine, pauses) == []
    assert len(post.claim(NOON + HOUR).letters) == 5
    # who wants too much again has blown his fuse again
    people(post, 2)
    assert post.claim(NOON + HOUR + 30 * MINUTE).letters == ()
    assert [one.by for one in rows(engine, pauses)] == ["fuse"]
    assert alarm(engine).closed_at is None


def test_however_many_claim_at_once_it_is_paused_and_told_once(engine: Engine) -> None:
    post = runaway(engine, count=20)

    with ThreadPoolExecutor(4) as pool:
        claimed = pool.map(lambda _: len(post.claim(limit=2).letters), range(24))

    assert sum(claimed) == 5
    assert [one.scope for one in rows(engine, pauses)] == ["trigger:runaway"]
    assert [one.action for one in rows(engine, actions)] == ["pause"]
    assert alarm(engine).times == 1


def test_while_it_is_paused_the_alarm_tells_every_hour_what_will_lapse(engine: Engine) -> None:
    post = runaway(engine)
    post.claim()
    post.sweep(NOON + HOUR - MINUTE)
    assert alarm(engine).times == 1
    people(post, 2)

    post.claim(NOON + MINUTE)
    post.sweep(NOON + HOUR)

    assert (alarm(engine).times, alarm(engine).closed_at) == (2, None)
    assert alarm(engine).detail == (
        "5 wait; the first lapses at 2026-11-03T12:00Z, the last at 2026-11-03T12:00Z"
    )


def test_an_alarm_whose_trigger_is_not_paused_ends_by_itself(engine: Engine) -> None:
    """Of a version that did not pause."""
    post = runaway(engine, count=1)
    told = [Raised(Alarm.FUSE_BLOWN, "runaway")]
    in_transaction(engine, lambda c: raise_alerts(c, told, now=NOON))
    post.sweep(NOON + OVER_AFTER)
    assert alarm(engine).closed_at is None

    post.sweep(NOON + OVER_AFTER + MINUTE)

    assert alarm(engine).closed_at == NOON + OVER_AFTER + MINUTE
