"""What is on record of one customer, sorted by trigger, as far as it was known at a moment?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Row

from triggers.customers import Customer
from triggers.definitions import Trigger
from triggers.events import Event
from triggers.explaining.account import MOST_POINTS
from triggers.explaining.known import Dossier, Occurred, Seen
from triggers.explaining.silence import OfKey
from triggers.facts import FactKey, Spent, TriggerKey
from triggers.matching import Role, roles_of
from triggers.zones import zone_of
from worker.hashing import Hasher
from worker.steps.explained_rows import Moment, decision_of, message_of, occurred, person_of
from worker.steps.ground import clock_of
from worker.steps.versions import Versions
from worker.store import explaining
from worker.store.explaining import Kept, Person
from worker.store.facts import read_births, read_facts
from worker.store.merging import former_of

MOST_KEYS = 5
"""Keys of a trigger whose facts are looked at: those of which something was heard last."""

_Name = tuple[str, str]


@dataclass(frozen=True)
class Archive:
    """Read once for all the triggers asked about; `of` then sorts it."""

    connection: Connection
    hasher: Hasher
    versions: Versions
    customer: str
    person: Person
    moment: Moment
    triggers: Sequence[Trigger]

    def of(self, trigger: Trigger) -> Dossier:
        rules = self.versions.now(trigger)
        names = self._newest(trigger)
        return Dossier(
            rules=rules,
            customer_at=self.customer_at,
            where=zone_of(self.customer_at(self.moment.at), rules.policy),
            now=self.moment.at,
            keys={key: self._key(trigger, key) for key in self._keys[trigger.name]},
            cases=[self._case(trigger, one) for one in names],
            older=len(self._decided[trigger.name]) - len(names),
            started=frozenset(self._started[trigger.name]),
            decided=frozenset(key for key, _ in self._decided[trigger.name]),
            notes=[decision_of(one, self._named) for one in self._notes[trigger.name]],
            starts=[Seen(one.event, one.state) for one in self._starts.get(trigger.on, ())],
            born=self._births.get(trigger.name),
            erased=self.person.erased,
        )

    def customer_at(self, moment: datetime) -> Customer:
        """As he was known then: later changes are taken back, the last learnt first."""
        profile = dict(self.person.profile or {})
        for one in self._changes:
            if one.known <= moment:
                break
            for name, change in one.changes.items():
                profile[name] = change.get("from")
        known = {name: value for name, value in profile.items() if value is not None}
        return Customer(self.customer, known)

    @cached_property
    def _changes(self) -> Sequence[explaining.Changed]:
        return explaining.read_changes(self.connection, self.customer)

    @cached_property
    def _names(self) -> list[str]:
        return [one.name for one in self.triggers]

    @cached_property
    def _births(self) -> Mapping[str, datetime]:
        return read_births(self.connection, self._names)

    @cached_property
    def _starts(self) -> Mapping[str, Sequence[explaining.Started]]:
        types = {one.on for one in self.triggers}
        return explaining.newest_starts(self.connection, self.customer, types, self.moment.at)

    @cached_property
    def _rulings(self) -> Sequence[Row[Any]]:
        """Every decision up to then, the newest first."""
        return explaining.read_decisions(
            self.connection, self.customer, self._names, self.moment.at
        )

    @cached_property
    def _decided(self) -> Mapping[str, Mapping[_Name, list[Row[Any]]]]:
        """By trigger, of each (key, epoch) its decisions, the newest first."""
        found: dict[str, dict[_Name, list[Row[Any]]]] = defaultdict(dict)
        for row in self._rulings:
            if row.epoch is not None:
                found[row.trigger].setdefault((row.key, row.epoch), []).append(row)
        if not self.moment.past:
            for trigger, name in self._rows:
                found[trigger].setdefault(name, [])
        return found

    @cached_property
    def _notes(self) -> Mapping[str, list[Row[Any]]]:
        found: dict[str, list[Row[Any]]] = defaultdict(list)
        for row in self._rulings:
            if row.epoch is None:
                found[row.trigger].append(row)
        return found

    @cached_property
    def _rows(self) -> Mapping[tuple[str, _Name], Row[Any]]:
        rows = explaining.read_occurrences(self.connection, self.customer, self._names)
        return {(row.trigger, (row.key, row.epoch)): row for row in rows}

    @cached_property
    def _started(self) -> Mapping[str, set[_Name]]:
        found: dict[str, set[_Name]] = defaultdict(set)
        for (trigger, _), row in self._rows.items():
            found[trigger].add((row.start_source, row.start_id))
        return found

    def _newest(self, trigger: Trigger) -> list[_Name]:
        """The cases that are told."""
        decided = self._decided[trigger.name]

        def moment(name: _Name) -> datetime:
            rulings = decided[name]
            at: datetime = rulings[0].at if rulings else self._rows[trigger.name, name].updated_at
            return at

        return sorted(decided, key=moment, reverse=True)[:MOST_POINTS]

    @cached_property
    def _told(self) -> Mapping[tuple[str, _Name], str]:
        """Every case that is told, and its occurrence's id."""
        return {
            (one.name, name): self.hasher.epoch(
                TriggerKey(one.name, self.customer, name[0]), name[1]
            )
            for one in self.triggers
            for name in self._newest(one)
        }

    @cached_property
    def _named(self) -> Mapping[_Name, Event]:
        """The events that decisions name, those that are still kept."""
        told = (self._decided[trigger][name] for trigger, name in self._told)
        noted = (rows[: explaining.STARTS] for rows in self._notes.values())
        rows = (row for some in (*told, *noted) for row in some)
        names = {(source, id_) for row in rows for source, id_ in row.facts}
        return explaining.name_events(self.connection, names)

    def _case(self, trigger: Trigger, name: _Name) -> Occurred:
        rulings = list(reversed(self._decided[trigger.name][name]))
        row = None if self.moment.past else self._rows.get((trigger.name, name))
        bundle = rulings[-1].bundle if rulings else row.bundle if row is not None else None
        found = occurred(name, rulings, self.versions.then(trigger, bundle), row)
        id_ = self._told[trigger.name, name]
        message, person = self._messages.get(id_), self._people.get(id_)
        return replace(
            found,
            decisions=tuple(decision_of(one, self._named) for one in rulings),
            message=message_of(*message, self.moment) if message else None,
            person=person_of(person, self.moment) if person is not None else None,
            channel=message[0].channel if message else "",
            due=found.due or (message[0].due if message and not self.moment.past else None),
        )

    @cached_property
    def _messages(self) -> Mapping[str, tuple[Row[Any], Sequence[Row[Any]]]]:
        """By occurrence, its message and what was tried."""
        found, tried = explaining.read_messages(self.connection, set(self._told.values()))
        before = (one for one in found if one.claimed_at <= self.moment.at or tried.get(one.id))
        return {one.occurrence_id: (one, tried.get(one.id, ())) for one in before}

    @cached_property
    def _people(self) -> Mapping[str, Row[Any]]:
        rows = explaining.read_calls(self.connection, set(self._told.values()))
        return {row.occurrence_id: row for row in rows if row.created_at <= self.moment.at}

    @cached_property
    def _keys(self) -> Mapping[str, list[str]]:
        """By trigger, the keys of its told cases, and those of which something was heard last."""
        by_place: dict[_Name, list[Kept]] = defaultdict(list)
        types = {role.type for one in self.triggers for role in roles_of(one)}
        at = self.moment.at
        for one in explaining.kept_keys(self.connection, self.customer, types, at):
            by_place[one.type, one.path].append(one)
        return {one.name: list(self._keys_of(one, by_place)) for one in self.triggers}

    def _keys_of(self, trigger: Trigger, by_place: Mapping[_Name, Sequence[Kept]]) -> Iterable[str]:
        told = [key for name, (key, _) in self._told if name == trigger.name]
        starts = Role(trigger.name, trigger.on, trigger.key)
        heard = sorted(
            by_place.get((starts.type, starts.path_text), ()),
            key=lambda one: (one.newest, one.key),
            reverse=True,
        )
        return dict.fromkeys((*told, *(one.key for one in heard[:MOST_KEYS])))

    @cached_property
    def _facts(self) -> Mapping[FactKey, Sequence[Event]]:
        matcher = self.versions.configuration.matcher
        wanted = {
            place
            for trigger, keys in self._keys.items()
            for key in keys
            for place in matcher.reads(TriggerKey(trigger, self.customer, key))
        }
        return read_facts(self.connection, wanted)

    @cached_property
    def _spent(self) -> Mapping[str, Mapping[str, Spent]]:
        names = (
            name
            for one in self.triggers
            for key in self._keys[one.name]
            for name in self._under(one, key)
        )
        hashes = [self.hasher.key(one) for one in names]
        return explaining.read_spent_at(self.connection, hashes, self.moment.at)

    @cached_property
    def _former(self) -> Sequence[str]:
        return former_of(self.connection, [self.customer]).get(self.customer, ())

    def _under(self, trigger: Trigger, key: str) -> Sequence[TriggerKey]:
        named = TriggerKey(trigger.name, self.customer, key)
        return named.under(self._former, by_customer=trigger.key is None)

    def _key(self, trigger: Trigger, key: str) -> OfKey:
        named = TriggerKey(trigger.name, self.customer, key)
        return OfKey(
            trigger=trigger,
            key=key,
            zone=clock_of(self.customer_at(self.moment.at), self.versions.policy).zone,
            facts=list(self._known(named)),
            spent=tuple(
                one
                for name in self._under(trigger, key)
                for one in self._spent.get(self.hasher.key(name), {}).values()
            ),
            born=self._births.get(trigger.name),
        )

    def _known(self, key: TriggerKey) -> Iterator[Event]:
        for place in self.versions.configuration.matcher.reads(key):
            for fact in self._facts.get(place, ()):
                if fact.received <= self.moment.at and (fact.source, fact.id) not in self._unread:
                    yield fact

    @cached_property
    def _unread(self) -> Collection[_Name]:
        """What had come by then and was read only later."""
        if not self.moment.past:
            return ()
        return explaining.read_after(self.connection, self.customer, self.moment.at)
