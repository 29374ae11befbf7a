"""What do the facts of many keys amount to, asked of the store in a few statements?"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from triggers.events import Event
from triggers.facts import FactKey, Spent, Timeline, TriggerKey
from triggers.timeline import timeline
from worker.steps.ground import Ground
from worker.store.facts import read_births, read_facts, read_spent
from worker.store.merging import former_of

Fresh = Mapping[TriggerKey, Sequence[Event]]
"""Keys, each with events just read that may not be stored as facts yet."""
NOTHING: Fresh = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Known:
    """What is stored of a batch's keys: by trigger, by place, by the key's hash, by customer."""

    births: Mapping[str, datetime]
    facts: Mapping[FactKey, Sequence[Event]]
    spent: dict[str, dict[str, Spent]]
    former: Mapping[str, tuple[str, ...]]


class Timelines:
    """Of a batch's keys; what the batch itself spends is spent for the rest of it."""

    def __init__(self, ground: Ground, known: _Known, fresh: Fresh) -> None:
        self._ground = ground
        self._known = known
        self._fresh = fresh

    @classmethod
    def read(
        cls,
        connection: Connection,
        ground: Ground,
        keys: Collection[TriggerKey],
        fresh: Fresh = NOTHING,
    ) -> Timelines:
        reads = (one for key in keys for one in ground.matcher.reads(key))
        former = former_of(connection, {key.customer for key in keys})
        names = [name for key in keys for name in _names(ground, key, former)]
        found = read_spent(connection, map(ground.hasher.key, names))
        known = _Known(
            births=read_births(connection, (key.trigger for key in keys)),
            facts=read_facts(connection, reads),
            spent={key: dict(epochs) for key, epochs in found.items()},
            former=former,
        )
        return cls(ground, known, fresh)

    def spend(self, key: TriggerKey, spent: Spent) -> None:
        epochs = self._known.spent.setdefault(self._ground.hasher.key(key), {})
        epochs[self._ground.hasher.epoch(key, spent.epoch or "")] = spent

    def of(self, key: TriggerKey, zone: ZoneInfo, *, again: str | None = None) -> Timeline:
        """`again`: an epoch to be tried again, as if neither it nor what came after were spent."""
        spent = self._spent_of(key, again)
        trigger = self._ground.configuration.triggers[key.trigger]
        found = timeline(trigger, self._facts(key), spent.values(), zone, key=key.key)
        if not spent:
            return found
        # an epoch whose person was erased is known by its hash only
        pending = {
            epoch: one
            for epoch, one in found.pending.items()
            if not self._hashes(key, epoch) & spent.keys()
        }
        return replace(found, pending=pending)

    def _spent_of(self, key: TriggerKey, again: str | None) -> Mapping[str, Spent]:
        # most batches have spent nothing, and hash nothing to find that out
        if not self._known.spent:
            return {}
        hashed = map(self._ground.hasher.key, _names(self._ground, key, self._known.former))
        spent = {h: one for name in hashed for h, one in self._known.spent.get(name, {}).items()}
        hashes = self._hashes(key, again) if again is not None else frozenset[str]()
        own = min((spent[one].start for one in hashes & spent.keys()), default=None)
        if own is None:
            return spent
        return {name: one for name, one in spent.items() if one.start < own}

    def _hashes(self, key: TriggerKey, epoch: str) -> frozenset[str]:
        names = _names(self._ground, key, self._known.former)
        return frozenset(self._ground.hasher.epoch(one, epoch) for one in names)

    def _facts(self, key: TriggerKey) -> Sequence[Event]:
        """Those since the trigger's birth; what is stored stands before what was just read."""
        found = list(self._fresh.get(key, ()))
        for place in self._ground.matcher.reads(key):
            found += self._known.facts.get(place, ())
        born = self._known.births.get(key.trigger)
        return found if born is None else [one for one in found if one.received >= born]


def _names(
    ground: Ground, key: TriggerKey, former: Mapping[str, tuple[str, ...]]
) -> list[TriggerKey]:
    by_customer = ground.configuration.triggers[key.trigger].key is None
    return key.under(former.get(key.customer, ()), by_customer=by_customer)
