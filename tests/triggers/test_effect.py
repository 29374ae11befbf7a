"""Is the difference between the arms what statistics say it is, and claimed no more than it may?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    proportion_confint,
    samplesize_proportions_2indep_onetail,
)

from triggers.chance import share
from triggers.effect import (
    CONFIDENCE,
    Aim,
    Arm,
    Finding,
    Needed,
    Span,
    compare,
    customers_needed,
    difference,
    uneven,
    wilson,
)

AIM = Aim()
WORLDS = 1_000
PEOPLE = 1_200
HELD_OUT = 0.25
SAVED = 0.3
"""So much of each customer's own tendency to call is taken away by a message, where it helps."""


@st.composite
def arms(draw: st.DrawFn) -> Arm:
    customers = draw(st.integers(1, 200_000))
    return Arm(customers, draw(st.integers(0, customers)))


def compared(messaged: Arm, held_out: Arm, aim: Aim = AIM) -> Finding:
    drawn = held_out.customers
    return compare(messaged, held_out, drawn=drawn, share=0.1, aim=aim).finding


@given(arms(), arms())
def test_the_interval_is_that_of_an_independent_library(one: Arm, other: Arm) -> None:
    found = difference(one, other)

    low, high = confint_proportions_2indep(
        one.contacted, one.customers, other.contacted, other.customers, method="newcomb"
    )
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)
    assert wilson(one) == pytest.approx(
        proportion_confint(one.contacted, one.customers, method="wilson"), abs=1e-9
    )


@given(arms(), arms())
def test_the_interval_holds_its_estimate_and_stays_within_what_is_possible(
    one: Arm, other: Arm
) -> None:
    found = difference(one, other)

    assert -1 <= found.low <= found.estimate <= found.high <= 1


@given(arms(), arms())
def test_the_arms_changed_about_say_the_opposite(one: Arm, other: Arm) -> None:
    found, turned = difference(one, other), difference(other, one)

    opposite = Span(-turned.estimate, -turned.high, -turned.low)
    assert (found.low, found.high) == pytest.approx((opposite.low, opposite.high))


@given(arms(), arms(), st.integers(2, 50))
def test_more_customers_of_the_same_kind_make_it_no_wider(one: Arm, other: Arm, times: int) -> None:
    many = [Arm(a.customers * times, a.contacted * times) for a in (one, other)]

    few, more = difference(one, other), difference(*many)

    assert more.high - more.low <= few.high - few.low + 1e-12


@given(st.floats(0.005, 0.95), st.floats(0.02, 0.98), st.floats(0.05, 0.9), st.floats(0.5, 0.99))
def test_the_size_needed_is_that_of_an_independent_library(
    rate: float, held_out: float, smallest: float, power: float
) -> None:
    found = customers_needed(rate, held_out, Aim(smallest, power))

    saved = rate * smallest
    ratio = (1 - held_out) / held_out
    # of their two samples the second is `ratio` times as large: that is the messaged one
    other = samplesize_proportions_2indep_onetail(
        saved, rate - saved, power, ratio=ratio, alternative="two-sided"
    )
    assert found is not None
    assert found.held_out == pytest.approx(other, rel=0.02, abs=2)


@pytest.mark.parametrize(("rate", "held_out"), [(0, 0.1), (1, 0.1), (0.1, 0), (0.1, 1)])
def test_nothing_is_needed_where_nothing_can_be_reckoned(rate: float, held_out: float) -> None:
    assert customers_needed(rate, held_out, AIM) is None


@pytest.mark.parametrize(
    ("messaged", "held_out", "finding"),
    [
        (Arm(9_000, 450), Arm(1_000, 80), Finding.FEWER_CALLS),
        (Arm(9_000, 720), Arm(1_000, 50), Finding.MORE_CALLS),
        (Arm(9_000, 720), Arm(1_000, 80), Finding.TOO_SMALL),
        (Arm(90_000, 7_200), Arm(10_000, 800), Finding.CANNOT_TELL),
        (Arm(0, 0), Arm(10, 1), Finding.NOT_YET),
        (Arm(9_000, 720), Arm(0, 0), Finding.NO_CONTROL),
        (Arm(9_000, 0), Arm(1_000, 0), Finding.TOO_SMALL),
        (Arm(1, 1), Arm(1, 1), Finding.TOO_SMALL),
    ],
)
def test_each_sample_has_one_finding(messaged: Arm, held_out: Arm, finding: Finding) -> None:
    assert compared(messaged, held_out) is finding


def test_without_a_control_there_is_no_number_at_all() -> None:
    found = compare(Arm(9_000, 90), Arm(), drawn=0, share=0.1, aim=AIM)

    assert found.finding is Finding.NO_CONTROL
    assert (found.difference, found.prevented, found.needed) == (None, None, None)


def test_before_the_first_who_was_held_out_has_had_his_time_nothing_is_said() -> None:
    found = compare(Arm(9_000, 90), Arm(), drawn=12, share=0.1, aim=AIM)

    assert found.finding is Finding.NOT_YET
    assert (found.difference, found.prevented) == (None, None)


