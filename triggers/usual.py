"""Has a trigger that usually speaks fallen silent, or does it speak far more than it ever does?

A trigger is compared with nothing but its own past, hour by hour, and only where that past is
clear: what is new, paused, seasonal or rare is not judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
WEEKS = 4
CLEAR = 3
"""So many of the weeks before must be known in full, and each must have had enough."""
LONGEST = timedelta(days=6)
"""A silence that lasts longer has become its usual way."""
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
    """Nothing since then; in each of the weeks before, at least so many in the same hours."""

    since: datetime
    usual: int


class Runaway(NamedTuple):
    """More than it ever says in an hour, or to the same people within a day."""

    words: str


def silence(
    past: Past, end: datetime, watch: Watch, *, odd: Callable[[datetime], bool]
) -> Silence | None:
    """`end`: of the last full hour. `odd`: hours unlike those of other weeks, such as holidays'."""
    weeks: list[int | None] = [0] * WEEKS
    found = None
    since = end
    while since > end - LONGEST:
        since -= HOUR
        one = past.get(since)
        if one is None or one.spoke != 0 or not one.watched or odd(since):
            break
        for number, before in enumerate(weeks):
            hour = since - (number + 1) * WEEK
            spoke = None if odd(hour) else _spoke(past.get(hour))
            weeks[number] = None if before is None or spoke is None else before + spoke
        clear = [one for one in weeks if one is not None]
        if len(clear) >= CLEAR and min(clear) >= watch.silence:
            found = Silence(since, min(clear))
    return found


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
    """None where it is not known, or where it was not free to speak."""
    return None if one is None or one.watched is False else one.spoke


def _share(one: Hour) -> float | None:
    return one.repeats / one.day if one.day and one.repeats is not None else None
