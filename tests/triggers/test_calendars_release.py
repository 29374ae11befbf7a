"""When does what quiet held back leave: not before resume, spread out, the urgent ones first?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triggers.calendars.allowed import Whereabouts, next_allowed, release
from triggers.definitions import Nights, Priority, Quiet

JERUSALEM = ZoneInfo("Asia/Jerusalem")
HERE = Whereabouts((JERUSALEM,), "IL", "", "jerusalem")
NIGHTS = Quiet(nights=Nights(time(21), time(8, 30)))
WHOLE = replace(NIGHTS, days=frozenset({"shabbat", "holidays"}), resume=time(9))
SPREAD = replace(WHOLE, spread=timedelta(minutes=30))


def at(text: str, zone: ZoneInfo = JERUSALEM) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("quiet", "asked", "leaves"),
    [
        (NIGHTS, "2026-11-11T12:00", None),
        (WHOLE, "2026-11-12T08:30", None),  # new messages may go from the window's end
        (NIGHTS, "2026-11-11T22:00", "2026-11-12T08:30"),
        (WHOLE, "2026-11-11T22:00", "2026-11-12T09:00"),
        (WHOLE, "2026-11-12T08:29", "2026-11-12T09:00"),
        # resume is the earliest: a window that ends later on its day ends when it ends
        (replace(WHOLE, resume=time(6)), "2026-11-11T22:00", "2026-11-12T08:30"),
        (WHOLE, "2026-11-13T18:00", "2026-11-14T17:24"),
        # a holiday until midnight, then the night, then resume
        (WHOLE, "2026-04-22T12:00", "2026-04-23T09:00"),
        # the night in which the clock goes forward
        (WHOLE, "2026-03-26T22:00", "2026-03-27T09:00"),
        # a resume that lands in quiet is asked again, and the burst at the end is the way out
        (replace(NIGHTS, resume=time(22)), "2026-11-11T21:30", "2026-11-12T08:30"),
    ],
)
def test_held_back_messages_leave_at_resume_or_the_windows_end(
    quiet: Quiet, asked: str, leaves: str | None
) -> None:
    found = release(quiet, at(asked), where=HERE)

    assert found == (at(leaves) if leaves else None)


def test_each_occurrence_has_its_own_whole_second_of_the_spread() -> None:
    names = [f"trigger/c{number}/epoch" for number in range(2000)]

    drawn = [release(SPREAD, at("2026-11-11T22:00"), where=HERE, occurrence=one) for one in names]

    offsets = [one - at("2026-11-12T09:00") for one in drawn if one is not None]
    assert len(offsets) == 2000
    assert all(timedelta() <= one < timedelta(minutes=30) for one in offsets)
    assert {one.microseconds for one in offsets} == {1000}
    minutes = [
        sum(one // timedelta(minutes=1) == minute for one in offsets) for minute in range(30)
    ]
    assert min(minutes) > 30
    assert max(minutes) < 110


def test_the_same_occurrence_always_draws_the_same_share() -> None:
    evening, morning = at("2026-11-11T21:00"), at("2026-11-12T08:29")

    first = release(SPREAD, evening, where=HERE, occurrence="plan_ending/c1/2026-12-01")
    later = release(SPREAD, morning, where=HERE, occurrence="plan_ending/c1/2026-12-01")

    assert first == later == datetime(2026, 11, 12, 7, 1, 9, 1000, tzinfo=UTC)


def test_within_a_second_the_higher_priority_leaves_first() -> None:
    asked = at("2026-11-11T22:00")

    moments = [
        release(SPREAD, asked, where=HERE, occurrence="same", priority=one)
        for one in (Priority.HIGH, Priority.NORMAL, Priority.LOW)
    ]

    known = [one for one in moments if one is not None]
    assert known == sorted(set(known))
    assert len({one.replace(microsecond=0) for one in known}) == 1


def test_a_share_that_reaches_into_the_next_window_waits_for_its_end() -> None:
    # the Sabbath ends at 20:35, the night begins at 21:00
    saturday = at("2026-06-20T12:00")
    names = [f"occurrence {number}" for number in range(200)]

    moments = [release(SPREAD, saturday, where=HERE, occurrence=one) for one in names]

    known = [one for one in moments if one is not None]
    assert len(known) == 200
    that_evening = [one for one in known if one < at("2026-06-20T21:00")]
    next_morning = [one for one in known if one >= at("2026-06-21T09:00")]
    assert len(that_evening) + len(next_morning) == 200
    assert that_evening
    assert next_morning


def test_a_free_time_shorter_than_the_spread_never_holds_for_ever() -> None:
    nearly_always = Quiet(nights=Nights(time(9, 1), time(9)), spread=timedelta(hours=5))

    found = release(nearly_always, at("2026-11-11T12:00"), where=HERE, occurrence="x")

    assert found is not None
    assert next_allowed(nearly_always, found, where=HERE).moment == found


def test_resume_counts_on_every_clock_where_the_zone_is_unknown() -> None:
    zones = (ZoneInfo("America/New_York"), ZoneInfo("America/Los_Angeles"))

    found = release(
        replace(NIGHTS, resume=time(9)),
        at("2026-11-11T22:00", zones[0]),
        where=Whereabouts(zones, "US"),
    )

    assert found == at("2026-11-12T09:00", zones[1])


def test_a_customer_who_switched_nights_off_is_not_held() -> None:
    asked = at("2026-11-11T22:00")

    assert release(SPREAD, asked, where=HERE, switches={"nights": False}) is None


@settings(max_examples=100, deadline=None)
@given(
    seconds=st.integers(0, 730 * 86_400),
    spread=st.integers(0, 7200),
    resume=st.none() | st.times().map(lambda one: one.replace(microsecond=0)),
    occurrence=st.text(max_size=10),
    priority=st.sampled_from(Priority),
)
def test_a_release_is_allowed_later_and_asked_again_it_is_free(
    seconds: int, spread: int, resume: time | None, occurrence: str, priority: Priority
) -> None:
    quiet = replace(WHOLE, spread=timedelta(seconds=spread), resume=resume)
    asked = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)

    found = release(quiet, asked, where=HERE, occurrence=occurrence, priority=priority)

    free = next_allowed(quiet, asked, where=HERE).moment
    assert (found is None) == (free == asked)
    if found is not None:
        assert found >= free > asked
        assert release(quiet, found, where=HERE, occurrence=occurrence) is None
