"""What else is there that a trigger may name: events, customers' fields, categories, texts?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from triggers.catalog import Catalog
from triggers.nodes import Fields, Node
from triggers.shapes import ANY, Shape
from triggers.texts.places import Misplaced, Part, text_place


@dataclass(frozen=True, slots=True)
class Names:
    """The names that the policy gives, in its order; None where that part could not be read."""

    categories: tuple[str, ...] | None = None
    segments: tuple[str, ...] | None = None
    queues: tuple[str, ...] | None = None

    @classmethod
    def of(cls, policy: Node | None) -> Names:
        return cls(
            categories=_keys(policy, "categories"),
            segments=_keys(policy, "segments"),
            queues=_keys(policy, "agents"),
        )


def _keys(policy: Node | None, section: str) -> tuple[str, ...] | None:
    if not isinstance(policy, Fields):
        return None
    entry = policy.entries.get(section)
    if entry is None:
        return () if section != "categories" else None
    return tuple(entry.value.entries) if isinstance(entry.value, Fields) else None


@dataclass(frozen=True, slots=True)
class Texts:
    """Which texts stand in templates/: message -> channel -> languages."""

    by_message: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)

    @classmethod
    def of(cls, files: Iterable[str]) -> Texts:
        found: dict[str, dict[str, frozenset[str]]] = {}
        for name in files:
            try:
                place = text_place(name)
            except Misplaced:
                continue
            if place.part is not Part.SUBJECT:
                channels = found.setdefault(place.message, {})
                channels.setdefault(place.channel, frozenset())
                channels[place.channel] |= {place.language}
        return cls(found)

    def languages(self, message: str, channel: str) -> frozenset[str]:
        return self.by_message.get(message, {}).get(channel, frozenset())


@dataclass(frozen=True, slots=True)
class World:
    """Everything beside the trigger itself. `languages` empty: they could not be read."""

    catalog: Catalog
    names: Names
    texts: Texts
    customer: Shape = ANY
    languages: tuple[str, ...] = ()
    unread: frozenset[str] = frozenset()
    """Event types whose files could not be read: nothing is said about what is in them."""

    def event(self, name: str | None) -> Shape:
        """The shape of a whole event; anything at all where its type is not known."""
        known = self.catalog.types.get(name or "")
        return known.event if known else ANY

    @property
    def event_names(self) -> frozenset[str]:
        return frozenset(self.catalog.types) | self.unread
