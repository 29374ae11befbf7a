"""Are a trigger's examples stories that could happen: known events whose data fit?

They are run by `outreach test`; here they are only read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from triggers.clock import instant
from triggers.definitions import Example, Place
from triggers.envelope import Envelope, digest
from triggers.mistakes import listed, quoted
from triggers.nodes import Fields, Items, Node, at, broken, plain
from triggers.reading.fields import Form, Notes, form, items, one_of, parsed, text
from triggers.reading.fitting import check_fit
from triggers.reading.persons import check_person
from triggers.reading.world import World
from triggers.stories import told

KEYS = ("name", "customer", "events", "expect", "about")
REQUIRED = ("name", "customer", "events", "expect")
EVENT_KEYS = ("at", "type", "data", "id", "source", "subject", "received")
EVENT_REQUIRED = ("at", "type")
MOMENTS = ("at", "after", "before")
MOMENT = "2026-11-01T09:00+02:00"
OFFSET = re.compile(r"[0-9][Tt ].*(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})$")
LETTERS = ("sms", "email")
AGENT = "agent"
KINDS = (*LETTERS, AGENT)
LETTER_KEYS = ("to", "contains")


def read_examples(node: Node, notes: Notes, world: World) -> tuple[Example, ...]:
    examples = []
    first: dict[str, Node] = {}
    for item in items(node, notes) or ():
        opened = form(item, notes, known=KEYS, required=REQUIRED)
        if opened is not None:
            _check(opened, world, first)
            examples.append(Example(plain(item), Place(item.source.file, item.line)))
    return tuple(examples)


def _check(example: Form, world: World, first: dict[str, Node]) -> None:
    """`first` are the names of the examples before it, and where they stand."""
    name = example.maybe("name", text)
    if name is not None and name in first:
        words = f"an example is named {quoted(name)} already, in line {first[name].line}"
        example.notes.wrong(at(example.node, ["name"]), words)
    elif name is not None:
        first[name] = example.node
    example.maybe("customer", lambda n, t: check_person(n, t, world))
    events = example.maybe("events", items) or ()
    for event in events:
        opened = form(event, example.notes, known=EVENT_KEYS, required=EVENT_REQUIRED)
        if opened is not None:
            _check_event(opened, world)
    _check_ids(events, example)
    example.maybe("expect", lambda n, t: _check_expected(n, t, world))


def _check_ids(events: Sequence[Node], example: Form) -> None:
    """The same event may come twice, as it does in life; another one needs an id of its own."""
    # those without one get their number's: alone they are never the same
    if not any(isinstance(node, Fields) and "id" in node.entries for node in events):
        return
    first: dict[tuple[str, str], tuple[str, Node]] = {}
    for number, node in enumerate(events, start=1):
        event = _envelope(node, number, at(example.node, ["customer", "id"]))
        if event is None:
            continue
        content = digest(event)
        before, there = first.setdefault((event.source, event.id), (content, node))
        if before != content:
            words = f"the event in line {there.line} has the id {quoted(event.id)} already"
            example.notes.wrong(at(node, ["id"]), f"{words}, with other content: write another")


def _envelope(node: Node, number: int, customer: Node) -> Envelope | None:
    """The event as it will be told; None where it was refused, for then it never is."""
    if broken(node):
        return None
    try:
        return told(plain(node), number, str(plain(customer)))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _check_event(event: Form, world: World) -> None:
    event.maybe("at", _moment)
    event.maybe("received", _moment)
    name = event.maybe("type", lambda n, t: one_of(n, t, "event type", world.event_names))
    known = world.catalog.types.get(name or "")
    data = event.get("data")
    if known is not None and data is not None:
        check_fit(data, event.notes, known.data)
    elif known is not None and not known.data.fits({}):
        event.notes.wrong(event.node, "'data' is missing")


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
    _check_moments(opened)
    for word in LETTERS:
        opened.maybe(word, _check_letter)
    opened.maybe(AGENT, lambda n, t: one_of(n, t, "queue", world.names.queues))
    if len([word for word in KINDS if opened.has(word)]) != 1:
        notes.wrong(item, f"an expectation names one of {listed(KINDS)}: what comes")


def _check_moments(expected: Form) -> None:
    at_, after, before = (expected.maybe(word, _moment) for word in MOMENTS)
    if at_ is not None and (expected.has("after") or expected.has("before")):
        expected.notes.wrong(expected.key("at"), "'at' is the very moment: leave the others out")
    elif after is not None and before is not None and after > before:
        expected.notes.wrong(expected.key("before"), "no moment is after 'after' and before this")


def _check_letter(node: Node, notes: Notes) -> None:
    opened = form(node, notes, known=LETTER_KEYS)
    if opened is not None:
        opened.maybe("to", text)
        opened.maybe("contains", text)


def _moment(node: Node, notes: Notes) -> datetime | None:
    return parsed(node, notes, f"a moment such as {MOMENT}", _read_moment)


def _read_moment(written: str) -> datetime:
    try:
        return instant(written)
    except ValueError:
        if OFFSET.search(written):
            raise ValueError(f"{quoted(written)} is no moment: write {MOMENT}") from None
        raise ValueError(f"a moment has its offset: write {MOMENT}") from None
