"""Could triggers start each other for ever, with nothing between to slow them?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from triggers.catalog import HANDED_OVER, MESSAGE_EVENTS, SKIPPED, SURVEY_ANSWERED
from triggers.definitions import NO_WAIT, MessageRoute, Trigger

_NAMED_BY = "event.data.trigger"


def cycles(triggers: Sequence[Trigger]) -> Iterator[tuple[str, ...]]:
    """Names in the order they start each other, each cycle once; triggers that wait break it."""
    at_once = {one.name: one for one in triggers if one.wait == NO_WAIT and not one.count}
    followers = {
        name: [other.name for other in at_once.values() if _starts(trigger, other)]
        for name, trigger in at_once.items()
    }
    told: set[str] = set()
    for name in followers:
        way = _way_back(name, followers)
        if way and not told & set(way):
            told |= set(way)
            yield way


def _way_back(name: str, followers: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The shortest way from a trigger to itself, empty where there is none."""
    ways: list[tuple[str, ...]] = [(name,)]
    seen = {name}
    for way in ways:
        for follower in followers[way[-1]]:
            if follower == name:
                return way
            if follower not in seen:
                seen.add(follower)
                ways.append((*way, follower))
    return ()


def _starts(trigger: Trigger, other: Trigger) -> bool:
    if other.on not in _said_of(trigger):
        return False
    named = named_in(other)
    return named is None or trigger.name in named


def _said_of(trigger: Trigger) -> set[str]:
    """What we ourselves may publish about this trigger's occurrences."""
    said = {SKIPPED, HANDED_OVER} if trigger.send else set()
    for route in trigger.send:
        if isinstance(route, MessageRoute):
            said |= {*MESSAGE_EVENTS, *((SURVEY_ANSWERED,) if route.survey else ())}
    return said


def named_in(trigger: Trigger) -> frozenset[str] | None:
    """The triggers that its `when` lets through by name; None where it names none."""
    return trigger.when.only_texts_at(_NAMED_BY) if trigger.when else None
