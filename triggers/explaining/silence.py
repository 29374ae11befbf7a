"""What kept an event from starting anything, or from starting it again?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from triggers.conditions import Answer, Env
from triggers.definitions import Trigger
from triggers.events import Event
from triggers.explaining.told import Count, Silence
from triggers.facts import Spent, Timeline
from triggers.timeline import counted_so_far, timeline
from triggers.timelines.tracks import Key
from triggers.verdicts import Reason

_NOTED = {Reason.NO_DATE: Silence.NO_DATE, Reason.UNKNOWN_FIELD: Silence.NOT_COUNTED}


@dataclass(frozen=True)
class OfKey:
    """All that is known of one key of a trigger.

    `facts`: whatever is stored; the trigger sees none that was received before it was `born`.
    """

    trigger: Trigger
    key: str
    zone: ZoneInfo
    facts: Sequence[Event]
    spent: Sequence[Spent] = ()
    born: datetime | None = None

    @cached_property
    def seen(self) -> Sequence[Event]:
        return [one for one in self.facts if self.born is None or one.received >= self.born]

    @cached_property
    def found(self) -> Timeline:
        return timeline(self.trigger, self.seen, self.spent, self.zone, key=self.key)

    def before(self, epoch: str) -> Timeline:
        """As it was while this epoch was not spent yet."""
        own = next((one for one in self.spent if one.epoch == epoch), None)
        if own is None:
            return self.found
        earlier = [one for one in self.spent if one.start < own.start]
        return timeline(self.trigger, self.seen, earlier, self.zone, key=self.key)

    @cached_property
    def count(self) -> Count | None:
        if self.trigger.count is None:
            return None
        reached = counted_so_far(self.trigger, self.seen, self.spent, self.zone, key=self.key)
        return None if reached is None else Count(reached, self.trigger.count.reach)


@dataclass(frozen=True, slots=True)
class Kept:
    """Why `event` started nothing. `detail`: the path, where one is to blame."""

    why: Silence
    event: Event
    detail: str = ""
    env: Env | None = None
    count: Count | None = None


def kept_from(of: OfKey, event: Event) -> Kept | None:
    """None where it did start something: then there is an occurrence that tells the rest."""
    if event.history:
        return Kept(Silence.HISTORY, event)
    if of.born is not None and event.received < of.born:
        return Kept(Silence.BEFORE_TRIGGER, event)
    pending = of.found.pending.values()
    if any(event.order in {one.start.order, one.event.order} for one in pending):
        return None
    return (
        not_qualified(of.trigger, of.key, of.zone, event)
        or _noted(of, event)
        or Kept(Silence.COUNTING if of.count else Silence.SPENT, event, count=of.count)
    )


def not_qualified(trigger: Trigger, key: str, zone: ZoneInfo, event: Event) -> Kept | None:
    """Its `when` cannot hold, whoever the customer is; one that asks a count waits for it."""
    when = trigger.when
    if when is None or "count" in when.roots:
        return None
    env = Key(trigger, key, zone).env(event)
    if when.may_hold(env):
        return None
    unknown = when.ask(env) is Answer.UNKNOWN
    return Kept(Silence.WHEN_UNKNOWN if unknown else Silence.WHEN_FALSE, event, env=env)


def _noted(of: OfKey, event: Event) -> Kept | None:
    for note in of.found.notes:
        if note.event.order == event.order and note.reason in _NOTED:
            return Kept(_NOTED[note.reason], event, note.detail, count=of.count)
    return None
