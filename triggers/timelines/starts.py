"""Which starts wait: each one, the first for the key, or the last of a session?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from triggers.definitions import Again, ElapsedWait, UntilWait
from triggers.events import Event, Order
from triggers.facts import Occurrence
from triggers.timelines.tracks import Key, Track
from triggers.verdicts import Reason
from triggers.waits import elapsed_window

ONCE = "once"
"""The one epoch of a key whose trigger says `again: once`."""


class StartTimeline:
    """`spent_until`: no session that begins at or before it may wait; it is the spent one."""

    def __init__(self, key: Key, wait: ElapsedWait | UntilWait, spent_until: Order | None) -> None:
        self._key = key
        self._wait = wait
        self._spent_until = spent_until
        self._track = Track()
        self._called_off = False
        self._session: str | None = None

    def resume(self, state: Mapping[str, Any]) -> None:
        self._track.resume(state)
        self._called_off = state["called_off"]
        self._session = state["session"]

    def state(self, spent: Collection[str | None]) -> dict[str, Any]:
        # a spent session stays, for later starts may be its; with `each` a start stands for itself
        each = self._key.trigger.again is Again.EACH
        kept = {"called_off": self._called_off, "session": self._session}
        return self._track.state(spent if each else ()) | kept

    def run(self, facts: Iterable[Event]) -> Track:
        for event in self._key.sorted(facts):
            if self._key.starts(event):
                self._start(event)
            if self._key.exits(event):
                self._exit(event)
        return self._track

    def _start(self, event: Event) -> None:
        trigger = self._key.trigger
        if not self._track.qualifies(trigger.when, self._key.env(event), event):
            # with `each` a start stands for itself: a later one says nothing of it
            if trigger.again is not Again.EACH:
                self._track.end_all(Reason.DISARMED, event)
                self._session = None
            return
        if event.history:
            return
        match trigger.again:
            case Again.EACH:
                self._arm(event.id, event)
            case Again.ONCE:
                self._start_once(event)
            case Again.RESTART:
                self._start_session(event)

    def _start_once(self, event: Event) -> None:
        waiting = self._track.open.get(ONCE)
        if waiting:
            self._track.arm(replace(waiting, event=event))
        # what was called off is spent: starting once more does not bring it back
        elif not self._called_off:
            self._arm(ONCE, event)

    def _start_session(self, event: Event) -> None:
        session = self._track.open.get(self._session) if self._session else None
        if session is None or event.time > session.moment:
            self._session = event.id
            self._arm(event.id, event)
            return
        window = elapsed_window(self._wait, event, self._key.trigger.limits.expires, self._key.zone)
        self._track.arm(replace(session, event=event, moment=window.moment, expires=window.expires))

    def _arm(self, epoch: str, event: Event) -> None:
        window = elapsed_window(self._wait, event, self._key.trigger.limits.expires, self._key.zone)
        self._track.arm(Occurrence(epoch, event, event, window.moment, window.expires))

    def _exit(self, event: Event) -> None:
        if ONCE in self._track.open:
            self._called_off = True
        self._track.end_all(Reason.CALLED_OFF, event)
        self._session = None

    def drop_spent_sessions(self) -> None:
        """A session that began no later than a spent one is that one."""
        if self._spent_until is None:
            return
        for epoch, one in list(self._track.open.items()):
            if one.start.order <= self._spent_until:
                del self._track.open[epoch]
        for epoch, ended in list(self._track.ended.items()):
            # nothing of its own was waiting, so nothing of its own was called off
            if ended.occurrence and ended.occurrence.start.order <= self._spent_until:
                del self._track.ended[epoch]
