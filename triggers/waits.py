"""When is an occurrence due, on whose clock, and until when is it of use?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from triggers.clock import UTC, wall
from triggers.definitions import DateWait, ElapsedWait, UntilWait
from triggers.events import Event
from triggers.moments import DateFound, read_moment


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
    return read_moment(wait.path.read(event), zone)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def date_window(
    wait: DateWait, found: DateFound, start: Event, expires: timedelta, zone: ZoneInfo
) -> Window:
    """Due at the moment before or after the date, or at once where that is past.

    After a date it is of use until it expires, counted from the moment that was planned: a word
    that comes a week late is no longer one. Before a date it is of use while the date is ahead,
    so there it is counted from when it is due, and never past the date. A date without a time is
    past when it begins; but a moment on the day itself (`0d before … at 10:00`) has that whole day.
    """
    # from the day itself, for its midnight may be one that a clock change skips
    planned = (
        wait.offset.from_date(found.day, zone, wait.at)
        if found.day
        else wait.offset.after(found.begins, zone, wait.at)
    )
    moment = max(planned, start.time)
    if not wait.before:
        return Window(moment, planned + expires)
    past = found.begins
    if found.day and planned >= found.begins:
        past = wall(_midnight(found.day + timedelta(days=1)), zone)
    return Window(moment, min(moment + expires, past))


def elapsed_window(
    wait: ElapsedWait | UntilWait, start: Event, expires: timedelta, zone: ZoneInfo
) -> Window:
    moment = elapsed_moment(wait, start, zone).astimezone(UTC)
    return Window(moment, moment + expires)
