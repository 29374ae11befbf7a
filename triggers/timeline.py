"""What do a key's facts amount to under a trigger: which epochs wait, since when, until when?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from triggers.definitions import Again, Count, DateWait, ElapsedWait, Trigger, UntilWait
from triggers.events import Event, Order
from triggers.facts import Spent, Timeline
from triggers.timelines.counts import CountTimeline
from triggers.timelines.dates import DateTimeline
from triggers.timelines.folds import Fold
from triggers.timelines.starts import StartTimeline
from triggers.timelines.tracks import Key


def timeline(
    trigger: Trigger,
    facts: Iterable[Event],
    spent: Iterable[Spent],
    zone: ZoneInfo,
    *,
    key: str,
    before: Fold | None = None,
) -> Timeline:
    """What waits for this key, by the facts known now.

    Any order of facts gives the same. `pending` leaves spent epochs out, `ended` does not. After
    `before`, which was folded of the same trigger, zone and spent, only later facts are given: the
    same waits, and what they end or note is told.
    """
    used = tuple(spent)
    line = _line(Key(trigger, key, zone), used)
    if before is not None:
        line.resume(before.state)
    track = line.run(facts)
    if isinstance(line, StartTimeline) and trigger.again is Again.RESTART:
        line.drop_spent_sessions()
    return track.timeline(used)


def fold(
    trigger: Trigger,
    facts: Sequence[Event],
    spent: Iterable[Spent],
    zone: ZoneInfo,
    *,
    key: str,
    before: Fold | None = None,
) -> Fold:
    """What these facts, at least one, come to; all of them are later than those of `before`."""
    used = tuple(spent)
    line = _line(Key(trigger, key, zone), used)
    if before is not None:
        line.resume(before.state)
    line.run(facts)
    until = max(one.order for one in facts)
    if isinstance(line, StartTimeline):
        return Fold(until, line.state(frozenset(one.epoch for one in used)))
    return Fold(until, line.state())


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


def _line(key: Key, used: tuple[Spent, ...]) -> DateTimeline | StartTimeline | CountTimeline:
    match key.trigger.wait:
        case DateWait() as wait:
            return DateTimeline(key, wait)
        case ElapsedWait() | UntilWait() as wait:
            if key.trigger.count is not None:
                return _counting(key, key.trigger.count, wait, used)
            return StartTimeline(key, wait, _spent_until(used))


def _counting(
    key: Key, count: Count, wait: ElapsedWait | UntilWait, used: tuple[Spent, ...]
) -> CountTimeline:
    epochs = frozenset(one.epoch for one in used)
    return CountTimeline(key, count, wait, _spent_until(used), epochs)


def _spent_until(used: tuple[Spent, ...]) -> Order | None:
    return max((one.start for one in used), default=None)
