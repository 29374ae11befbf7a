"""Does a set of quiet hours leave any moment of a week to speak in, and how long does it last?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from triggers.calendars.allowed import HORIZON, next_allowed, release
from triggers.calendars.rules import HOLIDAYS, SHABBAT
from triggers.calendars.windows import ISRAEL, Whereabouts
from triggers.clock import wall
from triggers.definitions import Category, Quiet

SABBATH = timedelta(hours=26)
"""From candle lighting to nightfall: in Israel up to 25h34m, farther north a little more."""
DAY = timedelta(days=1)
_SEASONS = (datetime(2026, 1, 4, tzinfo=UTC), datetime(2026, 6, 7, tzinfo=UTC))
"""Early nightfall and late."""
_ZONE = ZoneInfo("Asia/Jerusalem")
_SOMEWHERE = Whereabouts((_ZONE,), ISRAEL, place="jerusalem")
_SKIPPED = timedelta(hours=1)
"""By how much the night is shorter in which the clocks go forward."""


def never_ends(quiet: Quiet) -> bool:
    """For weeks on end, in winter or in summer, though there were no holidays."""
    weekly = replace(quiet, days=quiet.days - {HOLIDAYS})
    return any(
        next_allowed(weekly, season, where=_SOMEWHERE).moment >= season + HORIZON
        for season in _SEASONS
    )


def outlasted(expires: timedelta, category: Category) -> bool:
    """Does a day, as somebody wrote it, end before the Sabbath that holds it back?

    Who writes hours has decided for hours; who writes a day means that tomorrow will do.
    """
    keeps = category.quiet is not None and SHABBAT in category.quiet.days
    return keeps and not category.urgent and DAY <= expires < SABBATH


def overslept(hour: time, expires: timedelta, category: Category) -> bool:
    """Does what falls due at this hour end in the same night, in every night of the year?"""
    if category.quiet is None:
        return False
    nights = replace(category.quiet, days=frozenset(), spread=timedelta())
    return all(expires + _SKIPPED <= _held(nights, hour, season) for season in _SEASONS)


def _held(nights: Quiet, hour: time, day: datetime) -> timedelta:
    due = wall(datetime.combine(day.date(), hour), _ZONE)
    leaves = release(nights, due, where=_SOMEWHERE)
    return timedelta() if leaves is None else leaves - due
