"""When does the clock on a wall next read a given time?"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from triggers.clock import UTC


def reached(until: datetime, moment: datetime, zone: ZoneInfo) -> datetime:
    """The first UTC moment, not before `moment`, at which a clock in `zone` reads `until` or later.

    `until` is naive. A reading that a clock change skips is reached at the change; one that comes
    twice is reached the first time the clock shows it after `moment`.
    """
    local = moment.astimezone(zone)
    straight = moment + (until - local.replace(tzinfo=None))
    if straight <= moment:
        return moment
    if straight.astimezone(zone).utcoffset() == local.utcoffset():
        return straight
    return reached(until, _change(moment, straight, zone), zone)


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The clock change between two moments; changes happen on whole seconds."""
    old = before.astimezone(zone).utcoffset()
    low, high = int(before.timestamp()), int(after.timestamp()) + 1
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == old:
            low = middle
        else:
            high = middle
    return datetime.fromtimestamp(high, UTC)


def midnight_after(local: datetime) -> datetime:
    """The naive reading with which the day after `local`'s begins."""
    return datetime(local.year, local.month, local.day) + timedelta(days=1)  # noqa: DTZ001
