"""How are wall times, nights and working hours written, and when and how long does one work?"""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from triggers.calendars.wallclock import reached
from triggers.clock import UTC
from triggers.definitions import Nights, Weekly
from triggers.mistakes import quoted

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""In the order of `date.weekday()`."""

WALL_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_HOURS = re.compile(r"(?:(?P<days>[a-z][a-z, -]*?)\s+)?(?P<start>\S+)\s+to\s+(?P<end>\S+)")
LONGEST_TEXT = 100


def parse_wall_time(text: str) -> time:
    """`10:00`; a ValueError says what to write instead."""
    found = WALL_TIME.fullmatch(text.strip()[:LONGEST_TEXT])
    if found is None:
        raise ValueError(f"{quoted(text)} is not a time of day; write 09:00 or 21:30")
    return time(int(found[1]), int(found[2]))


def parse_nights(text: str) -> Nights:
    """`21:00 to 08:30`; over midnight when the first is the later one."""
    start, separator, end = text.strip()[:LONGEST_TEXT].partition(" to ")
    if not separator:
        raise ValueError(f"{quoted(text)} is no night; write 21:00 to 08:30")
    nights = Nights(parse_wall_time(start), parse_wall_time(end))
    if nights.start == nights.end:
        raise ValueError(f"{quoted(text)} is a whole day: nothing could ever be sent")
    return nights


def parse_hours(text: str) -> Weekly:
    """`sun-thu 08:30 to 17:00`, `mon, wed 20:00 to 02:00`, or `09:00 to 17:00` for every day.

    Hours over midnight belong to the weekday on which they begin.
    """
    found = _HOURS.fullmatch(text.strip().lower()[:LONGEST_TEXT])
    if found is None:
        raise ValueError(f"{quoted(text)} are no working hours; write sun-thu 08:30 to 17:00")
    start, end = parse_wall_time(found["start"]), parse_wall_time(found["end"])
    if start == end:
        raise ValueError(f"{quoted(text)} begins and ends at the same time")
    return Weekly(_weekdays(found["days"]), start, end)


def _weekdays(text: str | None) -> frozenset[int]:
    if text is None:
        return frozenset(range(7))
    return frozenset(day for part in text.split(",") for day in _span(part.strip()))


def _span(text: str) -> list[int]:
    first, dash, last = (part.strip() for part in text.partition("-"))
    begin = _weekday(first)
    days = (_weekday(last) - begin) % 7 if dash else 0
    return [(begin + ahead) % 7 for ahead in range(days + 1)]


def _weekday(text: str) -> int:
    if text not in WEEKDAYS:
        raise ValueError(f"{quoted(text)} is not a weekday; write {', '.join(WEEKDAYS)}")
    return WEEKDAYS.index(text)


def within_hours(hours: Weekly, moment: datetime, zone: ZoneInfo) -> datetime:
    """The first UTC moment, not before `moment`, at which somebody works; `moment` if it is one."""
    moment = moment.astimezone(UTC)
    if _at_work(hours, moment.astimezone(zone)):
        return moment
    today = moment.astimezone(zone).date()
    for ahead in range(9):
        day = today + timedelta(days=ahead)
        begin = reached(datetime.combine(day, hours.start), moment, zone)
        if _at_work(hours, begin.astimezone(zone)):
            return begin
    raise ValueError("working hours without a weekday")


def worked(hours: Weekly, since: datetime, until: datetime, zone: ZoneInfo) -> timedelta:
    """How long somebody was at work between two moments."""
    first = since.astimezone(zone).date() - timedelta(days=1)
    days = (until.astimezone(zone).date() - first).days + 1
    over_night = timedelta(days=int(hours.end <= hours.start))
    found = timedelta()
    for day in (first + timedelta(days=ahead) for ahead in range(days)):
        if day.weekday() in hours.weekdays:
            begin = reached(datetime.combine(day, hours.start), since, zone)
            end = reached(datetime.combine(day + over_night, hours.end), since, zone)
            found += max(timedelta(), min(end, until) - begin)
    return found


def _at_work(hours: Weekly, local: datetime) -> bool:
    now, today = local.time(), local.weekday()
    if hours.start < hours.end:
        return today in hours.weekdays and hours.start <= now < hours.end
    begun_today = today in hours.weekdays and now >= hours.start
    return begun_today or ((today - 1) % 7 in hours.weekdays and now < hours.end)
