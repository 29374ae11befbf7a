"""What moment is a wall time in a zone, and how is a moment written?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

__all__ = ["UTC", "instant", "local", "stamp", "wall"]


def wall(local: datetime, zone: ZoneInfo) -> datetime:
    """The UTC moment of a naive wall time.

    A wall time that does not exist moves forward by the gap; one that exists twice is the first.
    OverflowError outside the years 1 to 9999.
    """
    first = local.replace(tzinfo=zone, fold=0)
    return first.astimezone(UTC)


def local(moment: datetime, zone: ZoneInfo) -> datetime:
    """What a clock there shows; UTC where the calendar's first or last hours have no other."""
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment


def stamp(moment: datetime) -> str:
    """RFC 3339 in UTC with a Z, microseconds always written: texts sort as the moments do."""
    # four times as fast as strftime, which writes the year 900 with three digits besides
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def instant(text: str) -> datetime:
    """Read an RFC 3339 moment with an offset; ValueError when it has none or is not one.

    So is a moment that lies, in UTC, outside the years 1 to 9999.
    """
    moment = datetime.fromisoformat(text)
    # as our own stamps are, and every moment that SQLite keeps is read through here
    if moment.tzinfo is UTC:
        return moment
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError(f"{text!r} has no offset from UTC")
    if moment.utcoffset() == timedelta(0):
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text!r} lies outside the calendar in UTC") from None
