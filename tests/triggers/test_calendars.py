"""When may a customer be written to next: after nights, weekdays and national holidays?"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from triggers.calendars.allowed import Allowed, Whereabouts, next_allowed
from triggers.calendars.hours import WEEKDAYS
from triggers.definitions import Nights, Quiet

JERUSALEM = ZoneInfo("Asia/Jerusalem")
AT_HOME = Whereabouts((JERUSALEM,), "IL", "", "jerusalem")
NIGHTS = Nights(time(21), time(8, 30))


def at(text: str, zone: ZoneInfo | str = JERUSALEM) -> datetime:
    found = zone if isinstance(zone, ZoneInfo) else ZoneInfo(zone)
    return datetime.fromisoformat(text).replace(tzinfo=found)


def night(start: str, end: str) -> Quiet:
    return Quiet(nights=Nights(time.fromisoformat(start), time.fromisoformat(end)))


@pytest.mark.parametrize(
    ("zone", "asked", "night_ends"),
    [
        # forward: the night is an hour (Lord Howe: half an hour) shorter
        ("Asia/Jerusalem", "2026-03-26T22:00", "2026-03-27T08:30+03:00"),
        ("Asia/Jerusalem", "2027-03-25T22:00", "2027-03-26T08:30+03:00"),
        ("America/New_York", "2026-03-07T22:00", "2026-03-08T08:30-04:00"),
        ("America/New_York", "2027-03-13T22:00", "2027-03-14T08:30-04:00"),
        ("Europe/London", "2026-03-28T22:00", "2026-03-29T08:30+01:00"),
        ("Europe/London", "2027-03-27T22:00", "2027-03-28T08:30+01:00"),
        ("Australia/Lord_Howe", "2026-10-03T22:00", "2026-10-04T08:30+11:00"),
        ("Australia/Lord_Howe", "2027-10-02T22:00", "2027-10-03T08:30+11:00"),
        # back: it is longer
        ("Asia/Jerusalem", "2026-10-24T22:00", "2026-10-25T08:30+02:00"),
        ("Asia/Jerusalem", "2027-10-30T22:00", "2027-10-31T08:30+02:00"),
        ("America/New_York", "2026-10-31T22:00", "2026-11-01T08:30-05:00"),
        ("America/New_York", "2027-11-06T22:00", "2027-11-07T08:30-05:00"),
        ("Europe/London", "2026-10-24T22:00", "2026-10-25T08:30+00:00"),
        ("Europe/London", "2027-10-30T22:00", "2027-10-31T08:30+00:00"),
        ("Australia/Lord_Howe", "2026-04-04T22:00", "2026-04-05T08:30+10:30"),
        ("Australia/Lord_Howe", "2027-04-03T22:00", "2027-04-04T08:30+10:30"),
        # Tokyo never changes its clock
        ("Asia/Tokyo", "2026-03-28T22:00", "2026-03-29T08:30+09:00"),
        ("Asia/Tokyo", "2027-10-30T22:00", "2027-10-31T08:30+09:00"),
    ],
)
def test_a_night_over_a_clock_change_ends_at_its_wall_time(
    zone: str, asked: str, night_ends: str
) -> None:
    where = Whereabouts((ZoneInfo(zone),))

    found = next_allowed(Quiet(nights=NIGHTS), at(asked, zone), where=where)

    assert found == Allowed(datetime.fromisoformat(night_ends), f"night in {zone}")


@pytest.mark.parametrize(
    ("nights", "zone", "asked", "allowed"),
    [
        # the end is skipped: the night ends at the change
        (("21:00", "02:30"), "Asia/Jerusalem", "2026-03-27T01:00+02:00", "2026-03-27T03:00+03:00"),
        (
            ("21:00", "02:30"),
            "America/New_York",
            "2026-03-08T01:00-05:00",
            "2026-03-08T03:00-04:00",
        ),
        (("21:00", "01:30"), "Europe/London", "2027-03-28T00:30+00:00", "2027-03-28T02:00+01:00"),
        (
            ("21:00", "02:15"),
            "Australia/Lord_Howe",
            "2026-10-04T01:00+10:30",
            "2026-10-04T02:30+11:00",
        ),
        # the start is skipped: it is night from the change on
        (
            ("02:30", "05:00"),
            "America/New_York",
            "2026-03-08T03:00-04:00",
            "2026-03-08T05:00-04:00",
        ),
        # the end comes twice: allowed after the first, night again when the clock goes back
        (("21:00", "01:30"), "Asia/Jerusalem", "2026-10-25T01:00+03:00", "2026-10-25T01:30+03:00"),
        (("21:00", "01:30"), "Asia/Jerusalem", "2026-10-25T01:15+02:00", "2026-10-25T01:30+02:00"),
        (
            ("21:00", "01:30"),
            "America/New_York",
            "2026-11-01T01:10-05:00",
            "2026-11-01T01:30-05:00",
        ),
        (
            ("21:00", "01:45"),
            "Australia/Lord_Howe",
            "2027-04-04T01:31+10:30",
            "2027-04-04T01:45+10:30",
        ),
    ],
)
def test_a_night_is_what_the_clock_on_the_wall_reads(
    nights: tuple[str, str], zone: str, asked: str, allowed: str
) -> None:
    where = Whereabouts((ZoneInfo(zone),))

    found = next_allowed(night(*nights), datetime.fromisoformat(asked), where=where)

    assert found.moment == datetime.fromisoformat(allowed)


@pytest.mark.parametrize(
    ("nights", "asked", "allowed"),
    [
        (("21:00", "08:30"), "2026-11-11T20:59:59", "2026-11-11T20:59:59"),
        (("21:00", "08:30"), "2026-11-11T21:00:00", "2026-11-12T08:30:00"),
        (("21:00", "08:30"), "2026-11-12T08:29:59.999999", "2026-11-12T08:30:00"),
        (("21:00", "08:30"), "2026-11-12T08:30:00", "2026-11-12T08:30:00"),
        (("13:00", "15:00"), "2026-11-12T14:00:00", "2026-11-12T15:00:00"),
        (("13:00", "15:00"), "2026-11-12T15:00:00", "2026-11-12T15:00:00"),
        (("13:00", "15:00"), "2026-11-12T12:59:00", "2026-11-12T12:59:00"),
        (("22:00", "00:00"), "2026-11-12T23:00:00", "2026-11-13T00:00:00"),
    ],
)
def test_a_night_begins_at_its_start_and_is_over_at_its_end(
    nights: tuple[str, str], asked: str, allowed: str
) -> None:
    found = next_allowed(night(*nights), at(asked), where=AT_HOME)

    assert found.moment == at(allowed)
    assert (found.reason is None) == (asked == allowed)


@pytest.mark.parametrize(
    ("days", "zone", "asked", "allowed"),
    [
        ({"sun"}, "Asia/Tokyo", "2026-11-15T00:00", "2026-11-16T00:00"),
        ({"sat", "sun"}, "Europe/London", "2026-11-14T12:00", "2026-11-16T00:00"),
        ({"sat", "sun"}, "Europe/London", "2026-11-13T23:59", "2026-11-13T23:59"),
        # a weekday on which the clock changes is still one whole local day
        ({"sun"}, "Europe/London", "2026-10-25T00:30", "2026-10-26T00:00"),
        ({"sun"}, "America/New_York", "2026-03-08T00:30", "2026-03-09T00:00"),
        # midnight itself is skipped, or comes twice
        ({"sat"}, "Africa/Cairo", "2026-04-25T12:00", "2026-04-26T00:00"),
        ({"thu"}, "Africa/Cairo", "2026-04-23T12:00", "2026-04-24T01:00"),
        ({"thu"}, "Africa/Cairo", "2026-10-29T12:00", "2026-10-30T00:00"),
    ],
)
def test_weekdays_are_whole_local_days(days: set[str], zone: str, asked: str, allowed: str) -> None:
    where = Whereabouts((ZoneInfo(zone),))

    found = next_allowed(Quiet(days=frozenset(days)), at(asked, zone), where=where)

    assert found.moment == at(allowed, zone)


def test_the_weekday_is_the_customers_not_utcs() -> None:
    tokyo = Whereabouts((ZoneInfo("Asia/Tokyo"),))
    sunday_in_utc = datetime(2026, 11, 15, 20, tzinfo=UTC)

    found = next_allowed(Quiet(days=frozenset({"sun"})), sunday_in_utc, where=tokyo)

    assert found == Allowed(sunday_in_utc, None)


@pytest.mark.parametrize(
    ("country", "subdivision", "day", "quiet"),
    [
        ("IL", "", date(2026, 4, 22), True),  # Independence Day, a civil day
        ("IL", "", date(2027, 5, 12), True),
        ("US", "", date(2026, 7, 3), True),  # observed on the Friday
        ("US", "", date(2026, 6, 19), True),
        ("US", "HI", date(2026, 3, 26), True),
        ("US", "", date(2026, 3, 26), False),
        ("GB", "ENG", date(2026, 8, 31), True),
        ("GB", "SCT", date(2026, 8, 31), False),
        ("GB", "SCT", date(2026, 11, 30), True),
        ("JP", "", date(2027, 1, 11), True),
        ("ZZ", "", date(2026, 1, 1), False),
        ("GB", "nowhere", date(2026, 12, 25), True),
    ],
)
def test_national_holidays_follow_country_and_subdivision(
    country: str, subdivision: str, day: date, quiet: bool
) -> None:
    where = Whereabouts((ZoneInfo("UTC"),), country, subdivision)
    noon = datetime.combine(day, time(12), UTC)

    found = next_allowed(Quiet(days=frozenset({"holidays"})), noon, where=where)

    assert (found.moment == noon) is not quiet


def test_a_holiday_is_named_in_the_reason() -> None:
    found = next_allowed(Quiet(days=frozenset({"holidays"})), at("2026-04-22T12:00"), where=AT_HOME)

    assert found == Allowed(at("2026-04-23T00:00"), "holiday: Independence Day")


def test_where_two_zones_are_possible_only_what_both_allow_is_allowed() -> None:
    new_york, los_angeles = ZoneInfo("America/New_York"), ZoneInfo("America/Los_Angeles")
    where = Whereabouts((new_york, los_angeles), "US")

    from_evening = next_allowed(Quiet(nights=NIGHTS), at("2026-11-11T21:00", new_york), where=where)
    from_morning = next_allowed(Quiet(nights=NIGHTS), at("2026-11-12T08:30", new_york), where=where)

    assert from_evening.moment == at("2026-11-12T08:30", los_angeles)
    assert from_morning.moment == at("2026-11-12T08:30", los_angeles)


def test_quiet_without_end_is_asked_again_after_two_months() -> None:
    asked = at("2026-11-11T12:00")

    found = next_allowed(Quiet(days=frozenset(WEEKDAYS)), asked, where=AT_HOME)

    assert found.moment == asked.astimezone(UTC) + timedelta(days=60)


def test_years_without_a_known_calendar_hold_nothing_back() -> None:
    far = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)

    assert next_allowed(Quiet(nights=NIGHTS), far, where=AT_HOME) == Allowed(far, None)
