"""Which date, or which date with a time, does a text name?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from triggers.clock import stamp, wall

FIRST_YEAR, LAST_YEAR = 1900, 2200
"""Dates beyond them are slips of the pen, and arithmetic on them leaves the calendar."""

# narrower than datetime.fromisoformat, which takes week dates, and more of them in each Python
_FORM = re.compile(
    r"\d{4}-\d{2}-\d{2}"
    r"(?:[Tt ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?"
    r"(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)?)?",
    re.ASCII,
)
_LONGEST = len("2026-12-01T10:00:00.123456789+02:00")
_ONLY_DATE = len("2026-12-01")


@dataclass(frozen=True, slots=True)
class DateFound:
    """A date in somebody's zone: when it begins, and the day where it has no time."""

    begins: datetime
    day: date | None

    @property
    def epoch(self) -> str:
        return self.day.isoformat() if self.day else stamp(self.begins)


def read_moment(text: Any, zone: ZoneInfo) -> DateFound | None:
    """`2026-12-01`, or an RFC 3339 date-time whose seconds and offset may be missing.

    Without an offset it is on the zone's clock. None for whatever else stands there.
    """
    written = as_written(text)
    if written is None:
        return None
    day = None if isinstance(written, datetime) else written
    return DateFound(begins(written, zone), day)


def as_written(text: Any) -> date | datetime | None:
    """The same before anybody's zone is known: naive where the text has no offset, else UTC."""
    # the length first: what is kept must be short, and a pattern need not see a megabyte
    if type(text) is not str or not _ONLY_DATE <= len(text) <= _LONGEST:
        return None
    return _parsed(text)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> date | datetime | None:
    if not _FORM.fullmatch(text):
        return None
    try:
        found = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        return None
    if len(text) == _ONLY_DATE:
        return found.date()
    return found if found.tzinfo is None else found.astimezone(UTC)


def begins(written: date | datetime, zone: ZoneInfo) -> datetime:
    """The UTC moment of a wall time, or of a date's midnight."""
    if not isinstance(written, datetime):
        return _midnight(written, zone)
    return written if written.tzinfo is not None else wall(written, zone)


@lru_cache(maxsize=4096)
def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return wall(datetime.combine(day, time()), zone)
