"""How long is `7d`, `1h30m`, `20s`, and on whose clock does it run?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from triggers.clock import UTC, wall

_FORM = re.compile(r"(?:(\d{1,6})w)?(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?")
LONGEST = timedelta(days=3660)


class NotADuration(ValueError):
    """A duration is written like 2w, 7d, 1h30m or 20s."""


@dataclass(frozen=True, slots=True, order=True)
class Duration:
    """`days` are calendar days on somebody's wall clock; `rest` is elapsed time."""

    days: int
    rest: timedelta

    @property
    def elapsed(self) -> timedelta:
        """The same with 24 hours a day, as caps, cooldown, fuse, pace and expiry count."""
        return timedelta(days=self.days) + self.rest

    def __neg__(self) -> Duration:
        return Duration(-self.days, -self.rest)

    def after(self, moment: datetime, zone: ZoneInfo, at: time | None = None) -> datetime:
        """The UTC moment this long after `moment`; with `at`, that wall time on the day reached."""
        local = moment.astimezone(zone)
        if self.days == 0 and at is None:
            return moment + self.rest
        day = local.date() + timedelta(days=self.days)
        if at is None:
            return wall(datetime.combine(day, local.time()), zone) + self.rest
        reached = wall(datetime.combine(day, local.time()), zone) + self.rest
        return wall(datetime.combine(reached.astimezone(zone).date(), at), zone)

    def from_date(self, day: date, zone: ZoneInfo, at: time | None = None) -> datetime:
        """The same from midnight of a date in the zone."""
        return self.after(wall(datetime.combine(day, time()), zone).astimezone(UTC), zone, at)

    def __str__(self) -> str:
        seconds = abs(int(self.rest.total_seconds()))
        parts = [(abs(self.days), "d"), (seconds // 3600, "h"), (seconds % 3600 // 60, "m")]
        parts.append((seconds % 60, "s"))
        return "".join(f"{n}{unit}" for n, unit in parts if n) or "0s"


def parse_duration(text: str) -> Duration:
    """Read `2w`, `7d`, `1h30m`, `20s`; anything else raises NotADuration with what was meant."""
    found = _FORM.fullmatch(text.strip())
    if not text.strip() or found is None or not any(found.groups()):
        raise NotADuration(f"{text!r} is not a duration; write 2w, 7d, 1h30m or 20s")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    result = Duration(weeks * 7 + days, timedelta(hours=hours, minutes=minutes, seconds=seconds))
    if result.elapsed > LONGEST:
        raise NotADuration(f"{text!r} is longer than ten years")
    return result
