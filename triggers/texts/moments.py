"""How is a date or a time of day written, in the customer's zone?"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from triggers.moments import read_moment
from triggers.texts.failures import Unwritable
from triggers.texts.languages import MONTHS, writing


def date_text(value: Any, language: str, zone: ZoneInfo) -> str:
    """`15.12.2026`, `15 December 2026`."""
    day = _local(value, zone)
    return writing(language).date.format(
        day=day.day, month=day.month, name=MONTHS[day.month - 1], year=day.year
    )


def time_text(value: Any, zone: ZoneInfo) -> str:
    """`09:30`; Unwritable for a date without a time."""
    moment = _local(value, zone)
    if not isinstance(moment, datetime):
        raise Unwritable(value, "has no time of day")
    return f"{moment:%H:%M}"


def _local(value: Any, zone: ZoneInfo) -> date | datetime:
    """On the customer's clock, where a date stays the day that it names."""
    match value:
        case datetime():
            return value.astimezone(zone)
        case date():
            return value
    found = read_moment(value, zone)
    if found is None:
        raise Unwritable(value, "is not a date")
    return found.day or found.begins.astimezone(zone)
