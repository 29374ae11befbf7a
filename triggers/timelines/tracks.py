"""What part does an event play for one key, and what has its timeline gathered so far?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from triggers.conditions import Answer, Condition, Env
from triggers.definitions import Trigger
from triggers.events import Event
from triggers.facts import Counted, Ended, Note, Occurrence, Spent, Timeline
from triggers.paths import Path
from triggers.timelines.folds import read, written
from triggers.verdicts import Reason


@dataclass(frozen=True, slots=True)
class Key:
    """One key of one trigger, on its customer's clock: what all kinds of timelines are told."""

    trigger: Trigger
    value: str
    zone: ZoneInfo

    def sorted(self, facts: Iterable[Event]) -> Iterator[Event]:
        """In event order, each event once however many paths it was found by."""
        found = {fact.order: fact for fact in facts}
        return map(found.__getitem__, sorted(found))

    def starts(self, event: Event) -> bool:
        return event.type == self.trigger.on and self._carries(event, self.trigger.key)

    def resets(self, event: Event) -> bool:
        count = self.trigger.count
        return (
            count is not None
            and event.type == count.since
            and self._carries(event, self.trigger.key)
        )

    def exits(self, event: Event) -> bool:
        for way_out in self.trigger.unless:
            if event.type != way_out.event:
                continue
            if not self._carries(event, way_out.key or self.trigger.key):
                continue
            if way_out.when is None or way_out.when.holds(self.env(event)):
                return True
        return False

    def _carries(self, event: Event, path: Path | None) -> bool:
        return (path.key(event) if path else event.customer) == self.value

    def env(self, event: Event, counted: Counted | None = None) -> Env:
        """What a condition may see before the claim; customer, segment and now are open still."""
        return Env(
            event=event,
            count=counted.as_mapping() if counted else None,
            zone=self.zone,
        )


class Track:
    """What a timeline gathers on its way through the facts."""

    def __init__(self) -> None:
        self.open: dict[str, Occurrence] = {}
        self.ended: dict[str, Ended] = {}
        self.notes: list[Note] = []

    def resume(self, state: Mapping[str, Any]) -> None:
        """Go on from where another track had come to."""
        self.open = read(state["open"])

    def state(self, gone: Collection[str | None]) -> dict[str, Any]:
        """`gone`: epochs that may be forgotten, because they are spent."""
        return {"open": written(one for epoch, one in self.open.items() if epoch not in gone)}

    def arm(self, occurrence: Occurrence) -> None:
        self.open[occurrence.epoch] = occurrence
        # a newer update has armed it again: what ended it before counts no more
        self.ended.pop(occurrence.epoch, None)

    def end(self, epoch: str, reason: Reason, by: Event) -> None:
        ended = self.open.pop(epoch, None)
        if ended is not None:
            self.ended[epoch] = Ended(reason, by, ended)

    def end_all(self, reason: Reason, by: Event) -> None:
        for epoch in list(self.open):
            self.end(epoch, reason, by)

    def qualifies(self, when: Condition | None, env: Env, event: Event) -> bool:
        """Whether the condition may hold; a whole that ends unknown is noted with its fields."""
        if when is None:
            return True
        answer = when.ask(env)
        if answer is Answer.UNKNOWN:
            fields = ", ".join(when.unknown_fields(env))
            self.notes.append(Note(Reason.UNKNOWN_FIELD, event, fields))
        return answer in {Answer.YES, Answer.OPEN}

    def timeline(self, spent: Iterable[Spent]) -> Timeline:
        used = {one.epoch for one in spent}
        waiting = {epoch: one for epoch, one in self.open.items() if epoch not in used}
        return Timeline(waiting, self.ended, tuple(self.notes))
