"""Is a strange silence told, and soon, and hardly ever one that is not strange?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from tests.triggers.histories import NOON, Past, history, hushed, level_of, steady
from triggers.usual import (
    DAY,
    FLOOR,
    HOUR,
    PAST,
    WEEK,
    Hour,
    Runaway,
    Silence,
    Watch,
    runaway,
    silence,
)

WATCH = Watch()
JERUSALEM = ZoneInfo("Asia/Jerusalem")


def ordinary(_hour: datetime) -> bool:
    return False


def asked(
    past: Mapping[datetime, Hour], end: datetime = NOON, watch: Watch = WATCH
) -> Silence | None:
    return silence(past, end, watch, odd=ordinary, zone=JERUSALEM)


@pytest.mark.parametrize(
    ("usual", "hours", "told"),
    [(20, 1, True), (9, 1, False), (9, 2, True), (1, 9, False), (1, 10, True), (0, 100, False)],
)
def test_silence_is_told_once_ten_were_usual_in_the_hours_it_lasts(
    usual: int, hours: int, told: bool
) -> None:
    found = asked(hushed(steady(usual), NOON - hours * HOUR))

    assert (found is not None) is told
    if found:
        assert found == Silence(NOON - hours * HOUR, usual * hours)


def test_the_policy_says_how_many_are_usual() -> None:
    past = hushed(steady(20), NOON - HOUR)

    assert asked(past, watch=Watch(silence=21)) is None


@pytest.mark.parametrize("known", [timedelta(days=2), timedelta(days=20)])
def test_a_new_trigger_is_not_judged(known: timedelta) -> None:
    past = hushed(steady(20), NOON - 3 * HOUR)

    assert asked({hour: one for hour, one in past.items() if hour >= NOON - known}) is None


def test_what_was_paused_is_not_judged_until_it_was_free_for_long_enough() -> None:
    past = hushed(steady(9), NOON - 6 * HOUR)
    for n in range(2, 7):
        past[NOON - n * HOUR] = Hour(0, watched=False)

    assert asked(past) is None
    past[NOON - 2 * HOUR] = Hour(0)
    assert asked(past) == Silence(NOON - 2 * HOUR, 18)


def test_a_week_in_which_it_was_paused_is_no_witness() -> None:
    past = hushed(steady(20), NOON - HOUR)
    past[NOON - HOUR - WEEK] = Hour(0, watched=False)
    assert asked(past) is not None
    past[NOON - HOUR - 2 * WEEK] = Hour(0, watched=False)

    assert asked(past) is None


def test_a_week_with_a_holiday_is_no_witness() -> None:
    past = dict(hushed(steady(20), NOON - HOUR))
    first, second = NOON - HOUR - WEEK, NOON - HOUR - 2 * WEEK
    past[first] = Hour(0)

    assert asked(past) is None, "it was silent before"
    told = partial(silence, past, NOON, WATCH, zone=JERUSALEM)
    assert told(odd=lambda hour: hour == first) is not None
    assert told(odd=lambda hour: hour in {first, second}) is None


def test_hours_in_which_nobody_watched_prove_no_silence() -> None:
    """Where all of us stood still, nobody spoke."""
    past = hushed(steady(20), NOON - 3 * HOUR)
    for n in range(1, 4):
        past[NOON - n * HOUR] = Hour(0, watched=None)

    assert asked(past) is None


def test_a_week_in_which_nobody_listened_is_no_witness_for_silence() -> None:
    past = hushed(steady(20), NOON - HOUR)
    first, second = NOON - HOUR - WEEK, NOON - HOUR - 2 * WEEK
    past[first] = Hour(0, watched=None)
    assert asked(past) is not None, "all of us stood still"

    past[second] = Hour(0, watched=None)
    assert asked(past) is None

    past[first] = past[second] = Hour(20, watched=None)
    assert asked(past) is not None, "counted when the first of us came to listen"


@pytest.mark.parametrize(
    "change", [datetime(2026, 3, 27, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)]
)
@pytest.mark.parametrize("zone", [JERUSALEM, ZoneInfo("UTC")])
def test_where_the_clocks_are_changed_nothing_that_goes_by_one_of_them_is_missed(
    change: datetime, zone: ZoneInfo
) -> None:
    """A hundred at half past ten each day, by the clock on the wall or by UTC."""
    begin, end = change - PAST - DAY, change + 3 * WEEK
    hours = [begin + n * HOUR for n in range(int((end - begin) / HOUR))]
    past = {hour: Hour(100 if hour.astimezone(zone).hour == 10 else 0) for hour in hours}
    since = [one for one in hours if one >= change - DAY]

    assert [one for one in since if asked(past, one)] == []
    silent = hushed(past, change + WEEK, end)
    assert any(asked(silent, change + WEEK + n * HOUR) for n in range(24)), "within a day"


@pytest.mark.parametrize(("hours", "usual"), [(144, 144), (150, 144), (200, 112), (311, 1)])
def test_a_silence_is_told_with_its_whole_length_until_it_is_the_usual_way(
    hours: int, usual: int
) -> None:
    since = NOON - hours * HOUR

    assert asked(hushed(steady(20), since)) == Silence(since, 20 * usual)
    assert asked(hushed(steady(20), NOON - 312 * HOUR)) is None, "of two weeks"


def test_what_speaks_once_a_month_or_only_this_season_is_not_missed() -> None:
    monthly = history(lambda hour: 500.0 if (hour.day, hour.hour) == (1, 9) else 0.0)
    ended = history(lambda hour: 30.0 if hour < NOON - 2 * WEEK else 0.0)

    assert asked(hushed(monthly, NOON - DAY)) is None
    assert asked(ended) is None, "after two weeks silence has become its way"


def test_in_odd_hours_silence_is_not_strange() -> None:
    past = hushed(steady(30), NOON - 3 * HOUR)

    assert asked(past) is not None
    assert silence(past, NOON, WATCH, odd=lambda _: True, zone=JERUSALEM) is None


@pytest.mark.parametrize(("mean", "within"), [(1000.0, 1), (20.0, 1), (5.0, 4), (1.0, 20)])
def test_how_soon_a_silence_is_told(mean: float, within: int) -> None:
    """In nine of ten histories, by hours in which ten and some more are usual."""
    delays = []
    for seed in range(100):
        past = history(lambda _: mean, seed=seed)
        told = (n for n in range(1, 144) if asked(hushed(past, NOON - n * HOUR)) is not None)
        delays.append(next(told))

    assert sorted(delays)[90] <= within


def missed(past: Past, level: float, end: datetime) -> float:
    """How much would have been usual in the silence that ends then: of ten, four are too few."""
    usual, hour = 0.0, end - HOUR
    while past[hour].spoke == 0:
        usual += level_of(level, hour)
        hour -= HOUR
    return usual


def false_alarms(level: float, spread: float) -> tuple[int, int]:
    """Of 200 quiet histories: in how many was a silence, a runaway told in four weeks?"""
    silent = loud = 0
    for seed in range(200):
        past = history(partial(level_of, level), length=PAST + 4 * WEEK, seed=seed, spread=spread)
        month = [NOON - n * HOUR for n in range(int(4 * WEEK / HOUR))]
        said = {end: past[end - HOUR].spoke or 0 for end in month}
        most = max(said.values())
        # a silence is told at its end if it is told at all; who runs away says most
        ends = [end for end in month if said.get(end + HOUR, 1) and missed(past, level, end) > 4]
        tops = [end for end in month if said[end] == most > FLOOR]
        silent += any(asked(past, end) for end in ends)
        loud += any(runaway(past, end, said[end], WATCH) for end in tops)
    return silent, loud


@pytest.mark.parametrize("level", [0.01, 0.05, 0.25, 1.0, 5.0])
@pytest.mark.parametrize(
    ("spread", "bound"), [(0.0, 2), pytest.param(0.3, 6, marks=pytest.mark.full)]
)
def test_of_a_thousand_quiet_months_hardly_one_raises_an_alarm(
    level: float, spread: float, bound: int
) -> None:
    """Five kinds of triggers, from a few a day to thousands, 200 histories each."""
    silent, loud = false_alarms(level, spread)

    assert silent <= bound
    assert loud <= bound


@pytest.mark.parametrize(
    ("usual", "spoke", "told"),
    [(100, 200, False), (100, 201, True), (5, 35, False), (5, 36, True), (0, 31, True)],
)
def test_a_runaway_says_twice_what_it_ever_did_and_thirty_more(
    usual: int, spoke: int, told: bool
) -> None:
    assert (runaway(steady(usual), NOON, spoke, WATCH) is not None) is told


def test_what_is_new_runs_away_from_nothing() -> None:
    young = {hour: one for hour, one in steady(5).items() if hour >= NOON - timedelta(days=10)}

    assert runaway(young, NOON, 5_000, WATCH) is None


def test_what_speaks_once_a_month_may_do_so_again() -> None:
    monthly = history(lambda hour: 500.0 if (hour.day, hour.hour) == (1, 9) else 0.0)

    assert runaway(monthly, datetime(2026, 12, 1, 9, 30, tzinfo=UTC), 510, WATCH) is None


def test_what_was_more_than_five_weeks_ago_excuses_nothing() -> None:
    past = steady(5) | {NOON - PAST - HOUR: Hour(1_000)}
    assert runaway(past, NOON, 36, WATCH) is not None

    assert runaway(past | {NOON - PAST: Hour(1_000)}, NOON, 36, WATCH) is None


def test_a_runaway_of_hours_is_not_its_own_excuse() -> None:
    past = steady(10) | {NOON - n * HOUR: Hour(900) for n in range(1, 12)}

    assert runaway(past, NOON, 900, WATCH) == Runaway(
        "900 in an hour; the most in five weeks was 10"
    )


@pytest.mark.parametrize(("repeats", "told"), [(2, False), (19, False), (30, True)])
def test_more_customers_than_ever_hear_it_twice_in_a_day(repeats: int, told: bool) -> None:
    past = {hour: Hour(5, repeats=2, day=100) for hour in steady(5)}
    past[NOON - HOUR] = Hour(5, repeats=repeats, day=100)

    found = runaway(past, NOON, 5, WATCH)

    assert (found is not None) is told
    if found:
        assert found.words == "30% went to somebody who had one that day; the most was 2%"


@pytest.mark.parametrize(
    ("usual", "newest", "told"),
    [((40, 100), (75, 100), False), ((40, 100), (81, 100), True),
     ((5, 500), (54, 500), False), ((5, 500), (56, 500), True)],
)  # fmt: skip
def test_twice_the_largest_share_and_a_tenth_more_hear_it_twice(
    usual: tuple[int, int], newest: tuple[int, int], told: bool
) -> None:
    past = {hour: Hour(5, True, *usual) for hour in steady(5)}
    past[NOON - HOUR] = Hour(5, True, *newest)

    assert (runaway(past, NOON, 5, WATCH) is not None) is told


def test_who_is_known_by_less_than_a_week_of_days_is_not_judged_by_them() -> None:
    past = dict(steady(5))
    for n in range(1, int((DAY + WEEK) / HOUR) - 1):
        past[NOON - n * HOUR] = Hour(5, repeats=2, day=100)
    past[NOON - HOUR] = Hour(5, repeats=60, day=100)
    assert runaway(past, NOON, 5, WATCH) is None

    past[NOON - DAY - WEEK] = past[NOON - DAY - WEEK + HOUR] = Hour(5, repeats=2, day=100)
    assert runaway(past, NOON, 5, WATCH) is not None
