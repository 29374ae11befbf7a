"""Do we know in which zone, country and place a customer is, and say so when we do not?"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneNumberFormat, PhoneNumberType
from phonenumbers.timezone import time_zones_for_number

from triggers.calendars.allowed import next_allowed
from triggers.calendars.rules import SHABBAT
from triggers.customers import Customer
from triggers.definitions import Policy, Quiet
from triggers.zones import known_zone, zone_of

POLICY = Policy(
    languages=("he",), categories={}, timezone="Asia/Jerusalem", country="IL", place="haifa"
)


def customer(**profile: object) -> Customer:
    return Customer("c1", profile)


def keys(one: Customer, policy: Policy = POLICY) -> list[str]:
    return [zone.key for zone in zone_of(one, policy).zones]


@pytest.mark.parametrize(
    ("profile", "zones", "country", "place"),
    [
        ({}, ["Asia/Jerusalem"], "IL", "haifa"),
        ({"phone": "+972501234567"}, ["Asia/Jerusalem"], "IL", "haifa"),
        ({"phone": "050-123-4567"}, ["Asia/Jerusalem"], "IL", "haifa"),
        ({"timezone": "Europe/London"}, ["Europe/London"], "IL", "london"),
        ({"timezone": "Asia/Tel_Aviv"}, ["Asia/Jerusalem"], "IL", "haifa"),
        ({"timezone": "Asia/Jerusalem", "place": "Eilat"}, ["Asia/Jerusalem"], "IL", "eilat"),
        ({"phone": "+12125550123"}, ["America/New_York"], "US", "new_york"),
        ({"phone": "+447700900123"}, ["Europe/London"], "GB", "london"),
        ({"country": "de"}, ["Europe/Berlin"], "DE", "berlin"),
        ({"country": "IL", "phone": "+12125550123"}, ["Asia/Jerusalem"], "IL", "haifa"),
        ({"country": "JP", "phone": "+12125550123"}, ["Asia/Tokyo"], "JP", "tokyo"),
        ({"phone": "+12125550123", "timezone": "Asia/Tokyo"}, ["Asia/Tokyo"], "US", "tokyo"),
        ({"phone": "nonsense"}, ["Asia/Jerusalem"], "IL", "haifa"),
        ({"phone": 5, "timezone": ["UTC"], "country": {}}, ["Asia/Jerusalem"], "IL", "haifa"),
    ],
)
def test_whereabouts_come_from_profile_then_number_then_policy(
    profile: dict[str, object], zones: list[str], country: str, place: str
) -> None:
    found = zone_of(customer(**profile), POLICY)

    assert [zone.key for zone in found.zones] == zones
    assert (found.country, found.place, found.notes) == (country, place, ())


def test_where_a_country_has_one_zone_its_numbers_say_no_more() -> None:
    codes = [c for c, regions in COUNTRY_CODE_TO_REGION_CODE.items() if len(regions) == 1]
    alone = map(phonenumbers.region_code_for_country_code, codes)
    one = [country for country in alone if len(keys(customer(country=country))) == 1]
    kinds = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE, PhoneNumberType.TOLL_FREE)
    found = ((c, phonenumbers.example_number_for_type(c, kind)) for c in one for kind in kinds)

    for country, number in found:
        if number is not None:
            zones = time_zones_for_number(number)
            phone = phonenumbers.format_number(number, PhoneNumberFormat.E164)
            told = {known_zone(zone) for zone in zones}
            assert {*zone_of(customer(country=country, phone=phone), POLICY).zones} == told, country


def test_a_number_that_may_be_in_several_zones_gives_all_of_them_the_middle_one_first() -> None:
    brazil = customer(country="BR")

    assert keys(brazil) == [
        "America/Sao_Paulo",
        "America/Rio_Branco",
        "America/Manaus",
        "America/Noronha",
    ]
    assert zone_of(brazil, POLICY).place == ""


@pytest.mark.parametrize(
    ("profile", "some", "count"),
    [
        ({"country": "US"}, {"America/New_York", "Pacific/Honolulu"}, 11),
        ({"phone": "+15550100123"}, {"America/New_York", "Pacific/Honolulu"}, 11),
        ({"country": "CA"}, {"America/St_Johns", "America/Vancouver"}, 8),
        ({"phone": "+79161234567"}, {"Europe/Kaliningrad", "Asia/Kamchatka"}, 14),
        ({"phone": "+19075550123"}, {"America/Anchorage", "America/Adak"}, 2),
    ],
)
def test_a_country_that_shares_its_calling_code_has_only_its_own_zones(
    profile: dict[str, object], some: set[str], count: int
) -> None:
    found = keys(customer(**profile))

    assert some <= set(found)
    assert len(found) == count


def test_an_unknown_zone_of_another_country_is_quiet_where_any_of_its_zones_is() -> None:
    where = zone_of(customer(country="US"), POLICY)
    sabbath_in_honolulu_only = datetime(2026, 11, 14, 23, tzinfo=ZoneInfo("Pacific/Honolulu"))

    found = next_allowed(Quiet(days=frozenset({SHABBAT})), sabbath_in_honolulu_only, where=where)

    assert found.moment > sabbath_in_honolulu_only


HOSTILE = [
    "../../etc/passwd",
    "/etc/passwd",
    "America/../../../etc/passwd",
    "America/New_York\x00",
    "\x00",
    "America",
    "x" * 100_000,
    "Mars/Olympus",
    "right/Asia/Jerusalem",
    "posix/Asia/Jerusalem",
    "localtime",
    "posixrules",
    "Factory",
    "tzdata.zi",
    "zone.tab",
    "Asia//Jerusalem",
    "Asia/Jerusalem/",
    " Asia/Jerusalem",
    "Asia\\Jerusalem",
    "אסיה/ירושלים",
    "\ud800",
    "C:/Windows",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_zone_name_is_a_note_and_the_default(name: str) -> None:
    found = zone_of(customer(timezone=name), POLICY)

    assert found.zones == (ZoneInfo("Asia/Jerusalem"),)
    assert found.notes == ("timezone is not known",)


@given(st.text(max_size=80))
def test_no_text_is_able_to_break_the_reading_of_a_zone(name: str) -> None:
    found = known_zone(name)

    assert found is None or "/" in found.key or found.key.isascii()


@pytest.mark.parametrize(
    ("profile", "notes"),
    [
        ({"country": "Atlantis"}, ("country is not known",)),
        ({"country": "ZZ"}, ("country is not known",)),
        ({"subdivision": "NOWHERE"}, ("subdivision is not known",)),
        ({"place": "Atlantis"}, ("place is not known",)),
        ({"country": "AQ"}, ("no zone of the country is known",)),
        (
            {"timezone": "x", "country": "x", "subdivision": "x", "place": "x"},
            (
                "country is not known",
                "timezone is not known",
                "subdivision is not known",
                "place is not known",
            ),
        ),
    ],
)
def test_what_is_not_known_is_noted_and_the_defaults_hold(
    profile: dict[str, object], notes: tuple[str, ...]
) -> None:
    found = zone_of(customer(**profile), POLICY)

    assert found.notes == notes
    assert found.zones == (ZoneInfo("Asia/Jerusalem"),)


@pytest.mark.parametrize(("written", "read"), [("NY", "NY"), ("US-NY", "NY")])
def test_a_subdivision_is_read_with_and_without_its_country(written: str, read: str) -> None:
    found = zone_of(customer(country="US", subdivision=written), POLICY)

    assert (found.subdivision, found.notes) == (read, ())


def test_a_policy_without_a_known_zone_counts_in_utc() -> None:
    nowhere = Policy(languages=("en",), categories={}, timezone="Mars/Olympus")

    assert zone_of(customer(), nowhere).zones == (ZoneInfo("UTC"),)


def test_a_zone_without_a_place_of_the_table_has_none() -> None:
    assert zone_of(customer(timezone="Pacific/Chatham"), POLICY).place == ""
