"""Which date waits, when updates of one key carry dates that come, move and are called off?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from triggers.definitions import DateWait
from triggers.events import Event
from triggers.facts import Note, Occurrence
from triggers.moments import DateFound
from triggers.timelines.tracks import Key, Track
from triggers.verdicts import Reason
from triggers.waits import date_window, find_date


class DateTimeline:
    """The newest update decides: at most one date waits at a time, and an exit ends it for good."""

    def __init__(self, key: Key, wait: DateWait) -> None:
        self._key = key
        self._wait = wait
        self._track = Track()
        self._carried: str | None = None
        self._disarmed: set[str] = set()

    def resume(self, state: Mapping[str, Any]) -> None:
        self._track.resume(state)
        self._carried = state["carried"]
        self._disarmed = set(state["disarmed"])

    def state(self) -> dict[str, Any]:
        # a spent date stays: another update with it is no new one
        kept = {"carried": self._carried, "disarmed": sorted(self._disarmed)}
        return self._track.state(()) | kept

    def run(self, facts: Iterable[Event]) -> Track:
        for event in self._key.sorted(facts):
            if self._key.starts(event):
                self._update(event)
            if self._key.exits(event):
                self._exit(event)
        return self._track

    def _update(self, event: Event) -> None:
        found = self._qualified_date(event)
        if found is None:
            self._track.end_all(Reason.DISARMED, event)
            self._carried = None
            return
        if self._carried != found.epoch:
            self._track.end_all(Reason.MOVED, event)
            self._carried = found.epoch
        if found.epoch in self._disarmed or event.history:
            return
        self._arm(found, event)

    def _arm(self, found: DateFound, event: Event) -> None:
        # its start is the first update with this date, its text reads the newest one
        waiting = self._track.open.get(found.epoch)
        if waiting:
            self._track.arm(replace(waiting, event=event))
            return
        trigger = self._key.trigger
        window = date_window(self._wait, found, event, trigger.limits.expires, self._key.zone)
        self._track.arm(Occurrence(found.epoch, event, event, window.moment, window.expires))

    def _qualified_date(self, event: Event) -> DateFound | None:
        key = self._key
        if not self._track.qualifies(key.trigger.when, key.env(event), event):
            return None
        found = find_date(self._wait, event, key.zone)
        if found is None:
            self._track.notes.append(Note(Reason.NO_DATE, event, self._wait.path.text))
        return found

    def _exit(self, event: Event) -> None:
        if self._carried is not None:
            self._disarmed.add(self._carried)
        self._track.end_all(Reason.CALLED_OFF, event)
