"""Which hours are unlike the same hours of other weeks: holidays, and the days before them?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from triggers.calendars.national import national_holidays
from triggers.calendars.shabbat import yom_tov
from triggers.definitions import Policy

ISRAEL = "IL"


def unusual_hours(policy: Policy) -> Callable[[datetime], bool]:
    """By the policy's own country and clock."""
    zone = ZoneInfo(policy.timezone)

    def unusual(hour: datetime) -> bool:
        day = hour.astimezone(zone).date()
        return _festive(policy.country, day) or _festive(policy.country, day + timedelta(days=1))

    return unusual


@cache
def _festive(country: str, day: date) -> bool:
    if country == ISRAEL and yom_tov(day, israel=True):
        return True
    return day in national_holidays(country, None, day.year)
