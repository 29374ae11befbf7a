"""How long is `7d`, `1h30m`, `20s`, and on whose clock does it run?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from triggers.clock import UTC, wall

FORM = re.compile(r"".join(rf"(?:([0-9]{{1,6}}){unit})?" for unit in "wdhms"))
LONGEST = timedelta(days=3660)


_IN_WORDS = re.compile(
    r"([0-9]{1,6}) ?(?:(w)(?:eeks?)?|(d)(?:ays?)?|(h)(?:ours?|rs?)?|(m)(?:in(?:ute)?s?)?"
    r"|(s)(?:ec(?:ond)?s?)?)",
    re.IGNORECASE,
)
_ISO = re.compile(r"P(?=.)((?:[0-9]{1,6}[WD])*)(?:T((?:[0-9]{1,6}[HMS])+))?")


class NotADuration(ValueError):
    """A duration is written like 2w, 7d, 1h30m or 20s."""


class TooLong(NotADuration):
    """No wait, cooldown or age is longer than ten years."""


@dataclass(frozen=True, slots=True)
class Duration:
    """`days` are calendar days on somebody's wall clock; `rest` is elapsed time.

    Two of them have no order of their own: which is longer may depend on the day.
    """

    days: int
    rest: timedelta

    @property
    def elapsed(self) -> timedelta:
        """The same with 24 hours a day, as caps, cooldown, fuse, pace and expiry count."""
        return timedelta(days=self.days) + self.rest

    def __neg__(self) -> Duration:
        return Duration(-self.days, -self.rest)

    def after(self, moment: datetime, zone: ZoneInfo, at: time | None = None) -> datetime:
        """The UTC moment this long after `moment`; with `at`, that wall time on the day reached.

        OverflowError outside the years 1 to 9999.
        """
        if self.days == 0:
            return _at(moment + self.rest, zone, at)
        # on one clock a sum is of its wall times, and says the first of two: as `wall` does
        reached = moment.astimezone(zone) + timedelta(days=self.days)
        return _at(reached.astimezone(UTC) + self.rest, zone, at)

    def from_date(self, day: date, zone: ZoneInfo, at: time | None = None) -> datetime:
        """The same from midnight of a date in the zone."""
        # by date: a midnight that a clock change skips is still the date it began
        reached = datetime.combine(day + timedelta(days=self.days), time())
        return _at(wall(reached, zone) + self.rest, zone, at)

    def __str__(self) -> str:
        seconds = abs(int(self.rest.total_seconds()))
        parts = [(abs(self.days), "d"), (seconds // 3600, "h"), (seconds % 3600 // 60, "m")]
        parts.append((seconds % 60, "s"))
        return "".join(f"{n}{unit}" for n, unit in parts if n) or "0s"


def _at(moment: datetime, zone: ZoneInfo, at: time | None) -> datetime:
    if at is None:
        return moment
    return wall(datetime.combine(moment.astimezone(zone).date(), at), zone)


def parse_duration(text: str) -> Duration:
    """Read `2w`, `7d`, `1h30m`, `20s`; anything else raises NotADuration with what was meant."""
    found = FORM.fullmatch(text.strip())
    if not text.strip() or found is None or not any(found.groups()):
        how = instead(text) or "2w, 7d, 1h30m or 20s"
        raise NotADuration(f"{text!r} is not a duration; write {how}")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    result = Duration(weeks * 7 + days, timedelta(hours=hours, minutes=minutes, seconds=seconds))
    # so that no moment reckoned from a sane date leaves the calendar
    if result.elapsed > LONGEST:
        raise TooLong(f"{text!r} is longer than ten years")
    return result


def instead(text: str) -> str | None:
    """How the same is written here; None where nobody can know what was meant."""
    words, iso = _IN_WORDS.fullmatch(text.strip()), _ISO.fullmatch(text.strip())
    if words:
        number, *units = words.groups()
        return f"{number}{next(filter(None, units)).lower()}"
    return f"{iso[1]}{iso[2] or ''}".lower() if iso else None
