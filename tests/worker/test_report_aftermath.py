"""What left, what did it cost, who objected, and who followed a link and called after all?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.worker.drawing import (
    DAY,
    HALF,
    HELD_OUT,
    LATER,
    WEEK,
    attempt,
    call,
    clicked,
    contacted,
    drawn,
    keep,
    of_hi,
    refusal,
    reported,
)
from tests.worker.sending import HOUR, MINUTE, POLICY, rules, trigger
from tests.worker.small_world import HASHER, NOON, told
from tests.worker.small_world import event as an_event
from triggers.configuration import Configuration
from triggers.counted import Objected, Survey
from triggers.effect import Arm
from worker.steps.erase import CONTACT, Erasure
from worker.steps.forget import forget
from worker.store.erasure import Whose
from worker.store.tables import answers, attempts, handoffs, refusals

PRICED = rules(
    trigger(limits="{category: service, holdout: 50%}"),
    policy=POLICY + "currency: USD\nsms: {price: 0.04}\noutcome: {cost: 5}\n",
)


def test_what_left_is_counted_and_priced_as_it_left(engine: Engine) -> None:
    keep(
        engine,
        attempts,
        attempt(0),
        attempt(1, state="unknown", segments=3, cost=0.12),
        attempt(2, state="refused"),
        attempt(3, state="undelivered"),
        attempt(3, channel="email", segments=0, cost=None) | {"number": 2},
        attempt(4, trigger="other"),
    )

    found = of_hi(engine, configuration=PRICED)

    assert (found.messages, found.segments) == ({"email": 1, "sms": 3}, 7)
    assert found.balance.cost == pytest.approx(0.28)
    assert found.balance.unpriced == 1


def test_the_cost_is_of_those_whose_time_is_over(engine: Engine) -> None:
    late = {"claimed_at": LATER - WEEK + MINUTE}
    keep(engine, attempts, attempt(0, claimed_at=LATER - WEEK), attempt(1, **late))
    keep(engine, handoffs, call(0), call(1, created_at=late["claimed_at"]))

    found = of_hi(engine, configuration=PRICED)

    assert (found.messages, found.handed_over) == ({"sms": 2}, 2)
    assert found.balance.cost == pytest.approx(0.08 + 5)


def test_calls_that_people_make_are_told_from_those_that_customers_ask_for(engine: Engine) -> None:
    asks = {"occurrence_id": None, "why": "asks for a person"}
    keep(engine, handoffs, call(0), call(1, **asks), call(2, **asks),
         call(3, occurrence_id=None, why="nobody has understood it yet"))  # fmt: skip

    found = of_hi(engine)

    assert (found.handed_over, found.asked_for) == (1, 2)


def worlds(engine: Engine) -> None:
    """Of forty written to nobody calls, of forty held out half."""
    for number in range(80):
        drawn(engine, f"c{number}", **(HELD_OUT if number % 2 else {}))
        if number % 4 == 1:
            contacted(engine, f"c{number}", HOUR)


def test_worth_is_weighed_against_cost(engine: Engine) -> None:
    worlds(engine)
    keep(engine, attempts, *(attempt(number) for number in range(0, 80, 2)))

    found = of_hi(engine, configuration=PRICED)

    assert found.effect.messaged == Arm(40, 0)
    assert found.effect.held_out == Arm(40, 20)
    assert found.effect.prevented is not None
    assert found.balance.worth is not None
    assert found.balance.net is not None
    assert found.effect.prevented.estimate == pytest.approx(20)
    assert found.balance.worth.estimate == pytest.approx(100)
    assert found.balance.net.estimate == pytest.approx(100 - 40 * 0.08)
    assert found.balance.net.low == pytest.approx(5 * found.effect.prevented.low - 3.2)


def test_what_has_no_price_leaves_the_balance_open(engine: Engine) -> None:
    worlds(engine)
    keep(engine, attempts, attempt(0, cost=None))

    found = of_hi(engine, configuration=PRICED).balance

    assert found.worth is not None
    assert (found.net, found.unpriced) == (None, 1)


def test_without_the_cost_of_a_contact_nothing_has_a_worth(engine: Engine) -> None:
    worlds(engine)
    keep(engine, handoffs, call(0))

    found = of_hi(engine, configuration=HALF).balance

    assert (found.worth, found.net, found.unpriced) == (None, None, 1)


def test_of_everything_only_what_falls_into_the_time_asked_for_is_counted(engine: Engine) -> None:
    instant = timedelta(microseconds=1)
    for number, after in enumerate((-instant, timedelta(), DAY - instant, DAY)):
        at = NOON + after
        keep(engine, attempts, attempt(number, claimed_at=at))
        keep(engine, handoffs, call(number, created_at=at))
        keep(engine, refusals, refusal(number, after))
        clicked(engine, number, after)
        keep(engine, answers, {"message_id": f"m{number}", "trigger": "hi", "survey": "asked",
                               "score": 1, "at": at})  # fmt: skip

    found = of_hi(engine, since=NOON, until=NOON + DAY)

    assert (found.messages, found.handed_over) == ({"sms": 2}, 2)
    assert found.objected == {Objected.OPTED_OUT: 2}
    assert [way.followed for way in found.ways] == [2]
    assert [one.answered for one in found.surveys] == [2]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([refusal()], {Objected.OPTED_OUT: 1}),
        ([refusal(source="provider complaint")], {Objected.COMPLAINED: 1}),
        ([refusal(source="wrong number")], {Objected.WRONG_NUMBER: 1}),
        ([refusal(source="provider 21610"), refusal(category="service")], {Objected.OPTED_OUT: 1}),
        ([refusal(source="unclear reply")], {}),
        ([refusal(said="agreed")], {}),
        ([refusal(after=WEEK)], {Objected.OPTED_OUT: 1}),
        ([refusal(after=WEEK + MINUTE)], {}),
        ([refusal(after=-MINUTE)], {}),
        ([refusal(channel="email")], {}),
        ([refusal(1), refusal(2)], {Objected.OPTED_OUT: 2}),
    ],
)
def test_who_objects_is_laid_to_the_message_before(
    engine: Engine, rows: Sequence[dict[str, Any]], found: dict[Objected, int]
) -> None:
    keep(engine, attempts, *(attempt(number) for number in range(3)))
    keep(engine, refusals, *rows)

    assert of_hi(engine).objected == found


def test_of_two_triggers_the_last_to_write_is_blamed_if_it_really_left(engine: Engine) -> None:
    keep(
        engine,
        attempts,
        attempt(0),
        attempt(1, address_hash="a0", trigger="other", claimed_at=NOON + MINUTE),
        attempt(2, address_hash="a0", claimed_at=NOON + 2 * MINUTE, state="refused"),
    )
    keep(engine, refusals, refusal())

    blamed = {one.trigger: one.objected for one in reported(engine).triggers}

    assert blamed == {"hi": {}, "other": {Objected.OPTED_OUT: 1}}


def test_answers_stand_beside_their_trigger(engine: Engine) -> None:
    for number, score in enumerate((5, 5, 2, None)):
        keep(engine, answers, {"message_id": f"m{number}", "trigger": "hi", "survey": "asked",
                               "score": score, "at": NOON + number * DAY})  # fmt: skip

    [found] = of_hi(engine).surveys

    assert found == Survey("hi", "asked", 0, 4, {2: 1, 5: 2})
    assert found.mean == 4


def erased(engine: Engine, customer: str = "c1", **more: Any) -> None:
    terms = {"hasher": HASHER, "contact": CONTACT, "now": LATER, **more}
    Erasure(engine, Whose(customer, ("twilio",)), by="noa", **terms).run()


def test_who_is_erased_stays_in_the_counts_with_what_he_did(engine: Engine) -> None:
    for number, arm in ((1, {}), (2, {}), (3, HELD_OUT)):
        drawn(engine, f"c{number}", **arm)
    for number in (1, 3):
        contacted(engine, f"c{number}", DAY, topic="fees")
    before = of_hi(engine).effect

    for number in (1, 2, 3):
        told(engine, an_event("cart.left", f"l{number}", customer=f"c{number}"))
        erased(engine, f"c{number}")

    assert of_hi(engine).effect == before
    assert (before.messaged, before.held_out) == (Arm(2, 1), Arm(1, 1))


def test_of_who_is_erased_the_policy_s_own_kind_of_contact_is_kept(engine: Engine) -> None:
    made: Configuration = rules(policy=POLICY + "outcome: {event: call.ended}\n")
    drawn(engine, "c1")
    contacted(engine, "c1", HOUR)
    told(engine, an_event("call.ended", "e1", after=DAY))
    erased(engine, contact="call.ended")

    assert of_hi(engine, configuration=made).effect.messaged == Arm(1, 1)
    assert of_hi(engine).effect.messaged == Arm(1, 0)


def test_what_stays_of_contacts_goes_with_the_decisions(engine: Engine) -> None:
    policy = POLICY + "lateness: 5d\nretention: {decisions: 20d}\n"
    configuration = rules(policy=policy)
    drawn(engine, "c1", 15 * DAY)
    for after in (DAY, 16 * DAY):
        contacted(engine, "c1", after)
    erased(engine)

    done = forget(engine, configuration.policy.retention, now=LATER)

    assert done == {"erased_contacts": 1}
    assert of_hi(engine, configuration=configuration).effect.messaged == Arm(1, 1)
