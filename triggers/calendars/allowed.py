"""When is a customer not in quiet next, and when does what was held back leave?"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from triggers.calendars.rules import Rules, rules_for
from triggers.calendars.windows import ISRAEL, Whereabouts, window_at
from triggers.clock import UTC, wall
from triggers.definitions import Priority, Quiet
from triggers.moments import FIRST_YEAR, LAST_YEAR

__all__ = ["Allowed", "Whereabouts", "next_allowed", "release"]

HORIZON = timedelta(days=60)
"""Longer than any quiet we know; who keeps all seven days is asked again after it."""

MOST_WINDOWS = 8


class Allowed(NamedTuple):
    """`reason` names the window that covered the moment asked for; None where none did."""

    moment: datetime
    reason: str | None


def next_allowed(
    quiet: Quiet, moment: datetime, *, where: Whereabouts, switches: object = None
) -> Allowed:
    """The first UTC moment, not before `moment`, outside every quiet window.

    Windows are read off the clock on the wall: a time that a clock change skips ends a night at
    the change, and an hour that comes twice is night both times. A window's end is outside it.
    Where quiet never ends, the answer is the end of HORIZON.
    """
    rules = rules_for(quiet, switches, israel=_holidays_are_jewish(where))
    return _next_allowed(rules, moment.astimezone(UTC), where)


def release(
    quiet: Quiet,
    moment: datetime,
    *,
    where: Whereabouts,
    switches: object = None,
    occurrence: str = "",
    priority: Priority = Priority.NORMAL,
) -> datetime | None:
    """None where the moment is allowed; else the UTC moment at which to ask everything again.

    That is the window's end, or `resume` of that day where it is later, and then the occurrence's
    own share of `spread`, in whole seconds; with a spread, thousandths of a second put the higher
    priority first. Where this is quiet again, the next window's end counts in the same way.
    """
    rules = rules_for(quiet, switches, israel=_holidays_are_jewish(where))
    asked = moment.astimezone(UTC)
    first = end = _next_allowed(rules, asked, where).moment
    if first == asked:
        return None
    share = _share(quiet.spread, occurrence, priority)
    for _ in range(MOST_WINDOWS):
        leaves = _resumed(quiet, end, where) + share
        again = _next_allowed(rules, leaves, where).moment
        if again == leaves:
            return leaves
        end = again
    # No free time reaches as far as resume and the share: better in a burst than never.
    return first


def _holidays_are_jewish(where: Whereabouts) -> bool:
    return where.country == ISRAEL


def _next_allowed(rules: Rules, moment: datetime, where: Whereabouts) -> Allowed:
    # nobody knows the holidays of other years, so quiet holds nothing back there
    if not FIRST_YEAR <= moment.year < LAST_YEAR:
        return Allowed(moment, None)
    free, reason, last = moment, None, moment + HORIZON
    while free < last:
        window = window_at(rules, free, where)
        if window is None:
            return Allowed(free, reason)
        free, reason = window.end, reason or window.reason
    return Allowed(last, reason)


def _resumed(quiet: Quiet, end: datetime, where: Whereabouts) -> datetime:
    """The window's end, but not before `resume` on its day on any of the clocks."""
    if quiet.resume is None:
        return end
    days = [(end.astimezone(zone).date(), zone) for zone in where.zones]
    return max([end] + [wall(datetime.combine(day, quiet.resume), zone) for day, zone in days])


def _share(spread: timedelta, occurrence: str, priority: Priority) -> timedelta:
    seconds = int(spread.total_seconds())
    if seconds < 1:
        return timedelta()
    drawn = int.from_bytes(sha256(occurrence.encode("utf-8", "surrogatepass")).digest()[:8])
    return timedelta(seconds=drawn % seconds, milliseconds=int(priority))
