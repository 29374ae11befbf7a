"""In which zone, country and place is this customer, or in which might he be?"""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers.timezone import time_zones_for_geographical_number, time_zones_for_number

from triggers.addresses import Phone, phone_of
from triggers.calendars.allowed import Whereabouts
from triggers.calendars.national import known_country, known_subdivision
from triggers.calendars.places import PLACES, place_in_zone, place_named
from triggers.clock import UTC
from triggers.customers import Customer
from triggers.definitions import Policy

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}")
LONGEST_NAME = 64
# Machine-dependent, or with leap seconds: not zones a customer lives in.
_REFUSED = ("right/", "posix/", "localtime", "posixrules", "Factory")
_SAME = {
    "Asia/Tel_Aviv": "Asia/Jerusalem",
    "Israel": "Asia/Jerusalem",
    "Europe/Guernsey": "Europe/London",
    "Europe/Isle_of_Man": "Europe/London",
    "Europe/Jersey": "Europe/London",
}

# Countries that share their calling code with others, so that the code alone says too much.
_ZONES = {
    "US": "America/New_York America/Chicago America/Denver America/Boise America/Phoenix"
    " America/North_Dakota/Center America/Los_Angeles America/Anchorage America/Juneau"
    " America/Adak Pacific/Honolulu",
    "CA": "America/St_Johns America/Halifax America/Toronto America/Winnipeg America/Regina"
    " America/Edmonton America/Fort_Nelson America/Vancouver",
    "RU": "Europe/Kaliningrad Europe/Moscow Europe/Samara Asia/Yekaterinburg Asia/Omsk"
    " Asia/Novosibirsk Asia/Krasnoyarsk Asia/Irkutsk Asia/Yakutsk Asia/Vladivostok"
    " Asia/Sakhalin Asia/Magadan Asia/Kamchatka Asia/Anadyr",
    "KZ": "Asia/Almaty Asia/Aqtobe",
}


@lru_cache(maxsize=1024)
def known_zone(name: str) -> ZoneInfo | None:
    """The zone of an IANA name; None for every other text, however hostile."""
    if len(name) > LONGEST_NAME or _NAME.fullmatch(name) is None or name.startswith(_REFUSED):
        return None
    try:
        return ZoneInfo(_SAME.get(name, name))
    except (KeyError, ValueError, OSError):
        return None


class Home(NamedTuple):
    """Where a customer is of whom nothing else is known."""

    country: str
    timezone: str
    place: str


def zone_of(customer: Customer, policy: Policy | Home) -> Whereabouts:
    """Where the customer is; several zones where we do not know, the one for waits first."""
    notes: list[str] = []
    home = policy.country.upper()
    phone = phone_of(customer.text("phone") or "", (customer.text("country") or home).upper())
    country = _country(customer, phone if isinstance(phone, Phone) else None, home, notes)
    zones = _zones(customer, phone if isinstance(phone, Phone) else None, country, policy, notes)
    return Whereabouts(
        zones=zones,
        country=country,
        subdivision=_subdivision(customer, country, notes),
        place=_place(customer, zones, policy, notes),
        notes=tuple(notes),
    )


def _country(customer: Customer, phone: Phone | None, home: str, notes: list[str]) -> str:
    own = (customer.text("country") or "").upper()
    if own and (known_country(own) or phonenumbers.country_code_for_region(own)):
        return own
    if own:
        notes.append("country is not known")
    return phone.country if phone else home


def _zones(
    customer: Customer, phone: Phone | None, country: str, policy: Policy | Home, notes: list[str]
) -> tuple[ZoneInfo, ...]:
    own = customer.text("timezone")
    zone = known_zone(own) if own else None
    if zone is not None:
        return (zone,)
    if own:
        notes.append("timezone is not known")
    default = known_zone(policy.timezone) or ZoneInfo("UTC")
    if country == policy.country.upper() or not country:
        return (default,)
    dialled = phone.e164 if phone and phone.country == country else ""
    found = _possible(country, dialled)
    if not found:
        notes.append("no zone of the country is known")
    return found or (default,)


@lru_cache(maxsize=4096)
def _possible(country: str, e164: str) -> tuple[ZoneInfo, ...]:
    """The zones a number or a country may be in: the middle one first, then from west to east."""
    names = set(_of_number(e164) or _of_country(country))
    if country in _ZONES:
        everywhere = set(_ZONES[country].split())
        narrowed = names & everywhere
        # Metadata that names most of a country's zones knows nothing about this number.
        names = narrowed if 0 < len(narrowed) <= len(everywhere) // 2 else everywhere
    zones = list({zone for name in names if (zone := known_zone(name)) is not None})
    # any one day will do: only the order from west to east is asked
    zones.sort(
        key=lambda zone: (datetime(2026, 1, 1, tzinfo=UTC).astimezone(zone).utcoffset(), zone.key)
    )
    middle = len(zones) // 2
    return tuple(zones[middle : middle + 1] + zones[:middle] + zones[middle + 1 :])


def _of_number(e164: str) -> tuple[str, ...]:
    if not e164:
        return ()
    number = phonenumbers.parse(e164, None)
    found = time_zones_for_number(number)
    return () if found == ("Etc/Unknown",) else found


def _of_country(country: str) -> tuple[str, ...]:
    code = phonenumbers.country_code_for_region(country)
    if not code:
        return ()
    anyone = phonenumbers.PhoneNumber(country_code=code, national_number=0)
    found = time_zones_for_geographical_number(anyone)
    return () if found == ("Etc/Unknown",) else found


def _subdivision(customer: Customer, country: str, notes: list[str]) -> str:
    own = customer.text("subdivision")
    found = known_subdivision(country, own) if own and len(own) <= LONGEST_NAME else None
    if own and found is None:
        notes.append("subdivision is not known")
    return found or ""


def _place(
    customer: Customer, zones: tuple[ZoneInfo, ...], policy: Policy | Home, notes: list[str]
) -> str:
    own = customer.text("place")
    named = place_named(own) if own else None
    if named is not None:
        return named
    if own:
        notes.append("place is not known")
    if len(zones) > 1:
        return ""
    default = place_named(policy.place)
    if default is not None and PLACES[default].zone == zones[0].key:
        return default
    return place_in_zone(zones[0].key) or ""
