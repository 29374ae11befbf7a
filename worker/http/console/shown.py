"""How are moments, lengths of time and numbers shown to whoever looks at the console?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from markupsafe import Markup

from triggers.clock import instant, local, stamp, wall
from worker.http.console.details import detail_told
from worker.http.console.visits import Visit

_UNITS = (("days", 86_400), ("hours", 3_600), ("minutes", 60))


@dataclass(frozen=True)
class Shown:
    """On the house's clock, in the visit's language."""

    visit: Visit

    @property
    def zone(self) -> ZoneInfo:
        rules = self.visit.house.parts.last_configuration
        return ZoneInfo(rules.policy.timezone if rules else "UTC")

    def local(self, moment: datetime) -> datetime:
        return local(moment, self.zone)

    def zone_name(self, moment: datetime) -> str:
        """`Asia/Jerusalem, UTC+02:00`, as it is at that moment."""
        return f"{self.zone.key}, UTC{self.local(moment).isoformat()[-6:]}"

    def read(self, text: str) -> datetime | None:
        """A moment with its offset, or a wall time of the house; None for what is neither."""
        try:
            return instant(text)
        except ValueError:
            pass
        try:
            return wall(datetime.fromisoformat(text), self.zone)
        except (ValueError, OverflowError):
            return None

    def moment(
        self, moment: datetime | None, *, now: datetime | None = None, seconds: bool = False
    ) -> Markup | str:
        """Its time alone, where that is today; hover and machines read all of it."""
        if moment is None:
            return "–"
        there = self.local(moment)
        today = now is not None and there.date() == self.local(now).date()
        time = f"{there:%H:%M:%S}" if seconds else f"{there:%H:%M}"
        text = time if today else f"{there:%d.%m.%Y} {time}"
        return Markup('<time datetime="{}" title="{}" dir="ltr">{}</time>').format(
            stamp(moment), f"{there:%d.%m.%Y %H:%M:%S} {self.zone_name(moment)}", text
        )

    def detail(self, text: str, *, now: datetime | None = None) -> Markup:
        """What an alarm or a refusal of ours says, in the visit's language."""
        return detail_told(self.visit.words, text, lambda moment: self.moment(moment, now=now))

    def length(self, length: timedelta | float | None) -> str:
        """In the largest unit that it fills: `3 min`."""
        if length is None:
            return "–"
        seconds = int(length.total_seconds() if isinstance(length, timedelta) else length)
        for unit, size in _UNITS:
            if seconds >= size:
                return self.visit.words(f"unit.{unit}", n=self.number(seconds // size))
        return self.visit.words("unit.seconds", n=self.number(max(seconds, 0)))

    def number(self, number: float | None) -> str:
        if number is None:
            return "–"
        whole = isinstance(number, int) or number == round(number) or abs(number) >= 10
        return f"{number:,.0f}" if whole else f"{number:,.1f}"
