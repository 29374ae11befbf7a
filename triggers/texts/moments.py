"""How is a date or a time of day written, in the customer's zone?"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from triggers.texts.failures import Unwritable
from triggers.texts.languages import MONTHS, writing

ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}.*)?", re.ASCII)


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
    """A moment without an offset, like a date, is already on the customer's clock."""
    moment = _read(value)
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        return moment.astimezone(zone)
    return moment


def _read(value: Any) -> date | datetime:
    if isinstance(value, date):
        return value
    if isinstance(value, str) and ISO.fullmatch(value):
        try:
            return date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
        except ValueError:
            pass
    raise Unwritable(value, "is not a date")
