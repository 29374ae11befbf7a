"""How long is a duration, on whose clock, and what moment is a wall time?"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triggers.clock import instant, stamp, wall
from triggers.durations import Duration, NotADuration, parse_duration

JERUSALEM = ZoneInfo("Asia/Jerusalem")
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
BEIRUT = ZoneInfo("Asia/Beirut")
ZONES = [JERUSALEM, NEW_YORK, LORD_HOWE, BEIRUT, ZoneInfo("Asia/Tokyo"), ZoneInfo("Europe/London")]


def moment(text: str) -> datetime:
    return instant(text)


def shown(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("text", "days", "rest"),
    [
        ("2w", 14, timedelta()),
        ("7d", 7, timedelta()),
        ("1h30m", 0, timedelta(hours=1, minutes=30)),
        ("20s", 0, timedelta(seconds=20)),
        ("1w1d1h1m1s", 8, timedelta(hours=1, minutes=1, seconds=1)),
        (" 90m ", 0, timedelta(minutes=90)),
        ("0s", 0, timedelta()),
        ("3660d", 3660, timedelta()),
    ],
)
def test_durations_are_read(text: str, days: int, rest: timedelta) -> None:
    assert parse_duration(text) == Duration(days, rest)


@pytest.mark.parametrize(
    "text",
    ["", " ", "7", "d", "7d 2h", "1h1d", "-7d", "1.5h", "٧d", "7d\n8", "P", "PT", "P1M", "2mo"],
)
def test_what_is_no_duration_is_refused_with_how_to_write_one(text: str) -> None:
    with pytest.raises(NotADuration, match="is not a duration; write 2w, 7d, 1h30m or 20s"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("P7D", "7d"), ("P1WT2H30M", "1w2h30m"), ("PT20S", "20s"), ("7 d", "7d"), ("7D", "7d"),
        ("7days", "7d"), ("1 hour", "1h"), ("2 weeks", "2w"), ("30 min", "30m"), ("5 secs", "5s"),
    ],
)  # fmt: skip
def test_a_duration_in_anothers_writing_is_told_in_ours(text: str, meant: str) -> None:
    with pytest.raises(NotADuration, match=f"is not a duration; write {meant}$"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["3661d", "999999w", "3660d1s", "999999h"])
def test_more_than_ten_years_is_refused(text: str) -> None:
    with pytest.raises(NotADuration, match="longer than ten years"):
        parse_duration(text)


@given(
    st.builds(
        Duration,
        st.integers(0, 3_000),
        st.timedeltas(timedelta(), timedelta(days=9)).map(
            lambda rest: timedelta(seconds=int(rest.total_seconds()))
        ),
    )
)
def test_a_duration_is_read_as_it_is_written(duration: Duration) -> None:
    assert parse_duration(str(duration)).elapsed == duration.elapsed
    assert parse_duration(str(-duration)).elapsed == duration.elapsed


def test_elapsed_counts_24_hours_a_day() -> None:
    assert parse_duration("1w1d1h").elapsed == timedelta(days=8, hours=1)
    assert (-parse_duration("1d1h")).elapsed == -timedelta(days=1, hours=1)


@pytest.mark.parametrize(
    ("duration", "start", "zone", "reached"),
    [
        # the clocks go forward on 2026-03-27 at 02:00 in Jerusalem, back on 2026-10-25 at 02:00
        ("1d", "2026-03-26T12:00+02:00", JERUSALEM, "2026-03-27 12:00"),
        ("24h", "2026-03-26T12:00+02:00", JERUSALEM, "2026-03-27 13:00"),
        ("1d", "2026-03-26T02:30+02:00", JERUSALEM, "2026-03-27 03:30"),
        ("1d", "2026-10-24T12:00+03:00", JERUSALEM, "2026-10-25 12:00"),
        ("24h", "2026-10-24T12:00+03:00", JERUSALEM, "2026-10-25 11:00"),
        ("1w2h", "2026-10-24T12:00+03:00", JERUSALEM, "2026-10-31 14:00"),
        ("1h", "2026-10-25T01:30+03:00", JERUSALEM, "2026-10-25 01:30"),
        ("1d", "2026-03-07T12:00-05:00", NEW_YORK, "2026-03-08 12:00"),
        ("1d", "2026-10-03T12:00+10:30", LORD_HOWE, "2026-10-04 12:00"),
        ("24h", "2026-10-03T12:00+10:30", LORD_HOWE, "2026-10-04 12:30"),
    ],
)
def test_days_are_the_calendars_and_hours_elapse(
    duration: str, start: str, zone: ZoneInfo, reached: str
) -> None:
    assert shown(parse_duration(duration).after(moment(start), zone), zone) == reached


def test_a_repeated_wall_time_is_its_first_occurrence() -> None:
    reached = parse_duration("1d").after(moment("2026-10-24T01:30+03:00"), JERUSALEM)
    assert reached == moment("2026-10-25T01:30+03:00")


@pytest.mark.parametrize(
    ("duration", "start", "at", "reached"),
    [
        ("1d", "2026-11-02T23:00+02:00", time(11), "2026-11-03 11:00"),
        ("2h", "2026-11-02T23:00+02:00", time(11), "2026-11-03 11:00"),
        ("30m", "2026-11-02T23:00+02:00", time(11), "2026-11-02 11:00"),
        ("1d2h", "2026-11-02T23:00+02:00", time(11), "2026-11-04 11:00"),
        ("1d", "2026-03-26T12:00+02:00", time(2, 30), "2026-03-27 03:30"),
        ("0s", "2026-11-02T23:00+02:00", time(11), "2026-11-02 11:00"),
    ],
)
def test_at_is_the_wall_time_on_the_day_that_is_reached(
    duration: str, start: str, at: time, reached: str
) -> None:
    assert shown(parse_duration(duration).after(moment(start), JERUSALEM, at), JERUSALEM) == reached


def test_hours_from_the_second_of_two_equal_wall_times_count_from_it() -> None:
    # 23:30 comes twice in Beirut on 2026-10-24: 45 minutes after the second it is the 25th
    second = moment("2026-10-24T23:30+02:00")
    reached = parse_duration("45m").after(second, BEIRUT, time(11))
    assert shown(reached, BEIRUT) == "2026-10-25 11:00"


@pytest.mark.parametrize(
    ("duration", "day", "zone", "at", "reached"),
    [
        ("7d", date(2026, 12, 1), JERUSALEM, None, "2026-12-08 00:00"),
        ("2d", date(2026, 12, 1), JERUSALEM, time(10), "2026-12-03 10:00"),
        ("2h", date(2026, 12, 1), JERUSALEM, None, "2026-12-01 02:00"),
        # midnight of 2026-03-29 does not exist in Beirut: that day begins at 01:00
        ("0s", date(2026, 3, 29), BEIRUT, None, "2026-03-29 01:00"),
        ("7d", date(2026, 3, 29), BEIRUT, None, "2026-04-05 00:00"),
        ("0s", date(2026, 3, 29), BEIRUT, time(10), "2026-03-29 10:00"),
    ],
)
def test_from_a_date_is_from_its_midnight(
    duration: str, day: date, zone: ZoneInfo, at: time | None, reached: str
) -> None:
    assert shown(parse_duration(duration).from_date(day, zone, at), zone) == reached


def test_before_a_date_is_a_negative_duration() -> None:
    week_before = (-parse_duration("7d")).from_date(date(2026, 12, 1), JERUSALEM, time(10))
    assert week_before == moment("2026-11-24T10:00+02:00")
    ahead = (-parse_duration("1d2h")).after(moment("2026-12-01T10:00+02:00"), JERUSALEM)
    assert ahead == moment("2026-11-30T08:00+02:00")


def test_beyond_the_last_year_is_an_overflow() -> None:
    with pytest.raises(OverflowError):
        parse_duration("9w").from_date(date(9999, 12, 31), JERUSALEM)


moments = st.integers(0, 45 * 365 * 86_400 * 1_000_000).map(
    lambda microseconds: datetime(1990, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)


@given(moments, st.integers(0, 60), st.sampled_from(ZONES))
def test_days_keep_the_wall_time_unless_a_clock_change_skips_it(
    start: datetime, days: int, zone: ZoneInfo
) -> None:
    local = start.astimezone(zone)
    reached = Duration(days, timedelta()).after(start, zone).astimezone(zone)
    wanted = local.replace(tzinfo=None) + timedelta(days=days)
    skipped = reached.replace(tzinfo=None, fold=0) - wanted.replace(fold=0)
    assert skipped in {timedelta(), timedelta(minutes=30), timedelta(hours=1)}


@given(moments, st.timedeltas(timedelta(), timedelta(days=40)), st.sampled_from(ZONES))
def test_hours_elapse_whatever_the_clocks_do(
    start: datetime, rest: timedelta, zone: ZoneInfo
) -> None:
    assert Duration(0, rest).after(start, zone) == start + rest


@pytest.mark.parametrize(
    ("local", "zone", "utc"),
    [
        ("2026-11-02T10:00", JERUSALEM, "2026-11-02T08:00Z"),
        ("2026-03-27T02:30", JERUSALEM, "2026-03-27T00:30Z"),
        ("2026-10-25T01:30", JERUSALEM, "2026-10-24T22:30Z"),
        ("2026-11-01T01:30", NEW_YORK, "2026-11-01T05:30Z"),
        ("2026-10-04T02:15", LORD_HOWE, "2026-10-03T15:45Z"),
    ],
)
def test_wall_time_in_a_gap_moves_on_and_a_repeated_one_is_the_first(
    local: str, zone: ZoneInfo, utc: str
) -> None:
    naive = datetime.fromisoformat(local)
    assert wall(naive, zone) == moment(utc)
    assert wall(naive.replace(fold=1), zone) == moment(utc)
    assert wall(naive, zone).tzinfo is UTC


@given(moments, moments)
def test_stamps_sort_as_moments_do(one: datetime, other: datetime) -> None:
    assert (stamp(one) < stamp(other)) is (one < other)
    assert instant(stamp(one)) == one


def test_a_stamp_is_in_utc_with_microseconds() -> None:
    local = datetime(2026, 11, 2, 10, tzinfo=timezone(timedelta(hours=2)))
    assert stamp(local) == "2026-11-02T08:00:00.000000Z"


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-11-02T10:00:00+02:00", "2026-11-02T08:00:00.000000Z"),
        ("2026-11-02T10:00:00.25Z", "2026-11-02T10:00:00.250000Z"),
        ("2026-11-02T10:00:00-00:00", "2026-11-02T10:00:00.000000Z"),
    ],
)
def test_an_instant_is_read_into_utc(text: str, utc: str) -> None:
    assert stamp(instant(text)) == utc
    assert instant(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    ["", "now", "2026-11-02", "2026-11-02T10:00:00", "2026-13-02T10:00Z", "0001-01-01T00:00+23:00"],
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        instant(text)
