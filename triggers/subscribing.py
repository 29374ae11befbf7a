"""Who else is told what we announce?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subscription:
    """A system that is told of some of our events at an address of its own."""

    name: str
    url: str
    events: frozenset[str]


def by_event(subscriptions: Iterable[Subscription]) -> Mapping[str, tuple[str, ...]]:
    """Of each type of event, the names of those who are told."""
    found: dict[str, list[str]] = {}
    for one in subscriptions:
        for event in sorted(one.events):
            found.setdefault(event, []).append(one.name)
    return {event: tuple(names) for event, names in found.items()}
