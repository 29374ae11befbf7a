"""What do the facts of many keys amount to, asked of the store in a few statements?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Connection

from triggers.events import Event, Order
from triggers.facts import FactKey, Spent, Timeline, TriggerKey
from triggers.timeline import fold, timeline
from triggers.timelines.folds import FORM, Fold
from worker.steps.ground import Clock, Ground
from worker.store.facts import ALL, BEGINNING, ask_background, ask_facts, ask_spent
from worker.store.folds import Folded, ask_folds, drop_folds_of, write_folds

Fresh = Mapping[TriggerKey, Sequence[Event]]
"""Keys, each with events just read that may not be stored as facts yet."""
NOTHING: Fresh = MappingProxyType({})
LONG, LEFT = 32, 8
"""So many facts of a key are folded, but so many."""
LARGEST = 32 * 1024
"""Bytes of a fold; what does not come to less is told from the beginning each time."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What is stored of a batch's keys: by trigger, by place, by the key's hash, by customer."""

    births: Mapping[str, datetime]
    facts: Mapping[FactKey, Sequence[Event]]
    spent: dict[str, dict[str, Spent]]
    former: Mapping[str, tuple[str, ...]]
    folds: Mapping[TriggerKey, Fold]


class Timelines:
    """Of a batch's keys; what the batch itself spends is spent for the rest of it."""

    def __init__(self, ground: Ground, known: _Known, fresh: Fresh) -> None:
        self._ground = ground
        self._known = known
        self._fresh = fresh
        self._clocks: Mapping[str, Clock] = {}
        self._long: dict[TriggerKey, Sequence[Event]] = {}
        self._stale: Collection[TriggerKey] = ()

    @classmethod
    def read(
        cls,
        connection: Connection,
        ground: Ground,
        keys: Collection[TriggerKey],
        fresh: Fresh = NOTHING,
        clocks: Mapping[str, Clock] | None = None,
    ) -> Timelines:
        """`clocks` of all customers: many facts of a key are folded, and read no more."""
        triggers, people = {key.trigger for key in keys}, {key.customer for key in keys}
        reads = {key: ground.matcher.reads(key) for key in keys}
        everywhere = [place for places in reads.values() for place in places]
        background = ask_background(connection, triggers, people)
        # most have had no other id
        spent = ask_spent(connection, map(ground.hasher.key, keys))
        facts = ask_facts(connection, everywhere) if clocks is None else None
        folds = {} if clocks is None else ask_folds(connection, keys)()
        births, former = background()
        if former:
            names = [name for key in keys for name in _names(ground, key, former)]
            spent = ask_spent(connection, map(ground.hasher.key, names))
        lines = cls(ground, _Known(births, {}, spent(), former, {}), fresh)
        if clocks is not None:
            lines._open(folds, clocks)
        facts = facts or ask_facts(connection, everywhere, lines._after(reads))
        lines._known = replace(lines._known, facts=facts())
        return lines

    def _open(self, found: Mapping[TriggerKey, Folded], clocks: Mapping[str, Clock]) -> None:
        """Go on from the folds that were made of what holds now, and that nothing came before."""
        self._clocks = clocks
        folds = {
            key: one.fold
            for key, one in found.items()
            if one.basis == self._basis(key)
            and all(event.order > one.fold.until for event in self._fresh.get(key, ()))
        }
        self._known = replace(self._known, folds=folds)
        self._stale = found.keys() - folds.keys()

    def _after(self, reads: Mapping[TriggerKey, Iterable[FactKey]]) -> Mapping[FactKey, Order]:
        """A place that any key is told of from its beginning is read from there."""
        if not self._known.folds:
            return ALL
        after: dict[FactKey, Order] = {}
        for key, places in reads.items():
            fold = self._known.folds.get(key)
            until = fold.until if fold else BEGINNING
            for place in places:
                after[place] = min(until, after.get(place, until))
        return after

    def fold(self, connection: Connection) -> None:
        """Write down what many facts came to, but the newest: one that comes late is among them."""
        made = {}
        for key, facts in self._long.items():
            told = {one.order: one for one in facts}
            first = [told[order] for order in sorted(told)][:-LEFT]
            trigger = self._ground.configuration.triggers[key.trigger]
            spent, zone = self._spent_of(key, None).values(), self._clocks[key.customer].zone
            before = self._known.folds.get(key)
            one = fold(trigger, first, spent, zone, key=key.key, before=before)
            if len(orjson.dumps(one.state)) <= LARGEST:
                made[key] = Folded(self._basis(key), one)
        # whatever becomes of them: the next event must not go on from there
        drop_folds_of(connection, set(self._stale) - made.keys())
        write_folds(connection, made)

    def _basis(self, key: TriggerKey) -> str:
        """All that a fold is made of beside its facts."""
        configuration = self._ground.configuration
        zone = self._clocks[key.customer].zone.key
        said: list[Any] = [FORM, configuration.hash, zone, self._known.births.get(key.trigger)]
        if configuration.triggers[key.trigger].count is not None:
            # a count goes on after what is spent
            said += sorted(
                (*one.start, one.epoch or "") for one in self._spent_of(key, None).values()
            )
        return blake2b(orjson.dumps(said), digest_size=16).hexdigest()

    def spend(self, key: TriggerKey, spent: Spent) -> None:
        epochs = self._known.spent.setdefault(self._ground.hasher.key(key), {})
        epochs[self._ground.hasher.epoch(key, spent.epoch or "")] = spent

    def of(self, key: TriggerKey, zone: ZoneInfo, *, again: str | None = None) -> Timeline:
        """`again`: an epoch to be tried again, as if neither it nor what came after were spent."""
        spent = self._spent_of(key, again)
        trigger = self._ground.configuration.triggers[key.trigger]
        facts, before = self._facts(key), self._known.folds.get(key)
        if self._clocks and len(facts) >= LONG:
            self._long[key] = facts
        found = timeline(trigger, facts, spent.values(), zone, key=key.key, before=before)
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
        born, fold = self._known.births.get(key.trigger), self._known.folds.get(key)
        if born is not None:
            found = [one for one in found if one.received >= born]
        return found if fold is None else [one for one in found if one.order > fold.until]


def _names(
    ground: Ground, key: TriggerKey, former: Mapping[str, tuple[str, ...]]
) -> list[TriggerKey]:
    by_customer = ground.configuration.triggers[key.trigger].key is None
    return key.under(former.get(key.customer, ()), by_customer=by_customer)
