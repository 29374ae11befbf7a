"""Which days are national holidays of a country and its subdivision?"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from datetime import date
from functools import lru_cache

import holidays

from triggers.calendars.shabbat import yom_tov

_NONE: Mapping[date, str] = {}


@lru_cache(maxsize=1)
def _known() -> Mapping[str, frozenset[str]]:
    """Country codes (two letters) and their subdivisions' names, as the package has them."""
    found = holidays.list_supported_countries(include_aliases=True)
    return {code: frozenset(parts) for code, parts in found.items() if len(code) == 2}


def known_country(country: str) -> bool:
    return country in _known()


@lru_cache(maxsize=4096)
def known_subdivision(country: str, text: str) -> str | None:
    """`NY` for `NY` and for `US-NY`; None for one the country does not have."""
    parts = _known().get(country, frozenset())
    # ISO writes the country before it, and so do half of the systems that publish
    short = text.removeprefix(f"{country}-")
    return short if short in parts else None


@lru_cache(maxsize=1024)
def national_holidays(country: str, subdivision: str | None, year: int) -> Mapping[date, str]:
    """Public holidays by local date; empty for a country nobody knows.

    Israel's Jewish holidays are not among them: they run from candle lighting to nightfall and are
    Yom Tov's (`shabbat.py`), not a civil day's.
    """
    if not known_country(country):
        return _NONE
    part = known_subdivision(country, subdivision) if subdivision else None
    with warnings.catch_warnings():
        # Some countries' moving feasts are known for a few decades only, and the package warns.
        warnings.simplefilter("ignore")
        found = holidays.country_holidays(country, subdiv=part, years=year, language="en_US")
    return {
        day: name
        for day, name in found.items()
        if day.year == year and not (country == "IL" and yom_tov(day, israel=True))
    }
