"""Does a set of quiet hours leave any moment of a week to speak in, and how long does it last?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from triggers.calendars.allowed import HORIZON, next_allowed
from triggers.calendars.rules import HOLIDAYS, SHABBAT
from triggers.calendars.windows import ISRAEL, Whereabouts
from triggers.definitions import Category, Quiet

SABBATH = timedelta(hours=26)
"""From candle lighting to nightfall: in Israel up to 25h34m, farther north a little more."""
DAY = timedelta(days=1)
_SEASONS = (datetime(2026, 1, 4, tzinfo=UTC), datetime(2026, 6, 7, tzinfo=UTC))
"""Early nightfall and late."""
_SOMEWHERE = Whereabouts((ZoneInfo("Asia/Jerusalem"),), ISRAEL, place="jerusalem")


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
