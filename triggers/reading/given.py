"""Which values does a message find for certain, because its trigger would not send without them?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from triggers.catalog import EventType
from triggers.conditions import Condition
from triggers.definitions import AgentRoute, DateWait, Trigger

ALWAYS = ("event.source", "event.id", "event.type", "event.time", "customer.id")
_DEEPEST = 8


def given(trigger: Trigger, event: EventType | None, message: str) -> frozenset[str]:
    """Paths that have a value whenever this trigger sends this message."""
    required = _required(event.data.raw, "event.data", 0) if event else ()
    subject = (event.customer.text,) if event else ()
    certain = {*ALWAYS, *required, *subject, *_own(trigger), *_certain(trigger.when)}
    ways = [_certain(one.when) | _address(one) for one in trigger.send if one.message == message]
    return frozenset(certain | (set.intersection(*map(set, ways)) if ways else set()))


def _own(trigger: Trigger) -> Iterator[str]:
    """What the trigger's own words must find in the event."""
    count = trigger.count
    counted = (count.distinct, count.sum) if count else ()
    dated = (trigger.wait.path,) if isinstance(trigger.wait, DateWait) else ()
    yield from (path.text for path in (trigger.key, *counted, *dated) if path is not None)


def _address(route: Any) -> set[str]:
    """Who is written to by one channel only has its address."""
    by = () if isinstance(route, AgentRoute) else route.by
    return (
        {"customer.phone"} if by == ("sms",) else {"customer.email"} if by == ("email",) else set()
    )


def _required(schema: object, path: str, depth: int) -> Iterator[str]:
    """What the event's schema requires, as far as its plain words say it."""
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        return
    properties = schema.get("properties")
    inner = properties if isinstance(properties, Mapping) else {}
    for name in schema.get("required", ()):
        below = inner.get(name, {})
        if not _nullable(below):
            yield f"{path}.{name}"
            yield from _required(below, f"{path}.{name}", depth + 1)
    for one in schema.get("allOf", ()):
        yield from _required(one, path, depth + 1)


def _nullable(schema: object) -> bool:
    if not isinstance(schema, Mapping):
        return False
    kinds = schema.get("type", ())
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return "null" in kinds or None in schema.get("enum", ())


def _certain(condition: Condition | None) -> frozenset[str]:
    return condition.certain_paths() if condition is not None else frozenset()
