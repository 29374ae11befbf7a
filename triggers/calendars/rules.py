"""Which quiet applies to this customer, once own switches are laid over the policy's?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from triggers.calendars.hours import WEEKDAYS, parse_nights
from triggers.definitions import Nights, Quiet

SHABBAT = "shabbat"
HOLIDAYS = "holidays"
NIGHTS = "nights"
_DAYS = frozenset([*WEEKDAYS, SHABBAT, HOLIDAYS])


@dataclass(frozen=True, slots=True)
class Rules:
    """What is kept. Sabbath and Yom Tov (the Jewish holidays) may be kept apart.

    `shabbat` keeps both, wherever the customer is. `holidays` keeps the country's national
    holidays, and in Israel these are Yom Tov too. A customer who says `holidays: false` keeps no
    Yom Tov; one who says `shabbat: false` still keeps it in Israel, as the country's holiday.
    """

    nights: Nights | None
    weekdays: frozenset[int]
    sabbath: bool
    yom_tov: bool
    national: bool


def rules_for(quiet: Quiet, switches: object, *, israel: bool) -> Rules:
    """`switches` is the profile's `quiet` object: `{"shabbat": false, "holidays": true,
    "fri": true, "nights": false | "22:00 to 07:00" | {"start": "22:00", "end": "07:00"}}`.

    What is missing or of no such form leaves the policy's quiet as it is.
    """
    if not isinstance(switches, Mapping) or not switches:
        return _rules(quiet.nights, quiet.days, israel=israel, festivals=True)
    return _rules(
        _own_nights(quiet.nights, switches.get(NIGHTS)),
        _own_days(quiet.days, switches),
        israel=israel,
        festivals=switches.get(HOLIDAYS) is not False,
    )


@lru_cache(maxsize=4096)
def _rules(nights: Nights | None, days: frozenset[str], *, israel: bool, festivals: bool) -> Rules:
    sabbath, national = SHABBAT in days, HOLIDAYS in days
    return Rules(
        nights=nights,
        weekdays=frozenset(n for n, name in enumerate(WEEKDAYS) if name in days),
        sabbath=sabbath,
        yom_tov=festivals and (sabbath or (national and israel)),
        national=national,
    )


def _own_days(days: frozenset[str], switches: Mapping[str, Any]) -> frozenset[str]:
    switched_on = {name for name, on in switches.items() if on is True and name in _DAYS}
    switched_off = {name for name, on in switches.items() if on is False}
    return (days | switched_on) - switched_off


def _own_nights(nights: Nights | None, own: object) -> Nights | None:
    if own is False:
        return None
    if isinstance(own, Mapping):
        own = f"{own.get('start')} to {own.get('end')}"
    if not isinstance(own, str):
        return nights
    try:
        return parse_nights(own)
    except ValueError:
        # a slip in a profile must not open the night
        return nights
