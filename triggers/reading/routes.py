"""What goes out, by whom, and is there a text for it?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from triggers.conditions import Condition
from triggers.definitions import CHANNELS, AgentRoute, MessageRoute, Route
from triggers.mistakes import listed, meant, quoted
from triggers.nodes import Fields, Node
from triggers.reading.expressions import check_constant
from triggers.reading.fields import Form, Notes, form, items, one_of, several_of, text
from triggers.reading.quantities import duration
from triggers.reading.world import World

AGENT = "agent"
KINDS = {
    "message": ("when", "message", "by"),
    "survey": ("when", "survey", "by"),
    AGENT: ("when", AGENT, "due", "message"),
}

UNTAKEN = "the route is never taken, leave it out"

CompileWhen = Callable[[Node, Notes], Condition | None]


@dataclass(frozen=True, slots=True)
class Sending:
    """What reading a trigger's routes needs; `trigger` is its name."""

    trigger: str
    world: World
    compile_when: CompileWhen


def read_routes(node: Node, notes: Notes, sending: Sending) -> tuple[Route, ...]:
    routes: list[Route] = []
    always = 0
    asked: dict[Condition, int] = {}
    for number, item in enumerate(items(node, notes) or (), start=1):
        if always:
            notes.wrong(item, f"never reached: route {always} has no 'when'")
        elif isinstance(item, Fields) and "when" not in item.entries:
            always = number
        route = _route(item, notes, sending)
        if route is not None:
            routes.append(route)
        if route is not None and route.when is not None:
            first = asked.setdefault(route.when, number)
            if first != number:
                notes.wrong(item, f"never reached: route {first} asks the same")
    return tuple(routes)


def _route(node: Node, notes: Notes, sending: Sending) -> Route | None:
    kind = _kind(node)
    if kind is None:
        known = dict.fromkeys(name for names in KINDS.values() for name in names)
        if form(node, notes, known=tuple(known)) is not None:
            notes.wrong(node, "a route says 'message', 'survey' or 'agent'")
        return None
    opened = form(node, notes, known=KINDS[kind], required=required(kind))
    if opened is None:
        return None
    made = _agent(opened, sending) if kind == AGENT else _message(opened, kind, sending)
    if made is not None:
        check_constant(made.when, opened.value("when"), notes, never=UNTAKEN)
    return made


def required(kind: str) -> tuple[str, ...]:
    """The words that a route of this kind must say."""
    return (kind,) if kind == AGENT else (kind, "by")


def _kind(node: Node) -> str | None:
    written = node.entries if isinstance(node, Fields) else {}
    return next((kind for kind in (AGENT, "survey", "message") if kind in written), None)


def _message(opened: Form, kind: str, sending: Sending) -> MessageRoute | None:
    message = opened.maybe(kind, text)
    by = opened.read("by", lambda n, t: several_of(n, t, "channel", CHANNELS), ())
    when = opened.maybe("when", sending.compile_when)
    if message is None:
        return None
    for channel in by:
        _check_texts(opened, kind, message, channel, sending.world)
    return MessageRoute(message=message, by=by, when=when, survey=kind == "survey")


def _agent(opened: Form, sending: Sending) -> AgentRoute | None:
    queue = opened.maybe(AGENT, lambda n, t: one_of(n, t, "queue", sending.world.names.queues))
    message = opened.read("message", text, sending.trigger)
    due = opened.maybe("due", duration)
    when = opened.maybe("when", sending.compile_when)
    if message:
        key = "message" if opened.has("message") else AGENT
        _check_texts(opened, key, message, AGENT, sending.world)
    return AgentRoute(queue=queue, message=message, due=due, when=when) if queue else None


def _check_texts(opened: Form, key: str, message: str, channel: str, world: World) -> None:
    """A message has a text for each of its channels, in a language of the policy."""
    node = opened.get(key) or opened.node
    known = world.texts.by_message
    found = world.texts.languages(message, channel)
    if message not in known:
        where = f"no texts stand in templates/{message[:60]}"
        opened.notes.wrong(node, f"{where}{meant(message, known)}")
    elif not found:
        opened.notes.wrong(node, f"{quoted(message)} has no text templates/{message}/{channel}.*")
    elif world.languages and not found & set(world.languages):
        languages = listed(world.languages)
        opened.notes.wrong(node, f"{quoted(message)} has no {channel} text in {languages}")
