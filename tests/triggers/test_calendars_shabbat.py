"""Do Sabbath and Yom Tov begin with the candles and end with the stars, wherever one is?"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from pyluach.dates import HebrewDate  # type: ignore[import-untyped]

from triggers.calendars.allowed import Whereabouts, next_allowed
from triggers.calendars.places import PLACES, place_in_zone, place_named
from triggers.calendars.shabbat import Blocks, blocks_at, yom_tov
from triggers.definitions import Nights, Quiet

JERUSALEM = ZoneInfo("Asia/Jerusalem")
NEW_YORK = ZoneInfo("America/New_York")
IN_JERUSALEM = Whereabouts((JERUSALEM,), "IL", "", "jerusalem")
IN_NEW_YORK = Whereabouts((NEW_YORK,), "US", "NY", "new_york")
SHABBAT = Quiet(days=frozenset({"shabbat"}))
HOLIDAYS = Quiet(days=frozenset({"holidays"}))
BOTH = Quiet(days=frozenset({"shabbat", "holidays"}))
WITH_NIGHTS = Quiet(Nights(time(21), time(8, 30)), BOTH.days)


def at(text: str, zone: ZoneInfo = JERUSALEM) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def held(quiet: Quiet, moment: datetime, where: Whereabouts, switches: object = None) -> bool:
    return next_allowed(quiet, moment, where=where, switches=switches).moment != moment


@pytest.mark.parametrize(
    ("friday", "begins", "ends"),
    [
        # sunset less 40 minutes less 5; the sun 8.5 degrees down plus 5
        ("2026-01-02", "16:01", "17:33"),
        ("2026-03-20", "17:05", "18:33"),
        ("2026-03-27", "18:09", "19:38"),  # the clock went forward that morning
        ("2026-06-19", "19:01", "20:35"),
        ("2026-10-23", "17:13", "18:40"),  # the clock goes back in the night after
        ("2026-10-30", "16:06", "17:33"),
        ("2026-12-25", "15:56", "17:27"),
        ("2027-06-18", "19:01", "20:35"),
    ],
)
def test_a_sabbath_in_jerusalem(friday: str, begins: str, ends: str) -> None:
    first = at(f"{friday}T{begins}")
    after = at(f"{date.fromisoformat(friday) + timedelta(days=1)}T{ends}")

    assert not held(SHABBAT, first - timedelta(microseconds=1), IN_JERUSALEM)
    assert next_allowed(SHABBAT, first, where=IN_JERUSALEM).moment == after
    assert not held(SHABBAT, after, IN_JERUSALEM)


@pytest.mark.parametrize(
    ("where", "asked", "allowed"),
    [
        # Rosh Hashana 5787 falls on Sabbath and Sunday: one block in Israel and elsewhere
        (IN_JERUSALEM, "2026-09-11T18:05", "2026-09-13T19:30"),
        # Shavuot 5786 is a Friday: it runs into the Sabbath
        (IN_JERUSALEM, "2026-05-21T20:00", "2026-05-23T20:21"),
        # outside Israel Shavuot has a second day, which is that Sabbath
        (IN_NEW_YORK, "2026-05-21T20:00", "2026-05-23T21:08"),
        # Sukkot 5788 (Sat 2027-10-16): elsewhere Sunday too
        (IN_JERUSALEM, "2027-10-15T20:00", "2027-10-16T18:48"),
        (IN_NEW_YORK, "2027-10-15T20:00", "2027-10-17T19:00"),
        # Passover 5786 (Thu 2026-04-02): in Israel Friday is a workday, elsewhere three days
        (IN_JERUSALEM, "2026-04-01T20:00", "2026-04-02T19:41"),
        (IN_NEW_YORK, "2026-04-01T20:00", "2026-04-04T20:11"),
    ],
)
def test_adjoining_days_of_rest_are_one_block(where: Whereabouts, asked: str, allowed: str) -> None:
    zone = where.zones[0]

    assert next_allowed(SHABBAT, at(asked, zone), where=where).moment == at(allowed, zone)


def test_a_block_into_the_night_ends_with_the_night() -> None:
    found = next_allowed(WITH_NIGHTS, at("2026-09-11T18:05"), where=IN_JERUSALEM)
    summer = next_allowed(WITH_NIGHTS, at("2026-06-20T20:34"), where=IN_JERUSALEM)

    assert found.moment == at("2026-09-13T19:30")
    assert summer.moment == at("2026-06-20T20:35")


@pytest.mark.parametrize("israel", [True, False])
def test_yom_tov_is_the_calendar_librarys_list_of_days_without_work(israel: bool) -> None:
    days = [date(2026, 1, 1) + timedelta(days=ahead) for ahead in range(3650)]

    def without_work(day: date) -> bool:
        found = HebrewDate.from_pydate(day)
        return bool(found.festival(israel=israel, include_working_days=False))

    assert [day for day in days if yom_tov(day, israel=israel)] == [
        day for day in days if without_work(day)
    ]


@pytest.mark.parametrize(
    ("quiet", "where", "switches", "expected"),
    [
        # Friday night, Rosh Hashana on a Sunday, Independence Day
        (SHABBAT, IN_JERUSALEM, None, (True, True, False)),
        (HOLIDAYS, IN_JERUSALEM, None, (False, True, True)),
        (BOTH, IN_JERUSALEM, None, (True, True, True)),
        (BOTH, IN_JERUSALEM, {"shabbat": False}, (False, True, True)),
        (BOTH, IN_JERUSALEM, {"holidays": False}, (True, False, False)),
        (BOTH, IN_JERUSALEM, {"shabbat": False, "holidays": False}, (False, False, False)),
        (Quiet(), IN_JERUSALEM, {"shabbat": True}, (True, True, False)),
        (SHABBAT, IN_JERUSALEM, {"holidays": True}, (True, True, True)),
        (SHABBAT, IN_NEW_YORK, None, (True, True, False)),
        (HOLIDAYS, IN_NEW_YORK, None, (False, False, False)),
        (BOTH, IN_NEW_YORK, {"shabbat": False}, (False, False, False)),
        (BOTH, IN_JERUSALEM, {"shabbat": "no", "holidays": None}, (True, True, True)),
        (BOTH, IN_JERUSALEM, "off", (True, True, True)),
    ],
)
def test_a_customer_may_switch_sabbath_and_holidays(
    quiet: Quiet, where: Whereabouts, switches: object, expected: tuple[bool, bool, bool]
) -> None:
    zone = where.zones[0]
    moments = ("2026-11-13T20:00", "2026-09-13T12:00", "2026-04-22T12:00")

    answers = tuple(held(quiet, at(one, zone), where, switches) for one in moments)

    assert answers == expected


@pytest.mark.parametrize(
    ("nights", "quiet_at_22", "quiet_at_07"),
    [
        (None, True, True),
        (False, False, False),
        (True, True, True),
        ("23:00 to 06:00", False, False),
        ({"start": "22:00", "end": "06:30"}, True, False),
        ({"start": "22:00"}, True, True),
        ("always", True, True),
        ("09:00 to 09:00", True, True),
        (7, True, True),
    ],
)
def test_a_customer_may_have_own_nights(
    nights: object, quiet_at_22: bool, quiet_at_07: bool
) -> None:
    switches = {"nights": nights}

    assert held(WITH_NIGHTS, at("2026-11-11T22:00"), IN_JERUSALEM, switches) is quiet_at_22
    assert held(WITH_NIGHTS, at("2026-11-12T07:00"), IN_JERUSALEM, switches) is quiet_at_07


def test_a_customer_may_add_and_take_away_weekdays() -> None:
    weekend = Quiet(days=frozenset({"sun"}))
    monday, sunday = at("2026-11-16T12:00"), at("2026-11-15T12:00")

    assert held(weekend, monday, IN_JERUSALEM, {"mon": True})
    assert not held(weekend, sunday, IN_JERUSALEM, {"sun": False})


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        ("2026-11-13T13:59", "2026-11-13T13:59"),
        ("2026-11-13T14:00", "2026-11-15T00:00"),
        ("2026-09-13T23:59", "2026-09-14T00:00"),
    ],
)
def test_where_the_place_is_unknown_rest_is_from_early_afternoon_to_midnight(
    asked: str, allowed: str
) -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    where = Whereabouts((tokyo,), "JP", "", "")

    found = next_allowed(SHABBAT, at(asked, tokyo), where=where)

    assert found.moment == at(allowed, tokyo)


def test_with_two_possible_zones_and_no_place_both_sabbaths_are_kept() -> None:
    tokyo, sydney = ZoneInfo("Asia/Tokyo"), ZoneInfo("Australia/Sydney")
    where = Whereabouts((tokyo, sydney))

    found = next_allowed(SHABBAT, at("2026-11-13T14:00", sydney), where=where)

    assert found.moment == at("2026-11-15T00:00", tokyo)


def _pairs(blocks: Blocks) -> list[tuple[datetime, datetime]]:
    return list(zip(blocks.starts, blocks.ends, strict=True))


@pytest.mark.parametrize("place", sorted(PLACES))
def test_every_places_blocks_are_apart_and_of_a_possible_length(place: str) -> None:
    pairs = _pairs(blocks_at(place, 2026, sabbath=True, yom_tov=True))

    assert all(timedelta(hours=24) < end - start < timedelta(hours=78) for start, end in pairs)
    assert all(end < start for (_, end), (start, _) in pairwise(pairs))
    assert pairs[0][1] < datetime(2026, 1, 1, tzinfo=UTC) or pairs[0][0].year == 2025
    zone = ZoneInfo(PLACES[place].zone)
    assert all(start.astimezone(zone).hour in range(14, 22) for start, _ in pairs)


def test_where_a_summer_night_never_darkens_the_sabbath_ends_at_the_longest_dusk() -> None:
    where = Whereabouts((ZoneInfo("Europe/Stockholm"),), "SE", "", "stockholm")
    zone = where.zones[0]

    found = next_allowed(SHABBAT, at("2026-06-20T12:00", zone), where=where)

    assert found.moment == at("2026-06-21T00:43", zone)


def test_the_turn_of_the_year_is_covered_from_both_sides() -> None:
    friday, saturday = at("2027-12-31T20:00"), at("2028-01-01T12:00")

    assert next_allowed(SHABBAT, friday, where=IN_JERUSALEM) == next_allowed(
        SHABBAT, saturday, where=IN_JERUSALEM
    )


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("jerusalem", "jerusalem"),
        ("Tel Aviv", "tel_aviv"),
        ("  tel-aviv ", "tel_aviv"),
        ("תל אביב", "tel_aviv"),
        ("New York", "new_york"),
        ("Atlantis", None),
        ("", None),
    ],
)
def test_places_are_read_as_people_write_them(written: str, name: str | None) -> None:
    assert place_named(written) == name


def test_a_zone_has_one_place_that_stands_for_it() -> None:
    assert place_in_zone("Asia/Jerusalem") == "jerusalem"
    assert place_in_zone("America/New_York") == "new_york"
    assert place_in_zone("Mars/Olympus") is None
