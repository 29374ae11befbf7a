"""Are a trigger's examples stories that could happen: known events whose data fit?

They are run by `outreach test`; here they are only read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from triggers.nodes import Fields, Node, at, broken, plain
from triggers.reading.fields import Form, Notes, form, items, one_of, text
from triggers.reading.world import World

KEYS = ("name", "about", "customer", "customers", "events", "until", "expect")
_EVENT = ("at", "type", "data", "id", "source", "subject", "customer", "received")


def read_examples(node: Node, notes: Notes, world: World) -> tuple[Mapping[str, Any], ...]:
    for item in items(node, notes) or ():
        opened = form(item, notes, known=KEYS, required=("name", "events", "expect"))
        if opened is not None:
            _check(opened, world)
    found = plain(node)
    return tuple(one for one in found if isinstance(one, dict)) if isinstance(found, list) else ()


def _check(example: Form, world: World) -> None:
    example.maybe("name", text)
    customer = example.get("customer")
    if customer is not None and not isinstance(customer, Fields):
        example.notes.unwanted(customer, "a mapping")
    for event in example.read("events", items, []):
        opened = form(event, example.notes, known=_EVENT, required=("at", "type"))
        if opened is not None:
            _check_event(opened, world)


def _check_event(event: Form, world: World) -> None:
    event.maybe("at", text)
    name = event.maybe("type", lambda n, t: one_of(n, t, "event type", world.event_names))
    known, data = world.catalog.types.get(name or ""), event.get("data")
    if known is None or data is None or broken(data):
        return
    for path, message in known.data.misfits(plain(data)):
        event.notes.wrong(at(data, path), message)