def test_prevented_are_those_of_the_messaged_who_would_have_called() -> None:
    found = compare(Arm(9_000, 450), Arm(1_000, 80), drawn=1_000, share=0.1, aim=AIM)

    assert found.prevented is not None
    assert found.difference is not None
    assert found.prevented.estimate == pytest.approx(9_000 * 0.08 - 450)
    assert found.prevented.low == pytest.approx(9_000 * found.difference.low)
    assert found.prevented.high == pytest.approx(9_000 * found.difference.high)


def test_an_early_finding_is_told_from_one_of_a_sample_that_is_large_enough() -> None:
    early = compare(Arm(900, 20), Arm(100, 12), drawn=100, share=0.1, aim=AIM)
    late = compare(Arm(90_000, 2_000), Arm(10_000, 1_200), drawn=10_000, share=0.1, aim=AIM)

    assert (early.finding, early.enough) == (Finding.FEWER_CALLS, False)
    assert (late.finding, late.enough) == (Finding.FEWER_CALLS, True)
    assert early.needed == Needed(12_687, 1_410)


def test_both_arms_must_be_large_enough() -> None:
    large = compare(Arm(9_000, 2_700), Arm(1_000, 300), drawn=1_000, share=0.1, aim=AIM)
    assert large.needed is not None

    few = replace(large.messaged, customers=large.needed.messaged - 1)

    assert large.enough
    assert not compare(few, large.held_out, drawn=1_000, share=0.1, aim=AIM).enough


@pytest.mark.parametrize(
    ("drawn", "of", "held_out", "said"),
    [
        (100, 1_000, 0.1, False),
        (120, 1_000, 0.1, False),
        (200, 1_000, 0.1, True),
        (10, 1_000, 0.1, True),
        (0, 20, 0.1, False),
        (0, 0, 0.1, False),
        (100, 1_000, 0.0, True),
    ],
)
def test_arms_that_were_not_drawn_alike_are_noticed(
    drawn: int, of: int, held_out: float, said: bool
) -> None:
    assert uneven(drawn, of, held_out) is said


def people(seed: int) -> list[tuple[float, float]]:
    """Of each his own tendency to call, which has nothing to do with his arm, and today's luck."""
    chance = Random(seed)
    return [(chance.betavariate(1, 5), chance.random()) for _ in range(PEOPLE)]


def world(seed: int, saved: float) -> tuple[Arm, Arm, float]:
    """Messaged, held out, and the truth: what share of the messaged would have called more.

    The arms are drawn as the claim draws them, one salt a world.
    """
    counts = {False: [0, 0], True: [0, 0]}
    truth = 0.0
    for number, (tendency, luck) in enumerate(people(seed)):
        held_out = share(f"salt {seed}", "holdout", "t", f"c{number}") < HELD_OUT
        arm = counts[held_out]
        arm[0] += 1
        arm[1] += luck < (tendency if held_out else tendency * (1 - saved))
        truth += tendency * saved / PEOPLE
    return Arm(*counts[False]), Arm(*counts[True]), truth


def asked_of_worlds(test: Callable[..., None]) -> Callable[..., None]:
    """They take nine seconds to make: whoever has made them asks them everything."""
    return pytest.mark.timeout(300)(pytest.mark.xdist_group("worlds")(test))


@pytest.fixture(scope="module")
def helped() -> list[tuple[Arm, Arm, float]]:
    return [world(seed, SAVED) for seed in range(WORLDS)]


@pytest.fixture(scope="module")
def useless() -> list[tuple[Arm, Arm, float]]:
    return [world(seed, 0.0) for seed in range(WORLDS, 2 * WORLDS)]


def covering(worlds: list[tuple[Arm, Arm, float]], confidence: float) -> float:
    """In what share of the worlds the truth is in the interval."""
    covers = 0
    for messaged, held_out, truth in worlds:
        found = difference(held_out, messaged, confidence=confidence)
        covers += found.low <= truth <= found.high
    return covers / len(worlds)


def claims(of: Callable[[Finding], bool], worlds: list[tuple[Arm, Arm, float]]) -> float:
    return sum(of(compared(messaged, held)) for messaged, held, _ in worlds) / len(worlds)


def says_something(finding: Finding) -> bool:
    return finding in {Finding.FEWER_CALLS, Finding.MORE_CALLS}


@asked_of_worlds
def test_over_a_thousand_worlds_the_interval_covers_the_truth_as_often_as_it_says(
    helped: list[tuple[Arm, Arm, float]],
) -> None:
    assert 0.93 <= covering(helped, CONFIDENCE) <= 0.97


@asked_of_worlds
@pytest.mark.parametrize("wrong", [0.8, 0.9, 0.99])
def test_the_worlds_would_tell_an_interval_that_is_wrong(
    helped: list[tuple[Arm, Arm, float]], wrong: float
) -> None:
    assert not 0.93 <= covering(helped, wrong) <= 0.97


@asked_of_worlds
def test_where_nothing_is_changed_hardly_ever_something_is_claimed(
    useless: list[tuple[Arm, Arm, float]],
) -> None:
    assert claims(says_something, useless) <= 0.065


@asked_of_worlds
def test_where_calls_are_prevented_it_is_seen_and_hardly_ever_the_opposite(
    helped: list[tuple[Arm, Arm, float]],
) -> None:
    assert claims(lambda one: one is Finding.FEWER_CALLS, helped) > 0.4
    assert claims(lambda one: one is Finding.MORE_CALLS, helped) <= 0.005
