"""How does a language write direction, dates, numbers and money?"""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

RIGHT_TO_LEFT = frozenset({"he", "ar", "fa", "ur", "yi"})

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a text is written: what filters need to know."""

    language: str
    zone: ZoneInfo
    country: str
    html: bool
    rtl: bool


def is_rtl(language: str) -> bool:
    return language.partition("-")[0] in RIGHT_TO_LEFT


@dataclass(frozen=True, slots=True)
class Writing:
    """`date` and `moment` are format strings over day, month, name, year, date and time."""

    date: str = "{year:04}-{month:02}-{day:02}"
    moment: str = "{date} {time}"
    group: str = ","
    point: str = "."
    symbol_last: bool = False


_DOTS = Writing(date="{day}.{month}.{year}", group=".", point=",", symbol_last=True)
# blanks that do not break: an amount must not end a line in its middle
_SPACES = Writing(date="{day:02}.{month:02}.{year}", group="\u00a0", point=",", symbol_last=True)
_SLASHES = Writing(date="{day:02}/{month:02}/{year}", group=".", point=",", symbol_last=True)

WRITINGS: dict[str, Writing] = {
    "he": Writing(date="{day}.{month}.{year}", moment="{date} בשעה {time}"),
    "en": Writing(date="{day} {name} {year}", moment="{date} at {time}"),
    "ar": Writing(date="{day}/{month}/{year}"),
    "de": _DOTS,
    "ru": _SPACES,
    "fr": Writing(date="{day:02}/{month:02}/{year}", group="\u202f", point=",", symbol_last=True),
    "es": _SLASHES,
    "it": _SLASHES,
    "pt": _SLASHES,
}


def writing(language: str) -> Writing:
    """A language without a row of its own writes dates as ISO does."""
    return WRITINGS.get(language.partition("-")[0], Writing())
