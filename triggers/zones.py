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


class _Said(NamedTuple):
    """What a customer's place is told by: the words of his profile, and his phone's country.

    `dialled`: his number, where it says more of his zone than its country does.
    """

    timezone: str
    country: str
    subdivision: str
    place: str
    phone: str
    dialled: str


def zone_of(customer: Customer, policy: Policy | Home) -> Whereabouts:
    """Where the customer is; several zones where we do not know, the one for waits first."""
    home = policy.country.upper()
    own = customer.text("country") or ""
    phone = phone_of(customer.text("phone") or "", (own or home).upper())
    number = phone if isinstance(phone, Phone) else Phone("", "")
    said = _Said(
        timezone=customer.text("timezone") or "",
        country=own.upper(),
        subdivision=customer.text("subdivision") or "",
        place=customer.text("place") or "",
        phone=number.country,
        dialled="" if number.country == home or _has_one(number.country) else number.e164,
    )
    return _where(said, Home(home, policy.timezone, policy.place))


@lru_cache(maxsize=4096)
def _where(said: _Said, home: Home) -> Whereabouts:
    """Of most customers the same few words are all that is said."""
    notes: list[str] = []
    country = _country(said, home.country, notes)
    zones = _zones(said, country, home, notes)
    return Whereabouts(
        zones=zones,
        country=country,
        subdivision=_subdivision(said.subdivision, country, notes),
        place=_place(said.place, zones, home, notes),
        notes=tuple(notes),
    )


def _country(said: _Said, home: str, notes: list[str]) -> str:
    own = said.country
    if own and (known_country(own) or phonenumbers.country_code_for_region(own)):
        return own
    if own:
        notes.append("country is not known")
    return said.phone or home


def _zones(said: _Said, country: str, home: Home, notes: list[str]) -> tuple[ZoneInfo, ...]:
    zone = known_zone(said.timezone) if said.timezone else None
    if zone is not None:
        return (zone,)
    if said.timezone:
        notes.append("timezone is not known")
    default = known_zone(home.timezone) or ZoneInfo("UTC")
    if country == home.country or not country:
        return (default,)
    found = _possible(country, said.dialled if said.phone == country else "")
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


@lru_cache(maxsize=512)
def _has_one(country: str) -> bool:
    """Whether all numbers of the country are in one zone: it shares its code with no other."""
    code = phonenumbers.country_code_for_region(country)
    alone = len(phonenumbers.region_codes_for_country_code(code)) == 1
    return alone and country not in _ZONES and len(_of_country(country)) == 1


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


def _subdivision(own: str, country: str, notes: list[str]) -> str:
    found = known_subdivision(country, own) if own and len(own) <= LONGEST_NAME else None
    if own and found is None:
        notes.append("subdivision is not known")
    return found or ""


def _place(own: str, zones: tuple[ZoneInfo, ...], home: Home, notes: list[str]) -> str:
    named = place_named(own) if own else None
    if named is not None:
        return named
    if own:
        notes.append("place is not known")
    if len(zones) > 1:
        return ""
    default = place_named(home.place)
    if default is not None and PLACES[default].zone == zones[0].key:
        return default
    return place_in_zone(zones[0].key) or ""
