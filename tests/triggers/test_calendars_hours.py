"""Are wall times, nights and working hours read as written, and does work begin when it says?"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triggers.calendars.hours import (
    parse_hours,
    parse_nights,
    parse_wall_time,
    within_hours,
    worked,
)
from triggers.definitions import Nights, Weekly

JERUSALEM = ZoneInfo("Asia/Jerusalem")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("10:00", time(10)), ("9:05", time(9, 5)), (" 23:59 ", time(23, 59)), ("00:00", time(0))],
)
def test_a_wall_time_is_read(text: str, expected: time) -> None:
    assert parse_wall_time(text) == expected


@pytest.mark.parametrize("text", ["24:00", "10", "10:60", "10:00:00", "ten", "", "١٠:٠٠", "-1:00"])
def test_what_is_no_wall_time_says_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a time of day; write 09:00 or 21:30"):
        parse_wall_time(text)


def test_nights_are_read() -> None:
    assert parse_nights("21:00 to 08:30") == Nights(time(21), time(8, 30))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("21:00-08:30", "is no night; write 21:00 to 08:30"),
        ("21:00 to 8", "'8' is not a time of day"),
        ("09:00 to 09:00", "is a whole day"),
    ],
)
def test_what_is_no_night_says_what_to_write(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_nights(text)


@pytest.mark.parametrize(
    ("text", "weekdays", "start", "end"),
    [
        ("sun-thu 08:30 to 17:00", {6, 0, 1, 2, 3}, time(8, 30), time(17)),
        ("Mon - Fri 9:00 to 13:00", {0, 1, 2, 3, 4}, time(9), time(13)),
        ("mon, wed,fri-sat 20:00 to 02:00", {0, 2, 4, 5}, time(20), time(2)),
        ("sat 10:00 to 11:00", {5}, time(10), time(11)),
        ("09:00 to 17:00", {0, 1, 2, 3, 4, 5, 6}, time(9), time(17)),
    ],
)
def test_working_hours_are_read(text: str, weekdays: set[int], start: time, end: time) -> None:
    assert parse_hours(text) == Weekly(frozenset(weekdays), start, end)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "are no working hours"),
        ("sun-thu", "are no working hours"),
        ("som-thu 08:30 to 17:00", "'som' is not a weekday; write mon, tue"),
        ("sun- 08:30 to 17:00", "'' is not a weekday"),
        ("sun-thu 08:30 to 25:00", "'25:00' is not a time of day"),
        ("sun 09:00 to 09:00", "begins and ends at the same time"),
        ("a " * 5000, "are no working hours"),
    ],
)
def test_what_is_no_working_hours_says_what_to_write(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        parse_hours(text)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("hours", "zone", "moment", "expected"),
    [
        ("sun-thu 08:30 to 17:00", "Asia/Jerusalem", "2026-11-11T12:00", "2026-11-11T12:00"),
        ("sun-thu 08:30 to 17:00", "Asia/Jerusalem", "2026-11-11T08:30", "2026-11-11T08:30"),
        ("sun-thu 08:30 to 17:00", "Asia/Jerusalem", "2026-11-11T07:00", "2026-11-11T08:30"),
        ("sun-thu 08:30 to 17:00", "Asia/Jerusalem", "2026-11-11T17:00", "2026-11-12T08:30"),
        ("sun-thu 08:30 to 17:00", "Asia/Jerusalem", "2026-11-12T18:00", "2026-11-15T08:30"),
        ("mon 08:30 to 17:00", "Asia/Jerusalem", "2026-11-16T17:00", "2026-11-23T08:30"),
        # over midnight: the night belongs to the weekday on which it began
        ("mon 20:00 to 02:00", "Asia/Jerusalem", "2026-11-17T01:00", "2026-11-17T01:00"),
        ("mon 20:00 to 02:00", "Asia/Jerusalem", "2026-11-16T01:00", "2026-11-16T20:00"),
        ("mon 20:00 to 00:00", "Asia/Jerusalem", "2026-11-16T23:59", "2026-11-16T23:59"),
        ("mon 20:00 to 00:00", "Asia/Jerusalem", "2026-11-17T00:00", "2026-11-23T20:00"),
        # the start is skipped by the clock: work begins at the change
        ("sun 02:30 to 05:00", "America/New_York", "2026-03-08T01:00", "2026-03-08T03:00"),
        ("sun 02:10 to 02:50", "America/New_York", "2026-03-08T01:00", "2026-03-15T02:10"),
        # after a clock change it begins at its wall time
        ("sun 08:30 to 17:00", "America/New_York", "2026-11-01T00:30", "2026-11-01T08:30"),
    ],
)
def test_the_next_moment_at_work(hours: str, zone: str, moment: str, expected: str) -> None:
    where = ZoneInfo(zone)
    asked = datetime.fromisoformat(moment).replace(tzinfo=where)

    found = within_hours(parse_hours(hours), asked, where)

    assert found == datetime.fromisoformat(expected).replace(tzinfo=where)
    assert found.tzinfo is UTC


def _reads_work(hours: Weekly, local: datetime) -> bool:
    today = local.weekday() in hours.weekdays
    yesterday = (local.weekday() - 1) % 7 in hours.weekdays
    if hours.start < hours.end:
        return today and hours.start <= local.time() < hours.end
    return (today and local.time() >= hours.start) or (yesterday and local.time() < hours.end)


@settings(max_examples=60, deadline=None)
@given(
    weekdays=st.frozensets(st.integers(0, 6), min_size=1),
    start=st.times().map(lambda one: one.replace(second=0, microsecond=0)),
    length=st.integers(60, 1380),
    seconds=st.integers(0, 730 * 86_400),
    zone=st.sampled_from(["Asia/Jerusalem", "Australia/Lord_Howe", "America/New_York"]),
)
def test_the_answer_is_at_work_and_nothing_before_it_is(
    weekdays: frozenset[int], start: time, length: int, seconds: int, zone: str
) -> None:
    end = datetime(2026, 1, 1, start.hour, start.minute, tzinfo=UTC) + timedelta(minutes=length)
    hours, clock = Weekly(weekdays, start, end.time()), ZoneInfo(zone)
    asked = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)

    found = within_hours(hours, asked, clock)

    assert _reads_work(hours, found.astimezone(clock))
    scanned = asked
    while scanned < found:
        assert not _reads_work(hours, scanned.astimezone(clock))
        scanned += timedelta(minutes=7)


@settings(max_examples=60, deadline=None)
@given(
    weekdays=st.frozensets(st.integers(0, 6), min_size=1),
    start=st.integers(0, 95),
    length=st.integers(1, 95),
    first=st.integers(0, 730 * 96),
    quarters=st.integers(0, 4 * 96),
    zone=st.sampled_from(["Asia/Jerusalem", "Australia/Lord_Howe", "America/New_York"]),
)
def test_how_long_one_worked_is_what_a_scan_counts(
    weekdays: frozenset[int], start: int, length: int, first: int, quarters: int, zone: str
) -> None:
    quarter = timedelta(minutes=15)
    day = datetime(2026, 1, 1, tzinfo=UTC)
    begin, end = (day + (start + ahead) * quarter for ahead in (0, length))
    hours, clock = Weekly(weekdays, begin.time(), end.time()), ZoneInfo(zone)
    since = day + first * quarter

    found = worked(hours, since, since + quarters * quarter, clock)

    moments = (since + number * quarter for number in range(quarters))
    scanned = sum(_reads_work(hours, moment.astimezone(clock)) for moment in moments)
    # where a clock is put back within the hours, the hour that comes twice may count once
    assert abs(found - scanned * quarter) <= timedelta(hours=1)
    if not any(moved(since + number * quarter, clock) for number in range(-96, quarters + 96)):
        assert found == scanned * quarter


def moved(moment: datetime, clock: ZoneInfo) -> bool:
    later = moment + timedelta(minutes=15)
    return moment.astimezone(clock).utcoffset() != later.astimezone(clock).utcoffset()
