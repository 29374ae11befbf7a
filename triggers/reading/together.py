"""Do triggers go together with each other and with the texts, where each alone is right?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from triggers.catalog import is_ours
from triggers.definitions import (
    AgentRoute,
    ElapsedWait,
    MessageRoute,
    Place,
    Policy,
    Trigger,
    UntilWait,
)
from triggers.durations import Duration
from triggers.mistakes import Mistake, Severity, meant, quoted
from triggers.nodes import Items, Node, Scalar, at
from triggers.reading.cycles import cycles, named_in
from triggers.reading.expressions import trigger_scope
from triggers.reading.fields import Notes, shown
from triggers.reading.given import given
from triggers.reading.quantities import span
from triggers.reading.silences import outlasted, overslept
from triggers.reading.world import World
from triggers.shapes import PathUnknown, Scope
from triggers.surveys import ANSWER
from triggers.texts.check import check_texts
from triggers.texts.links import pieces
from triggers.texts.places import Misplaced, text_place

Read = Sequence[tuple[Trigger, Node]]
"""Each trigger with the node it was read from."""

_LINK = re.compile(r"\blinks\.(\w+)")


def check_names(read: Read, notes: Notes) -> None:
    first: dict[str, Place] = {}
    for trigger, node in read:
        if trigger.name in first:
            place = first[trigger.name]
            notes.wrong(at(node, ["trigger"]), f"{quoted(trigger.name)} stands already in {place}")
        first.setdefault(trigger.name, trigger.place)


def check_cycles(read: Read, notes: Notes) -> None:
    nodes = {trigger.name: node for trigger, node in read}
    for way in cycles([trigger for trigger, _ in read]):
        told = " → ".join((*way, way[0]))
        notes.wrong(at(nodes[way[0]], ["on"]), f"starts itself again without a wait: {told}")


def check_templates(
    templates: Mapping[str, str], read: Read, policy: Policy, world: World
) -> list[Mistake]:
    """What is wrong with the texts, given who sends them."""
    if not policy.languages or not templates:
        return []
    senders = _senders(trigger for trigger, _ in read)
    scopes = {
        message: [_scope(trigger, world) for trigger in triggers]
        for message, triggers in senders.items()
    }
    given_of = {message: _given(message, some, world) for message, some in senders.items()}
    found = check_texts(
        templates,
        scope_of=lambda message: scopes.get(message, []),
        categories_of=lambda m: {one.limits.category for one in senders.get(m, [])},
        policy=policy,
        given_of=given_of.get,
    )
    links = [*_check_links(templates, scopes, policy), *_check_answers(templates, senders)]
    return [*found, *links]


def _given(message: str, triggers: Sequence[Trigger], world: World) -> frozenset[str]:
    """What each of the triggers that send it, of which there is one, gives for certain."""
    types = world.catalog.types
    return frozenset.intersection(*(given(one, types.get(one.on), message) for one in triggers))


def check_chains(read: Read, notes: Notes) -> None:
    """A chain that names a trigger nobody wrote waits for what never happens."""
    known = {trigger.name for trigger, _ in read}
    for trigger, node in read:
        named = named_in(trigger) if is_ours(trigger.on) else None
        for name in sorted((named or known) - known):
            told = f"there is no trigger {quoted(name)}{meant(name, known)}"
            notes.warn(at(node, ["when"]), told)


def check_grace(read: Read, policy: Policy, notes: Notes) -> None:
    """What waits for news that is on its way must not expire while it does."""
    for trigger, node in read:
        if trigger.unless and trigger.limits.expires <= policy.grace:
            grace = f"the policy's grace is {Duration(0, policy.grace)}"
            notes.wrong(at(node, ["limits", "expires"]), f"expires before it is asked: {grace}")


def check_sabbath(read: Read, policy: Policy, notes: Notes) -> None:
    """What falls due as the Sabbath begins is to be said after it."""
    for trigger, node in read:
        expires = at(node, ["limits", "expires"])
        category = policy.categories.get(trigger.limits.category)
        # the default is nobody's word, and too many would be told of it
        written = span(expires, Notes()) if isinstance(expires, Scalar) else None
        if category and written and outlasted(written, category):
            told = f"{shown(expires)} ends before the Sabbath does"
            notes.warn(expires, f"{told}: what falls due as it begins is never sent; write 2d")


def check_nights(read: Read, policy: Policy, notes: Notes) -> None:
    """What falls due at one hour, and that by night, must outlive the night."""
    for trigger, node in read:
        wait, limits = trigger.wait, trigger.limits
        category = policy.categories.get(limits.category)
        hour = wait.at if isinstance(wait, UntilWait | ElapsedWait) else None
        if category and hour is not None and overslept(hour, limits.expires, category):
            told = f"{hour:%H:%M} is night, and by the morning it has expired"
            write = "write another hour, or a longer 'expires'"
            notes.warn(at(node, ["wait"]), f"{told}: who keeps the night never gets it; {write}")


def unused(templates: Mapping[str, str], read: Read) -> Iterator[Mistake]:
    """Texts of messages that no trigger sends."""
    sent = _senders(trigger for trigger, _ in read)
    told: set[str] = set()
    for file in sorted(templates):
        message = _message_of(file)
        if message and message not in sent and message not in told:
            told.add(message)
            text = f"no trigger sends {quoted(message)}"
            yield Mistake(file, 1, 1, text, Severity.WARNING)


def _senders(triggers: Iterator[Trigger]) -> dict[str, list[Trigger]]:
    """The triggers of each message."""
    found: dict[str, list[Trigger]] = {}
    for trigger in triggers:
        for route in trigger.send:
            match route:
                case MessageRoute(message=message) | AgentRoute(message=message):
                    senders = found.setdefault(message, [])
            if trigger not in senders:
                senders.append(trigger)
    return found


def _scope(trigger: Trigger, world: World) -> Scope:
    event = world.event(trigger.on)
    return trigger_scope(event, world.customer, counts=trigger.count is not None)


def _check_links(
    templates: Mapping[str, str], scopes: Mapping[str, Sequence[Scope]], policy: Policy
) -> Iterator[Mistake]:
    """A link that is filled from an event must be filled by each event its message is sent for."""
    for file, text in templates.items():
        for found in _LINK.finditer(text):
            for scope in scopes.get(_message_of(file), ()):
                wrong = _unfilled(policy.links.get(found[1], ""), scope)
                if wrong:
                    yield _at(file, text, found, wrong)
                    break


def _check_answers(
    templates: Mapping[str, str], senders: Mapping[str, Sequence[Trigger]]
) -> Iterator[Mistake]:
    """Only what is sent as a survey, by whoever sends it, has a place to answer."""
    for file, text in templates.items():
        asked = _asked(file, senders)
        for found in _LINK.finditer(text):
            if found[1] == ANSWER and not asked:
                yield _at(file, text, found, "is given to surveys only: send it as a 'survey'")


def _asked(file: str, senders: Mapping[str, Sequence[Trigger]]) -> bool:
    message = _message_of(file)
    routes = (route for one in senders.get(message, ()) for route in one.send)
    sent = [one for one in routes if isinstance(one, MessageRoute) and one.message == message]
    return "/agent." not in file and all(one.survey for one in sent)


def _at(file: str, text: str, found: re.Match[str], wrong: str) -> Mistake:
    line = text.count("\n", 0, found.start()) + 1
    column = found.start() - (text.rfind("\n", 0, found.start()) + 1) + 1
    return Mistake(file, line, column, f"{quoted(found[0])}: {wrong}")


def check_surveys(read: Read, policy: Policy, node: Node, notes: Notes) -> None:
    """A survey that nobody sends is most likely written wrong here."""
    sent = {
        route.message
        for trigger, _ in read
        for route in trigger.send
        if isinstance(route, MessageRoute) and route.survey
    }
    for name in policy.surveys:
        if name not in sent:
            told = f"no trigger sends the survey {quoted(name)}{meant(name, sent)}"
            notes.warn(at(node, ["surveys", name]), told)


def check_muted(read: Read, policy: Policy, node: Node, notes: Notes) -> None:
    """What no trigger is called was meant for one that is gone, or is written wrong."""
    known = {trigger.name for trigger, _ in read}
    written = at(node, ["watch", "mute"])
    for one in written.nodes if isinstance(written, Items) else ():
        name = str(one.value) if isinstance(one, Scalar) else ""
        if name in policy.watch.mute - known:
            notes.warn(one, f"there is no trigger {quoted(name)}{meant(name, known)}")


def _unfilled(link: str, scope: Scope) -> str | None:
    for path in pieces(link)[1]:
        try:
            scope.shape_of(path)
        except PathUnknown as unknown:
            return str(unknown)
    return None


def _message_of(file: str) -> str:
    try:
        return text_place(file).message
    except Misplaced:
        return ""
