"""Which events call off what is waiting?"""

from __future__ import annotations

from dataclasses import dataclass

from triggers.definitions import Exit
from triggers.nodes import Fields, Items, Node
from triggers.paths import Path
from triggers.reading.expressions import check_constant, condition, exit_scope, key_path
from triggers.reading.fields import Notes, form, items, one_of
from triggers.reading.matching_keys import check_key
from triggers.reading.world import World

KEYS = ("event", "key", "when")
REQUIRED = ("event",)


@dataclass(frozen=True, slots=True)
class Start:
    """What the exits of a trigger are matched with: its start's type and key."""

    on: str | None
    key: Path | None
    world: World


def read_exits(node: Node, notes: Notes, start: Start) -> tuple[Exit, ...]:
    """An event type, a list, or `{event:, key:, when:}`."""
    ways = items(node, notes) or () if isinstance(node, Items) else (node,)
    read = (_exit(way, notes, start) for way in ways)
    return tuple(way for way in read if way is not None)


def _exit(node: Node, notes: Notes, start: Start) -> Exit | None:
    if isinstance(node, Fields):
        return _own_terms(node, notes, start)
    event = one_of(node, notes, "event type", start.world.event_names)
    if event is None:
        return None
    if event == start.on:
        notes.wrong(node, "calls off its own start: say {event:, when:}")
    hint = f"; write {{event: {event}, key: event.data.…}}"
    check_key(node, notes, event=event, key=start.key, world=start.world, hint=hint)
    return Exit(event)


def _own_terms(node: Node, notes: Notes, start: Start) -> Exit | None:
    opened = form(node, notes, known=KEYS, required=REQUIRED)
    if opened is None:
        return None
    event = opened.maybe("event", lambda n, t: one_of(n, t, "event type", start.world.event_names))
    shape = start.world.event(event)
    key = opened.maybe("key", lambda n, t: key_path(n, t, shape))
    when = opened.maybe("when", lambda n, t: condition(n, t, exit_scope(shape)))
    check_constant(when, opened.value("when"), notes, never="it calls off nothing, leave it out")
    if event is None:
        return None
    if opened.has("key") and start.key is None:
        notes.wrong(opened.key("key"), "the trigger has no key that this one could match")
    if not opened.has("key"):
        check_key(node, notes, event=event, key=start.key, world=start.world, hint="; write key:")
    if event == start.on and not (opened.has("key") or opened.has("when")):
        notes.wrong(node, "calls off its own start: say 'when'")
    return Exit(event, key, when)
