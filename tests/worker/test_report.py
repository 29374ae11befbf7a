"""Is each customer counted once, in the arm he was drawn into, with what he did in his time?"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from tests.worker.drawing import (
    DAY,
    HALF,
    HELD_OUT,
    LATER,
    WEEK,
    arms,
    contacted,
    drawn,
    of_hi,
    reported,
)
from tests.worker.sending import HOUR, POLICY, Post, dana, left, rules, trigger
from tests.worker.small_world import NOON, event, incoming, publish, told
from triggers.effect import Aim, Arm, Finding, customers_needed
from triggers.report import Bucket
from worker.store.engine import in_transaction
from worker.store.tables import events

INSTANT = timedelta(microseconds=1)


def test_by_the_gates_themselves_both_arms_are_recorded_and_counted(engine: Engine) -> None:
    people = [f"c{number}" for number in range(40)]
    post = Post(engine, HALF)
    phones = (f"+97250555{number:04}" for number in range(40))
    known = [dana(one, phone=phone) for one, phone in zip(people, phones, strict=True)]
    post.told(*known, *(left(one) for one in people))
    post.send()
    for one in people[:10]:
        contacted(engine, one, 2 * DAY)

    found = of_hi(engine)

    assert (found.drawn.messaged + found.drawn.held_out, found.drawn.open) == (40, 0)
    assert found.drawn.held_out == post.rulings.count(("held_out", "holdout")) > 5
    both = found.effect.messaged, found.effect.held_out
    assert sum(one.customers for one in both) == 40
    assert sum(one.contacted for one in both) == 10
    assert found.messages == {"sms": found.drawn.messaged}


@pytest.mark.parametrize(
    ("after", "counts"),
    [
        (-HOUR, 0),
        (timedelta(), 0),
        (INSTANT, 1),
        (2 * DAY, 1),
        (WEEK - INSTANT, 1),
        (WEEK, 1),
        (WEEK + INSTANT, 0),
    ],
)
@pytest.mark.parametrize("arm", [{}, HELD_OUT])
def test_a_contact_counts_from_after_the_draw_to_the_end_of_the_time(
    engine: Engine, after: timedelta, counts: int, arm: dict[str, str]
) -> None:
    drawn(engine, "c1", **arm)
    contacted(engine, "c1", after)

    assert sum(one.contacted for one in arms(engine)) == counts


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(moment=st.datetimes(datetime(2026, 10, 1), datetime(2026, 12, 1)), near=st.integers(-2, 2))  # noqa: DTZ001
def test_the_end_is_exact_to_the_microsecond(engine: Engine, moment: datetime, near: int) -> None:
    after = moment.replace(tzinfo=NOON.tzinfo) - NOON
    customer = f"c {moment} {near}"
    drawn(engine, customer, after, name=customer)
    contacted(engine, customer, after + WEEK + near * INSTANT)

    found = reported(engine, now=LATER + 90 * DAY, since=NOON - 90 * DAY, trigger=customer)

    [one] = found.triggers
    assert one.effect.messaged == Arm(1, int(near <= 0))


def test_a_time_that_is_not_over_is_told_and_not_counted(engine: Engine) -> None:
    for arm in ({}, HELD_OUT):
        drawn(engine, f"open {arm}", WEEK + INSTANT, **arm)
        drawn(engine, f"closed {arm}", WEEK, **arm)
        contacted(engine, f"open {arm}", WEEK + HOUR)

    found = of_hi(engine, now=NOON + 2 * WEEK)

    assert (found.drawn.messaged, found.drawn.held_out, found.drawn.open) == (2, 2, 2)
    assert (found.effect.messaged, found.effect.held_out) == (Arm(1, 0), Arm(1, 0))


def test_only_the_first_draw_of_a_customer_counts(engine: Engine) -> None:
    drawn(engine, "c1")
    drawn(engine, "c1", 10 * DAY)
    contacted(engine, "c1", 11 * DAY)

    assert arms(engine) == (Arm(1, 0), Arm())


def test_who_was_first_held_out_stays_so_whatever_comes_later(engine: Engine) -> None:
    drawn(engine, "c1", **HELD_OUT)
    drawn(engine, "c1", DAY)
    drawn(engine, "c2")
    drawn(engine, "c2", DAY, **HELD_OUT)

    assert arms(engine) == (Arm(1, 0), Arm(1, 0))


def test_a_first_draw_before_the_time_that_is_asked_for_keeps_the_second_out(
    engine: Engine,
) -> None:
    drawn(engine, "c1", -10 * DAY)
    drawn(engine, "c1")
    drawn(engine, "c2")

    assert arms(engine) == (Arm(1, 0), Arm())


def test_assignments_count_from_the_beginning_to_before_the_end(engine: Engine) -> None:
    for after in (-INSTANT, timedelta(), DAY - INSTANT, DAY):
        drawn(engine, f"c{after}", after)

    assert arms(engine, since=NOON, until=NOON + DAY)[0].customers == 2


def test_two_triggers_have_arms_of_their_own(engine: Engine) -> None:
    drawn(engine, "c1")
    drawn(engine, "c1", name="other", **HELD_OUT)
    contacted(engine, "c1", DAY)

    found = {one.trigger: one.effect for one in reported(engine).triggers}

    assert (found["hi"].messaged, found["hi"].held_out) == (Arm(1, 1), Arm())
    assert (found["other"].messaged, found["other"].held_out) == (Arm(), Arm(1, 1))


def test_many_contacts_of_a_customer_and_duplicates_count_once(engine: Engine) -> None:
    drawn(engine, "c1")
    for _ in range(2):
        publish(engine, [incoming(event("support.contacted", "e1", after=HOUR))])
    contacted(engine, "c1", DAY)

    assert arms(engine)[0] == Arm(1, 1)


def test_a_contact_that_is_learnt_late_counts_at_its_own_time(engine: Engine) -> None:
    drawn(engine, "c1")
    before = arms(engine)

    contacted(engine, "c1", DAY)

    assert (before[0], arms(engine)[0]) == (Arm(1, 0), Arm(1, 1))


def test_a_contact_that_was_withdrawn_does_not_count(engine: Engine) -> None:
    drawn(engine, "c1")
    contacted(engine, "c1", DAY)
    in_transaction(engine, lambda c: c.execute(events.update().values(state="withdrawn")))

    assert arms(engine)[0] == Arm(1, 0)


def test_what_counts_as_a_contact_the_policy_says(engine: Engine) -> None:
    drawn(engine, "c1")
    contacted(engine, "c1", DAY)
    told(engine, event("call.ended", "e2", after=2 * DAY))
    made = rules(policy=POLICY + "outcome: {event: call.ended, within: 1d}\n")

    assert arms(engine)[0] == Arm(1, 1)
    assert arms(engine, configuration=made)[0] == Arm(1, 0)


@pytest.mark.parametrize(
    ("verdict", "reason", "arm"),
    [
        ("claimed", None, "messaged"),
        ("parked", "text_failed", "messaged"),
        ("handed_over", None, "messaged"),
        ("later", "fuse", "messaged"),
        ("later", "spend", "messaged"),
        ("held_out", "holdout", "held_out"),
        ("held_out", "ramp", None),
        ("shadowed", "shadow", None),
        ("later", "quiet", None),
        ("later", "rate", None),
        ("skipped", "cap", None),
        ("skipped", "expired", None),
        ("called_off", "called_off", None),
        ("started", None, None),
    ],
)
def test_who_came_as_far_as_the_draw_counts_whatever_became_of_it(
    engine: Engine, verdict: str, reason: str | None, arm: str | None
) -> None:
    drawn(engine, "c1", verdict=verdict, reason=reason)

    found = of_hi(engine).drawn

    assert (found.messaged, found.held_out) == (arm == "messaged", arm == "held_out")


def test_who_was_put_off_after_the_draw_counts_from_then(engine: Engine) -> None:
    drawn(engine, "c1", verdict="later", reason="fuse")
    contacted(engine, "c1", HOUR)
    drawn(engine, "c1", 2 * HOUR)

    assert arms(engine)[0] == Arm(1, 1)


def test_while_a_trigger_only_pretends_nobody_is_held_out(engine: Engine) -> None:
    drawn(engine, "c1", verdict="shadowed", reason="shadow", bundle="s" * 32)
    drawn(engine, "c2", bundle="s" * 32, **HELD_OUT)
    drawn(engine, "c1", DAY)
    drawn(engine, "c2", DAY, **HELD_OUT)
    drawn(engine, "c3", name="other", bundle="s" * 32, **HELD_OUT)

    [hi, other] = reported(engine).triggers

    assert [one.begins for one in hi.periods] == [date(2026, 11, 2)]
    assert (hi.effect.messaged, hi.effect.held_out) == (Arm(1, 0), Arm(1, 0))
    assert other.drawn.held_out == 1
    contacted(engine, "c2", HOUR)
    assert arms(engine)[1] == Arm(1, 0), "he counts from the day it was live"


def test_without_a_holdout_no_number_is_told(engine: Engine) -> None:
    drawn(engine, "c1")
    contacted(engine, "c1", DAY)

    found = of_hi(engine)

    assert found.effect.finding is Finding.NO_CONTROL
    assert (found.effect.difference, found.effect.prevented) == (None, None)
    assert found.balance.worth is None


def test_without_any_contact_nothing_is_claimed(engine: Engine) -> None:
    for number in range(50):
        drawn(engine, f"c{number}", **(HELD_OUT if number % 2 else {}))

    found = of_hi(engine)

    assert found.effect.finding is Finding.TOO_SMALL
    assert (found.effect.messaged, found.effect.held_out) == (Arm(25, 0), Arm(25, 0))
    assert found.effect.needed is None, "nobody knows how rare a contact is"


@pytest.mark.parametrize(
    ("by", "begin"),
    [
        (Bucket.WEEK, [date(2026, 11, 2), date(2026, 11, 9), date(2026, 11, 30)]),
        (Bucket.MONTH, [date(2026, 11, 1), date(2026, 12, 1)]),
    ],
)
def test_time_is_told_in_weeks_or_months(engine: Engine, by: Bucket, begin: list[date]) -> None:
    for days in (0, 6, 7, 29):
        drawn(engine, f"c{days}", days * DAY, **HELD_OUT)

    found = of_hi(engine, by=by, now=NOON + 90 * DAY).periods

    assert [one.begins for one in found] == begin
    assert sum(one.drawn.held_out for one in found) == 4


def test_where_nobody_is_held_out_any_more_it_takes_as_many_as_were_drawn(engine: Engine) -> None:
    for number in range(40):
        drawn(engine, f"c{number}", **(HELD_OUT if number < 10 else {}))
        if number % 2:
            contacted(engine, f"c{number}", HOUR)
    found = of_hi(engine, configuration=rules(trigger())).effect
    assert found.needed == customers_needed(0.5, 0.25, Aim())


def test_arms_of_another_share_than_the_trigger_s_are_noticed(engine: Engine) -> None:
    for number in range(60):
        drawn(engine, f"c{number}", **(HELD_OUT if number < 5 else {}))

    assert of_hi(engine).uneven
    assert not of_hi(
        engine, configuration=rules(trigger(limits="{category: service, holdout: 8%}"))
    ).uneven


def test_a_trigger_is_reported_by_its_name_also_when_it_is_gone(engine: Engine) -> None:
    drawn(engine, "c1", name="gone")

    assert [one.trigger for one in reported(engine).triggers] == ["gone", "hi", "other"]
    assert [one.trigger for one in reported(engine, trigger="gone").triggers] == ["gone"]
