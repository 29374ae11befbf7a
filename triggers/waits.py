"""When is an occurrence due, on whose clock, and until when is it of use?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from triggers.clock import UTC, instant, stamp, wall
from triggers.definitions import DateWait, ElapsedWait, UntilWait
from triggers.events import Event

FIRST_YEAR, LAST_YEAR = 1900, 2200
"""Dates beyond them are slips of the pen, and arithmetic on them leaves the calendar."""


@dataclass(frozen=True, slots=True)
class DateFound:
    """A date in an event: its epoch, when it begins, and the day where it has no time."""

    epoch: str
    begins: datetime
    day: date | None


@dataclass(frozen=True, slots=True)
class Window:
    """From when an occurrence is due until when it is of use."""

    moment: datetime
    expires: datetime


def elapsed_moment(wait: ElapsedWait | UntilWait, start: Event, zone: ZoneInfo) -> datetime:
    """The moment a wait from the start event's time ends; never before that time."""
    match wait:
        case ElapsedWait(duration, at):
            return max(duration.after(start.time, zone, at), start.time)
        case UntilWait(at):
            return _next_wall_time(start.time, at, zone)


def _next_wall_time(moment: datetime, at: time, zone: ZoneInfo) -> datetime:
    day = moment.astimezone(zone).date()
    today = wall(datetime.combine(day, at), zone)
    return today if today >= moment else wall(datetime.combine(day + timedelta(days=1), at), zone)


def find_date(wait: DateWait, event: Event, zone: ZoneInfo) -> DateFound | None:
    """The date a wait hangs on; None where it is missing or unreadable."""
    return read_date(wait.path.read(event), zone)


def read_date(value: Any, zone: ZoneInfo) -> DateFound | None:
    """Read `2026-12-01`, or a date with a time; without an offset it is on the zone's clock."""
    if not isinstance(value, str) or len(value) < len("2026-12-01"):
        return None
    try:
        if len(value) == len("2026-12-01"):
            day = date.fromisoformat(value)
            return _in_reach(DateFound(day.isoformat(), wall(_midnight(day), zone), day))
        naive = datetime.fromisoformat(value)
        begins = wall(naive, zone) if naive.tzinfo is None else instant(value)
    except (ValueError, OverflowError):
        return None
    return _in_reach(DateFound(stamp(begins), begins, None))


def _in_reach(found: DateFound) -> DateFound | None:
    return found if FIRST_YEAR <= found.begins.year <= LAST_YEAR else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def date_window(
    wait: DateWait, found: DateFound, start: Event, expires: timedelta, zone: ZoneInfo
) -> Window:
    """Due at the moment before or after the date, or at once where that is past.

    Before a date nothing is of use past the date. A date without a time is past when it begins;
    but a moment on the day itself (`0d before … at 10:00`) has that whole day.
    """
    planned = (
        wait.offset.from_date(found.day, zone, wait.at)
        if found.day
        else wait.offset.after(found.begins, zone, wait.at)
    )
    moment = max(planned, start.time)
    if not wait.before:
        return Window(moment, moment + expires)
    past = found.begins
    if found.day and planned >= found.begins:
        past = wall(_midnight(found.day + timedelta(days=1)), zone)
    return Window(moment, min(moment + expires, past))


def elapsed_window(
    wait: ElapsedWait | UntilWait, start: Event, expires: timedelta, zone: ZoneInfo
) -> Window:
    moment = elapsed_moment(wait, start, zone).astimezone(UTC)
    return Window(moment, moment + expires)
