"""What do a key's facts amount to under a trigger: which epochs wait, since when, until when?"""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from triggers.definitions import Again, Count, DateWait, ElapsedWait, Trigger, UntilWait
from triggers.events import Event, Order
from triggers.facts import Spent, Timeline
from triggers.timelines.counts import CountTimeline
from triggers.timelines.dates import DateTimeline
from triggers.timelines.starts import StartTimeline
from triggers.timelines.tracks import Key, Track


def timeline(
    trigger: Trigger,
    facts: Iterable[Event],
    spent: Iterable[Spent],
    zone: ZoneInfo,
    *,
    key: str,
) -> Timeline:
    """What waits for this key, by the facts known now.

    Any order of facts gives the same. `pending` leaves spent epochs out, `ended` does not.
    """
    used = tuple(spent)
    track = _run(Key(trigger, key, zone), facts, used)
    return track.timeline(used)


def counted_so_far(
    trigger: Trigger,
    facts: Iterable[Event],
    spent: Iterable[Spent],
    zone: ZoneInfo,
    *,
    key: str,
) -> float | None:
    """How far the key's count has come; None where there is none, or nothing counts by now."""
    wait, count = trigger.wait, trigger.count
    if count is None or isinstance(wait, DateWait):
        return None
    counting = _counting(Key(trigger, key, zone), count, wait, tuple(spent))
    counting.run(facts)
    return counting.reached


def _run(key: Key, facts: Iterable[Event], used: tuple[Spent, ...]) -> Track:
    match key.trigger.wait:
        case DateWait() as wait:
            return DateTimeline(key, wait).run(facts)
        case ElapsedWait() | UntilWait() as wait:
            return _run_starts(key, wait, facts, used)


def _run_starts(
    key: Key, wait: ElapsedWait | UntilWait, facts: Iterable[Event], used: tuple[Spent, ...]
) -> Track:
    if key.trigger.count is not None:
        return _counting(key, key.trigger.count, wait, used).run(facts)
    starts = StartTimeline(key, wait, _spent_until(used))
    track = starts.run(facts)
    if key.trigger.again is Again.RESTART:
        starts.drop_spent_sessions()
    return track


def _counting(
    key: Key, count: Count, wait: ElapsedWait | UntilWait, used: tuple[Spent, ...]
) -> CountTimeline:
    epochs = frozenset(one.epoch for one in used)
    return CountTimeline(key, count, wait, _spent_until(used), epochs)


def _spent_until(used: tuple[Spent, ...]) -> Order | None:
    return max((one.start for one in used), default=None)
