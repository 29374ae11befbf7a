"""Which quiet window covers a moment for one customer, and when does it end?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from triggers.calendars.national import national_holidays
from triggers.calendars.places import PLACES
from triggers.calendars.rules import Rules
from triggers.calendars.shabbat import Blocks, blocks_at, blocks_somewhere
from triggers.calendars.wallclock import midnight_after, reached
from triggers.definitions import Nights

ISRAEL = "IL"


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a customer may be. The first zone is the one on whose clock waits run.

    Several zones mean that we do not know which: quiet in one of them is quiet. `country` and
    `subdivision` are ISO codes, `place` is a name of the table of places; "" where unknown.
    `notes` say what in the profile could not be used.
    """

    zones: tuple[ZoneInfo, ...]
    country: str = ""
    subdivision: str = ""
    place: str = ""
    notes: tuple[str, ...] = ()

    @property
    def in_israel(self) -> bool:
        found = PLACES.get(self.place)
        return (found.country if found else self.country) == ISRAEL


class Window(NamedTuple):
    """A quiet window from some moment on; `end` is the first moment after it."""

    end: datetime
    reason: str


def window_at(rules: Rules, moment: datetime, where: Whereabouts) -> Window | None:
    """The first window found that covers the moment (UTC); None when nothing is quiet then."""
    # any window that covers it will do: at its end the next one is asked for
    if rules.sabbath or rules.yom_tov:
        for blocks in _blocks(rules, moment.year, where):
            end = blocks.end_of(moment)
            if end is not None:
                return Window(end, "Sabbath or Jewish holiday")
    for zone in where.zones:
        found = _civil(rules, moment, zone, where)
        if found is not None:
            return found
    return None


def _blocks(rules: Rules, year: int, where: Whereabouts) -> Iterator[Blocks]:
    if where.place in PLACES:
        yield blocks_at(where.place, year, sabbath=rules.sabbath, yom_tov=rules.yom_tov)
        return
    israel = where.in_israel
    for zone in where.zones:
        yield blocks_somewhere(
            zone, year, israel=israel, sabbath=rules.sabbath, yom_tov=rules.yom_tov
        )


def _civil(rules: Rules, moment: datetime, zone: ZoneInfo, where: Whereabouts) -> Window | None:
    """Nights, weekdays and national holidays: what the calendar and clock on the wall show."""
    local = moment.astimezone(zone)
    if rules.weekdays and local.weekday() in rules.weekdays:
        name = f"{local:%A} in {zone.key}"
        return Window(reached(midnight_after(local), moment, zone), name)
    if rules.national:
        holiday = national_holidays(where.country, where.subdivision, local.year).get(local.date())
        if holiday is not None:
            return Window(reached(midnight_after(local), moment, zone), f"holiday: {holiday}")
    if rules.nights is not None:
        until = _night_until(rules.nights, local)
        if until is not None:
            return Window(reached(until, moment, zone), f"night in {zone.key}")
    return None


def _night_until(nights: Nights, local: datetime) -> datetime | None:
    """The naive reading at which the night that `local` reads ends; None by day."""
    now, today = local.time(), local.date()
    if nights.start < nights.end:
        return datetime.combine(today, nights.end) if nights.start <= now < nights.end else None
    if now >= nights.start:
        return datetime.combine(today + timedelta(days=1), nights.end)
    return datetime.combine(today, nights.end) if now < nights.end else None
