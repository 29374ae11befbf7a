"""Are a trigger's examples stories that could happen: known events whose data fit?

They are run by `outreach test`; here they are only read.
"""

from __future__ import annotations

from datetime import datetime

from triggers.catalog import CUSTOMER_UPDATED
from triggers.clock import instant
from triggers.definitions import Example, Place
from triggers.mistakes import listed
from triggers.nodes import Fields, Items, Node, at, broken, plain
from triggers.reading.fields import Form, Notes, form, items, one_of, parsed, text
from triggers.reading.world import World
from triggers.schemas import DataSchema

KEYS = ("name", "customer", "events", "expect", "about")
REQUIRED = ("name", "customer", "events", "expect")
EVENT_KEYS = ("at", "type", "data", "id", "source", "subject", "received")
EVENT_REQUIRED = ("at", "type")
MOMENTS = ("at", "after", "before")
LETTERS = ("sms", "email")
AGENT = "agent"
KINDS = (*LETTERS, AGENT)
LETTER_KEYS = ("to", "contains")


def read_examples(node: Node, notes: Notes, world: World) -> tuple[Example, ...]:
    examples = []
    for item in items(node, notes) or ():
        opened = form(item, notes, known=KEYS, required=REQUIRED)
        if opened is not None:
            _check(opened, world)
            examples.append(Example(plain(item), Place(item.source.file, item.line)))
    return tuple(examples)


def _check(example: Form, world: World) -> None:
    example.maybe("name", text)
    example.maybe("customer", lambda n, t: _check_customer(n, t, world))
    for event in example.maybe("events", items) or ():
        opened = form(event, example.notes, known=EVENT_KEYS, required=EVENT_REQUIRED)
        if opened is not None:
            _check_event(opened, world)
    example.maybe("expect", lambda n, t: _check_expected(n, t, world))


def _check_customer(node: Node, notes: Notes, world: World) -> None:
    """A profile with its id, as in a line of a customers' file."""
    if not isinstance(node, Fields):
        notes.unwanted(node, "a mapping")
    elif "id" not in node.entries:
        notes.wrong(node, "'id' is missing")
    else:
        _check_fit(node, notes, world.catalog.types[CUSTOMER_UPDATED].data)


def _check_event(event: Form, world: World) -> None:
    event.maybe("at", _moment)
    event.maybe("received", _moment)
    name = event.maybe("type", lambda n, t: one_of(n, t, "event type", world.event_names))
    known = world.catalog.types.get(name or "")
    data = event.get("data")
    if known is not None and data is not None:
        _check_fit(data, event.notes, known.data)
    elif known is not None and not known.data.fits({}):
        event.notes.wrong(event.node, "'data' is missing")


def _check_fit(node: Node, notes: Notes, schema: DataSchema) -> None:
    if not broken(node):
        for path, message in schema.misfits(plain(node)):
            notes.wrong(at(node, path), message)


def _check_expected(node: Node, notes: Notes, world: World) -> None:
    """An empty list says that nothing is to happen."""
    if not isinstance(node, Items):
        notes.unwanted(node, "a list")
        return
    for item in node.nodes:
        if isinstance(item, Fields):
            _check_one_expected(item, notes, world)
        else:
            notes.unwanted(item, "a mapping such as {at: …, sms: …}")


def _check_one_expected(item: Fields, notes: Notes, world: World) -> None:
    opened = form(item, notes, known=(*MOMENTS, *KINDS))
    if opened is None:
        return
    for word in MOMENTS:
        opened.maybe(word, _moment)
    for word in LETTERS:
        opened.maybe(word, _check_letter)
    opened.maybe(AGENT, lambda n, t: one_of(n, t, "queue", world.names.queues))
    if len([word for word in KINDS if opened.has(word)]) != 1:
        notes.wrong(item, f"an expectation names one of {listed(KINDS)}: what comes")


def _check_letter(node: Node, notes: Notes) -> None:
    opened = form(node, notes, known=LETTER_KEYS)
    if opened is not None:
        opened.maybe("to", text)
        opened.maybe("contains", text)


def _moment(node: Node, notes: Notes) -> datetime | None:
    refusal = "a moment has its offset: write 2026-11-01T09:00+02:00"
    return parsed(node, notes, "a moment such as 2026-11-01T09:00+02:00", instant, refusal=refusal)
