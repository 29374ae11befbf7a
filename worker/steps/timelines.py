"""What do the facts of many keys amount to, asked of the store in a few statements?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from triggers.events import Event
from triggers.facts import FactKey, Spent, Timeline, TriggerKey
from triggers.timeline import timeline
from worker.steps.ground import Ground
from worker.store.facts import read_births, read_facts, read_spent


class Timelines:
    """Of a batch's keys; what the batch itself spends is spent for the rest of it."""

    def __init__(
        self,
        ground: Ground,
        births: Mapping[str, datetime],
        facts: Mapping[FactKey, Sequence[Event]],
        spent: Mapping[str, Mapping[str, Spent]],
    ) -> None:
        self._ground = ground
        self._births = births
        self._facts = facts
        self._spent = {key: dict(epochs) for key, epochs in spent.items()}

    @classmethod
    def read(
        cls, connection: Connection, ground: Ground, keys: Collection[TriggerKey]
    ) -> Timelines:
        reads = {one for key in keys for one in ground.matcher.reads(key)}
        return cls(
            ground,
            read_births(connection, (key.trigger for key in keys)),
            read_facts(connection, reads),
            read_spent(connection, map(ground.hasher.key, keys)),
        )

    def spend(self, key: TriggerKey, spent: Spent) -> None:
        epochs = self._spent.setdefault(self._ground.hasher.key(key), {})
        epochs[self._ground.hasher.epoch(key, spent.epoch or "")] = spent

    def of(self, key: TriggerKey, zone: ZoneInfo, *, again: str | None = None) -> Timeline:
        """`again`: an epoch to be tried again, as if neither it nor what came after were spent."""
        spent = self._spent_of(key, again)
        trigger = self._ground.configuration.triggers[key.trigger]
        found = timeline(trigger, self._known(key), spent.values(), zone, key=key.key)
        if not spent:
            return found
        # an epoch whose person was erased is known by its hash only
        hash_of = self._ground.hasher.epoch
        pending = {e: one for e, one in found.pending.items() if hash_of(key, e) not in spent}
        return replace(found, pending=pending)

    def _spent_of(self, key: TriggerKey, again: str | None) -> Mapping[str, Spent]:
        spent = self._spent.get(self._ground.hasher.key(key), {})
        own = spent.get(self._ground.hasher.epoch(key, again)) if again is not None else None
        if own is None:
            return spent
        return {name: one for name, one in spent.items() if one.start < own.start}

    def _known(self, key: TriggerKey) -> Iterable[Event]:
        born = self._births.get(key.trigger)
        for place in self._ground.matcher.reads(key):
            for fact in self._facts.get(place, ()):
                if born is None or fact.received >= born:
                    yield fact
