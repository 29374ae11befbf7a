"""Which triggers does an event touch, under which key, and which facts must they then read?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from triggers.definitions import Trigger
from triggers.events import Event
from triggers.facts import CUSTOMER_PATH, FactKey, TriggerKey
from triggers.paths import Path


@dataclass(frozen=True, slots=True)
class Role:
    """An event type that a trigger listens to, and where the key stands in it."""

    trigger: str
    type: str
    path: Path | None

    @property
    def path_text(self) -> str:
        return self.path.text if self.path else CUSTOMER_PATH

    def key(self, event: Event) -> str | None:
        return self.path.key(event) if self.path else event.customer


def roles_of(trigger: Trigger) -> tuple[Role, ...]:
    """One role for each (type, path): starts, exits and resets."""
    found = {(trigger.on, trigger.key)}
    if trigger.count and trigger.count.since:
        found.add((trigger.count.since, trigger.key))
    for way_out in trigger.unless:
        found.add((way_out.event, way_out.key or trigger.key))
    ordered = sorted(found, key=lambda one: (one[0], one[1].text if one[1] else ""))
    return tuple(Role(trigger.name, type_, path) for type_, path in ordered)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a key stands in events of one type, and all the roles that find theirs there."""

    path: Path | None
    text: str
    roles: tuple[Role, ...]

    def key(self, event: Event) -> str | None:
        return self.path.key(event) if self.path else event.customer


class Played(NamedTuple):
    """What an event is to those who look for a key at one place; `key` None: it has none there."""

    place: str
    key: str | None
    roles: tuple[Role, ...]


class Matcher:
    """Triggers by the event types they listen to: an event costs nothing for all the others."""

    def __init__(self, triggers: Iterable[Trigger]) -> None:
        self._places: dict[str, tuple[tuple[str, str], ...]] = {}
        by_type: dict[str, dict[str, list[Role]]] = {}
        for trigger in triggers:
            roles = roles_of(trigger)
            self._places[trigger.name] = tuple((role.type, role.path_text) for role in roles)
            for role in roles:
                by_type.setdefault(role.type, {}).setdefault(role.path_text, []).append(role)
        self._by_type: Mapping[str, tuple[_Place, ...]] = {
            type_: tuple(_Place(roles[0].path, text, tuple(roles)) for text, roles in found.items())
            for type_, found in by_type.items()
        }

    def listens(self, event_type: str) -> bool:
        return event_type in self._by_type

    def played(self, event: Event) -> list[Played]:
        """By place, each looked at once however many triggers look there."""
        return [
            Played(one.text, one.key(event), one.roles) for one in self._by_type.get(event.type, ())
        ]

    def touched(self, event: Event) -> Iterable[tuple[Role, TriggerKey | None]]:
        """Each role the event plays, with its key; None where the event has no value there."""
        for _, key, roles in self.played(event):
            for role in roles:
                yield role, None if key is None else TriggerKey(role.trigger, event.customer, key)

    def fact_keys(self, event: Event) -> frozenset[FactKey]:
        """Where this event is to be kept as a fact: one place for each path that is listened to."""
        return frozenset(
            FactKey(event.customer, event.type, place, key)
            for place, key, _ in self.played(event)
            if key is not None
        )

    def reads(self, key: TriggerKey) -> tuple[FactKey, ...]:
        """The facts that a decision about this key reads."""
        _, customer, value = key
        return tuple(
            [FactKey(customer, type_, path, value) for type_, path in self._places[key.trigger]]
        )
