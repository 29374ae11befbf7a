"""What does a file of config/events/ say of its event type?"""

from __future__ import annotations

import re
from typing import Any

from triggers.catalog import SUBJECT, EventType
from triggers.definitions import Place
from triggers.events import OWN_SOURCE
from triggers.kinds import SCALAR
from triggers.mistakes import quoted
from triggers.nodes import Node, broken, plain
from triggers.paths import Path
from triggers.reading.expressions import find_path
from triggers.reading.fields import Form, Notes, form, items, parsed, text
from triggers.reading.fitting import check_fit
from triggers.reading.schemas import read_schema
from triggers.schemas import DataSchema

KEYS = ("event", "about", "customer", "data", "examples")
REQUIRED = ("event", "data")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,199}")


def read_event_type(node: Node, notes: Notes, expected: str) -> EventType | None:
    """`expected` is the file's own name: events are looked for there."""
    opened = form(node, notes, known=KEYS, required=REQUIRED)
    if opened is None:
        return None
    name = opened.maybe("event", lambda n, t: _name(n, t, expected))
    about = opened.read("about", text, "")
    data = opened.maybe("data", read_schema)
    if data is None or name is None:
        return None
    rest: dict[str, Any] = {"place": Place(node.source.file, node.line), "about": about}
    known = EventType.of(name, data, examples=_examples(opened, data), **rest)
    customer = opened.read("customer", lambda n, t: _customer(n, t, known), SUBJECT)
    return EventType.of(name, data, customer=customer, examples=known.examples, **rest)


def _name(node: Node, notes: Notes, expected: str) -> str | None:
    name = text(node, notes)
    if name is None:
        return None
    if not NAME.fullmatch(name):
        notes.wrong(node, f"{quoted(name)} is no event type: write a-z, 0-9, _, - and dots")
    elif name.startswith(f"{OWN_SOURCE}."):
        notes.wrong(node, f"'{OWN_SOURCE}.' is reserved for what this system says itself")
        return None
    elif name != expected:
        notes.wrong(node, f"the file of {quoted(name)} must be named {quoted(name + '.yaml')}")
    return name


def _customer(node: Node, notes: Notes, known: EventType) -> Path | None:
    def find(words: str) -> Path:
        path, shape = find_path(words, known.event)
        if not shape.kinds & SCALAR:
            raise ValueError(f"'{path.text}' is {shape.kinds}: a customer's id is a text")
        return path

    return parsed(node, notes, "a path such as event.subject", find)


def _examples(opened: Form, data: DataSchema) -> tuple[dict[str, Any], ...]:
    found = []
    for item in opened.read("examples", items, []):
        if broken(item):
            continue
        check_fit(item, opened.notes, data)
        found.append(plain(item))
    return tuple(one for one in found if isinstance(one, dict))
