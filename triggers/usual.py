"""Has a trigger that usually speaks fallen silent, or does it speak far more than it ever does?

A trigger is compared with nothing but its own past, hour by hour, and only where that past is
clear: what is new, paused, seasonal or rare is not judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
WEEKS = 4
CLEAR = 3
"""So many of the weeks before must be known in full, and each must have had enough."""
LONGEST = timedelta(days=6)
"""So much of a silence is held against other weeks; in two weeks it becomes the usual way."""
PAST = timedelta(days=35)
"""As far as is looked back: a trigger that speaks once a month did so within it."""
KNOWN = timedelta(days=14)
"""A trigger of which less is known runs away from nothing."""
FLOOR = 30
"""Messages above its busiest hour, however few those were."""
REPEATS = 20
SHARE = 0.1
"""Customers addressed once more within a day: fewer, or a smaller jump, is no news."""


@dataclass(frozen=True, slots=True)
class Watch:
    """The policy's words. `silence`: so many messages were usual. `runaway`: so many times the
    busiest hour. `mute`: triggers of which neither is told."""

    silence: int = 10
    runaway: int = 2
    mute: frozenset[str] = frozenset()


class Hour(NamedTuple):
    """What was heard in one hour; None: nobody has counted. `watched`: it could have spoken, all
    of that hour; None: nobody was there to see. Of the 24 hours to its end: messages (`day`), and
    how many of them went to somebody who had one already (`repeats`)."""

    spoke: int | None
    watched: bool | None = True
    repeats: int | None = None
    day: int | None = None


Past = Mapping[datetime, Hour]


class Silence(NamedTuple):
    """Nothing since then; in other weeks at least so many in the same hours."""

    since: datetime
    usual: int


class Runaway(NamedTuple):
    """More than it ever says in an hour, or to the same people within a day."""

    words: str


def silence(
    past: Past, end: datetime, watch: Watch, *, odd: Callable[[datetime], bool], zone: ZoneInfo
) -> Silence | None:
    """`end`: of the last full hour. `odd`: hours unlike those of other weeks, such as holidays'.
    `zone`: of the clock that people live by."""

    def spoke(hour: datetime) -> int | None:
        return None if odd(hour) else _spoke(past.get(hour))

    quiet = list(_quiet(past, end, odd))
    weeks = [_Week(number, zone) for number in range(1, WEEKS + 1)]
    usual = None
    for hour in quiet[: LONGEST // HOUR]:
        for week in weeks:
            week.hear(hour, spoke)
        clear = [week.least for week in weeks if week.least is not None]
        if len(clear) >= CLEAR and min(clear) >= watch.silence:
            usual = min(clear)
    return None if usual is None else Silence(quiet[-1], usual)


def _quiet(past: Past, end: datetime, odd: Callable[[datetime], bool]) -> Iterator[datetime]:
    """The hours to the end in which it was free to speak and did not, the last first."""
    hour = end - HOUR
    while (one := past.get(hour)) is not None and one.spoke == 0 and one.watched and not odd(hour):
        yield hour
        hour -= HOUR


@dataclass(slots=True)
class _Week:
    """What was said in the same hours, so many weeks before; None: that is not known.

    Where the clocks were changed meanwhile these are other hours by the clock on the wall than by
    UTC, and nobody knows by which of the two its events come: so the fewer of both count.
    """

    before: int
    zone: ZoneInfo
    by_wall: int | None = 0
    by_utc: int | None = 0

    @property
    def least(self) -> int | None:
        if self.by_wall is None or self.by_utc is None:
            return None
        return min(self.by_wall, self.by_utc)

    def hear(self, hour: datetime, spoke: Callable[[datetime], int | None]) -> None:
        ago = self.before * WEEK
        # with a zone of its own a moment is reckoned by its wall clock
        self.by_wall = _sum(self.by_wall, spoke((hour.astimezone(self.zone) - ago).astimezone(UTC)))
        self.by_utc = _sum(self.by_utc, spoke(hour - ago))


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def runaway(past: Past, now: datetime, spoke: int, watch: Watch) -> Runaway | None:
    """`spoke`: in the last sixty minutes. Its last day is not held against itself."""
    usual = dict(_usual(past, now))
    hours = [one for one in map(_spoke, usual.values()) if one is not None]
    if len(hours) * HOUR >= KNOWN:
        most = max(hours)
        if spoke > max(watch.runaway * most, most + FLOOR):
            return Runaway(f"{spoke} in an hour; the most in five weeks was {most}")
    return _again(past, usual, now)


def _again(past: Past, usual: Past, now: datetime) -> Runaway | None:
    """Whether more of its customers than ever hear it twice within a day."""
    counted = [hour for hour, one in past.items() if one.day is not None and hour >= now - DAY]
    shares = [share for one in usual.values() if (share := _share(one)) is not None]
    if not counted or len(shares) * HOUR < WEEK:
        return None
    newest = past[max(counted)]
    share, most = _share(newest), max(shares)
    if share is None or (newest.repeats or 0) < REPEATS or share <= max(2 * most, most + SHARE):
        return None
    return Runaway(f"{share:.0%} went to somebody who had one that day; the most was {most:.0%}")


def _usual(past: Past, now: datetime) -> Iterator[tuple[datetime, Hour]]:
    for hour, one in past.items():
        if now - PAST <= hour <= now - DAY:
            yield hour, one


def _spoke(one: Hour | None) -> int | None:
    """None where it was not free to speak, and where nothing was heard but nobody listened."""
    if one is None or one.watched is False or not (one.watched or one.spoke):
        return None
    return one.spoke


def _share(one: Hour) -> float | None:
    return one.repeats / one.day if one.day and one.repeats is not None else None
