"""When are Sabbath and Yom Tov at a place, as unbroken blocks from candle lighting to nightfall?"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from astral import Observer
from astral.sun import dusk, sunset
from pyluach.dates import HebrewDate  # type: ignore[import-untyped]

from triggers.calendars.places import PLACES, Place
from triggers.clock import UTC, wall

MARGIN = timedelta(minutes=5)
THREE_STARS = 8.5
LONGEST_DUSK = timedelta(minutes=150)
SATURDAY = 5
DAY = timedelta(days=1)

NISAN, SIVAN, TISHREI = 1, 3, 7
_YOM_TOV = frozenset(
    [(NISAN, 15), (NISAN, 21), (SIVAN, 6)] + [(TISHREI, day) for day in (1, 2, 10, 15, 22)]
)
_SECOND_DAYS = frozenset([(NISAN, 16), (NISAN, 22), (SIVAN, 7), (TISHREI, 16), (TISHREI, 23)])


@dataclass(frozen=True, slots=True)
class Blocks:
    """Half-open intervals of one year at one place, apart from each other and in order."""

    starts: tuple[datetime, ...]
    ends: tuple[datetime, ...]

    def end_of(self, moment: datetime) -> datetime | None:
        """The end of the block that covers `moment`; None where none does."""
        index = bisect_right(self.starts, moment) - 1
        if index < 0 or self.ends[index] <= moment:
            return None
        return self.ends[index]


def yom_tov(day: date, *, israel: bool) -> bool:
    """Is work forbidden on this civil day's Jewish date? The intermediate days are workdays."""
    found = HebrewDate.from_pydate(day)
    jewish = (found.month, found.day)
    return jewish in _YOM_TOV or (not israel and jewish in _SECOND_DAYS)


@lru_cache(maxsize=512)
def blocks_at(name: str, year: int, *, sabbath: bool, yom_tov: bool) -> Blocks:
    """The blocks that touch the year at a place of the table."""
    place = PLACES[name]
    observer, zone = Observer(place.latitude, place.longitude, 0), ZoneInfo(place.zone)
    return _blocks(
        _rest_days(year, israel=place.country == "IL", sabbath=sabbath, festivals=yom_tov),
        lambda day: _candles(place, observer, day, zone),
        lambda day: _nightfall(observer, day, zone),
    )


@lru_cache(maxsize=512)
def blocks_somewhere(
    zone: ZoneInfo, year: int, *, israel: bool, sabbath: bool, yom_tov: bool
) -> Blocks:
    """The same for a place we do not know: from 14:00 on the eve to the last day's midnight."""
    return _blocks(
        _rest_days(year, israel=israel, sabbath=sabbath, festivals=yom_tov),
        lambda day: wall(datetime.combine(day, time(14)), zone),
        lambda day: wall(datetime.combine(day + DAY, time()), zone),
    )


def _rest_days(year: int, *, israel: bool, sabbath: bool, festivals: bool) -> Iterator[date]:
    # a festival beside a Sabbath may reach in from the year before, or out into the next
    day, last = date(year, 1, 1) - 7 * DAY, date(year, 12, 31) + 7 * DAY
    while day <= last:
        if (sabbath and day.weekday() == SATURDAY) or (festivals and yom_tov(day, israel=israel)):
            yield day
        day += DAY


def _blocks(
    days: Iterator[date], begin: Callable[[date], datetime], end: Callable[[date], datetime]
) -> Blocks:
    """Days of rest that follow each other are one block: a rest does not end while one begins."""
    runs: list[tuple[date, date]] = []
    for day in days:
        if runs and runs[-1][1] + DAY == day:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return Blocks(
        tuple(begin(first - DAY) for first, _ in runs), tuple(end(last) for _, last in runs)
    )


def _candles(place: Place, observer: Observer, eve: date, zone: ZoneInfo) -> datetime:
    lit = sunset(observer, eve, tzinfo=zone) - timedelta(minutes=place.candles) - MARGIN
    # whole minutes, outward at both ends: rounding never cuts a rest short
    return lit.astimezone(UTC).replace(second=0, microsecond=0)


def _nightfall(observer: Observer, day: date, zone: ZoneInfo) -> datetime:
    set_at = sunset(observer, day, tzinfo=zone)
    dark = _three_stars(observer, day, zone)
    # Far in the north a summer night never darkens so far, or after midnight: then the longest
    # dusk of other places counts.
    if dark is None or dark < set_at:
        dark = set_at + LONGEST_DUSK
    rounded = (dark + MARGIN + timedelta(seconds=59)).astimezone(UTC)
    return rounded.replace(second=0, microsecond=0)


def _three_stars(observer: Observer, day: date, zone: ZoneInfo) -> datetime | None:
    try:
        return dusk(observer, day, depression=THREE_STARS, tzinfo=zone)
    except ValueError:
        return None
