"""What does a trigger say, and do its words go together?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from triggers.definitions import (
    NO_WAIT,
    Again,
    DateWait,
    ElapsedWait,
    Limits,
    Place,
    Trigger,
    Wait,
)
from triggers.mistakes import quoted
from triggers.nodes import Node, Scalar
from triggers.reading.counting import read_count
from triggers.reading.digests import digest_of
from triggers.reading.examples import read_examples
from triggers.reading.exits import Start, read_exits
from triggers.reading.expressions import (
    check_constant,
    condition_with_segments,
    find_date,
    key_path,
    trigger_scope,
    warn_of_its_moment,
)
from triggers.reading.fields import Form, Notes, form, is_name, one_of, text
from triggers.reading.limits import KEYS as LIMITS
from triggers.reading.limits import read_limits
from triggers.reading.routes import Sending, read_routes
from triggers.reading.waits import WaitRefused, parse_wait
from triggers.reading.world import World
from triggers.shapes import Shape

KEYS = "trigger about on key when count wait unless again send limits examples".split()
REQUIRED = ("trigger", "on", "send", "limits")
SILENT = "write limits: {mode: off} for a trigger that is to say nothing"
AGAIN = {one.value: one for one in Again}


def read_trigger(
    node: Node, notes: Notes, world: World, policy: Mapping[str, Any]
) -> Trigger | None:
    """`policy` is the policy as it was written: the digest takes in what the trigger uses of it."""
    opened = form(node, notes, known=KEYS, required=REQUIRED, inside={"limits": LIMITS})
    if opened is None:
        return None
    name = opened.read("trigger", _name, "")
    on = opened.maybe("on", lambda n, t: one_of(n, t, "event type", world.event_names))
    event = world.event(on)
    key = opened.maybe("key", lambda n, t: key_path(n, t, event))
    scope = trigger_scope(event, world.customer, counts=opened.has("count"))

    def when(inner: Node, into: Notes) -> Any:
        return condition_with_segments(inner, into, scope, world.names.segments)

    wait: Wait = opened.maybe("wait", lambda n, t: _wait(n, t, event)) or NO_WAIT
    trigger = Trigger(
        name=name,
        on=on or "",
        key=key,
        when=opened.maybe("when", when),
        count=opened.maybe("count", lambda n, t: read_count(n, t, on=on, key=key, world=world)),
        wait=wait,
        unless=opened.read("unless", lambda n, t: read_exits(n, t, Start(on, key, world)), ()),
        again=_again(opened, wait),
        send=opened.read("send", lambda n, t: read_routes(n, t, Sending(name, world, when)), ()),
        limits=opened.read(
            "limits", lambda n, t: read_limits(n, t, world.names.categories), Limits("")
        ),
        about=opened.read("about", text, ""),
        examples=opened.read("examples", lambda n, t: read_examples(n, t, world), ()),
        place=Place(node.source.file, node.line),
    )
    _check_words(opened, wait)
    check_constant(trigger.when, opened.value("when"), notes, never=SILENT)
    digest = digest_of(node, policy, _segments_asked(trigger))
    return replace(trigger, digest=digest) if name else None


def _segments_asked(trigger: Trigger) -> set[str]:
    conditions = (trigger.when, *(route.when for route in trigger.send))
    return {name for one in conditions if one is not None for name in one.segments}


def _name(node: Node, notes: Notes) -> str | None:
    name = text(node, notes)
    if name is None or is_name(name):
        return name
    notes.wrong(node, f"{quoted(name)} is no name: write a-z, 0-9 and _")
    return None


def _wait(node: Node, notes: Notes, event: Shape) -> Wait | None:
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        notes.unwanted(node, "a wait such as 1h or 7d before event.data.date")
        return None
    try:
        wait = parse_wait(node.value, lambda words: find_date(words, event))
        if wait == NO_WAIT:
            notes.wrong(node, "a wait of no time: leave the word out")
        if isinstance(wait, DateWait):
            warn_of_its_moment(node, notes, wait.path)
        return wait
    except WaitRefused as refused:
        notes.inside(node, refused.offset, str(refused))
        return None


def _again(opened: Form, wait: Wait) -> Again:
    word = opened.maybe("again", lambda n, t: one_of(n, t, "word", AGAIN))
    if word is None:
        return Again.ONCE if opened.has("key") else Again.EACH
    if word == Again.RESTART and not (opened.has("wait") and isinstance(wait, ElapsedWait)):
        opened.notes.wrong(opened.key("again"), "'restart' goes with an elapsed wait such as 1h")
    return AGAIN[word]


def _check_words(opened: Form, wait: Wait) -> None:
    """Words that would mean nothing, or two things, beside each other."""
    notes, dated = opened.notes, isinstance(wait, DateWait)
    if opened.has("again") and dated:
        notes.wrong(opened.key("again"), "'again' means nothing beside a wait on a date")
    if opened.has("again") and opened.has("count"):
        notes.wrong(opened.key("again"), "'again' means nothing beside 'count'")
    if opened.has("count") and dated:
        notes.wrong(opened.key("count"), "'count' cannot stand beside a wait on a date")
    if opened.has("unless") and not opened.has("wait"):
        notes.wrong(opened.key("unless"), "'unless' needs a 'wait': nothing would be waiting")
