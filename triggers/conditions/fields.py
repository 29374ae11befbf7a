"""How is the value at a path read, and what is it when it does not fit its type?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo

from triggers.conditions.answers import OPEN, UNKNOWN, Answer, Ask
from triggers.conditions.environment import Env
from triggers.kinds import MOMENT, Kind, kind_of
from triggers.moments import as_written, begins

LARGEST = 2**63
"""Larger ones are refused, so that no product grows until it fills the memory."""


def raw(path: str) -> Ask:
    """What stands there: any value, None for nothing, or OPEN."""
    root, *names = path.split(".")
    match root, names:
        case "event", ["data", name]:
            # nearly every path is one, so it has a closure without a loop
            return _data(name)
        case "event", [attribute]:
            return _attribute(attribute)
        case "event", ["data", *below]:
            return _below(_attribute("data"), tuple(below))
        case "segment", [name]:
            return _segment(name)
        case _:
            return _below(_root(root), tuple(names))


def _data(name: str) -> Ask:
    def ask(env: Env) -> Any:
        if env.event is None:
            return OPEN
        try:
            return env.event.data.get(name)
        except AttributeError:  # data that is no object: history may hold any JSON
            return None

    return ask


def _attribute(name: str) -> Ask:
    def ask(env: Env) -> Any:
        return OPEN if env.event is None else getattr(env.event, name, None)

    return ask


def _root(name: str) -> Ask:
    def ask(env: Env) -> Any:
        value = getattr(env, name)
        return OPEN if value is None else value

    return ask


def _below(top: Ask, names: tuple[str, ...]) -> Ask:
    def ask(env: Env) -> Any:
        value = top(env)
        if value is OPEN:
            return OPEN
        for name in names:
            if type(value) is not dict and not isinstance(value, Mapping):
                return None
            value = value.get(name)
        return value

    return ask


def _segment(name: str) -> Ask:
    def ask(env: Env) -> Any:
        segment = env.segment
        if segment is None:
            return OPEN
        value = segment.get(name) if isinstance(segment, Mapping) else segment(name)
        if value is Answer.YES or value is Answer.NO:
            return value is Answer.YES
        return value

    return ask


def reading(path: str, kinds: Kind) -> Ask:
    """The value at the path where it is one of these kinds, else UNKNOWN; or OPEN."""
    value = raw(path)
    kinds &= ~Kind.NULL
    if kinds == Kind.TEXT:
        return _text(value)
    if kinds == Kind.NUMBER:
        return _number(value)
    if kinds == Kind.BOOLEAN:
        return _boolean(value)
    if kinds & ~MOMENT:
        return _any(value, kinds)
    # a date may have a time, and a time none, where a wait and a text would read it so
    return _moment(value)


def _text(read: Ask) -> Ask:
    def ask(env: Env) -> Any:
        value = read(env)
        return value if type(value) is str else OPEN if value is OPEN else UNKNOWN

    return ask


def _number(read: Ask) -> Ask:
    def ask(env: Env) -> Any:
        value = read(env)
        return OPEN if value is OPEN else bounded(value)

    return ask


def _boolean(read: Ask) -> Ask:
    def ask(env: Env) -> Any:
        value = read(env)
        return value if value is True or value is False or value is OPEN else UNKNOWN

    return ask


def _any(read: Ask, kinds: Kind) -> Ask:
    # a text that a schema calls a date is still text to whom the kind does not matter
    fitting = frozenset(kinds | Kind.TEXT if kinds & MOMENT else kinds)

    def ask(env: Env) -> Any:
        value = read(env)
        if value is OPEN:
            return OPEN
        kind = kind_of(value)
        if kind is Kind.NUMBER:
            value = bounded(value)
        return value if kind in fitting else UNKNOWN

    return ask


def _moment(read: Ask) -> Ask:
    def ask(env: Env) -> Any:
        value = read(env)
        return OPEN if value is OPEN else moment(value, env.zone)

    return ask


def bounded(value: Any) -> Any:
    """A number that may be reckoned with; UNKNOWN for no number, infinity, and huge ones."""
    kind = type(value)
    if kind is int:
        return value if -LARGEST <= value <= LARGEST else UNKNOWN
    return value if kind is float and isfinite(value) else UNKNOWN


def moment(value: Any, zone: ZoneInfo | None) -> Any:
    """The UTC moment that stands there; OPEN while nobody knows whose clock it is on."""
    if isinstance(value, datetime):
        return value if value.tzinfo is not None else UNKNOWN
    written = as_written(value)
    return UNKNOWN if written is None else moment_of(written, zone)


def moment_of(written: date | datetime, zone: ZoneInfo | None) -> Any:
    if isinstance(written, datetime) and written.tzinfo is not None:
        return written
    return OPEN if zone is None else begins(written, zone)


def guarded(ask: Callable[[Env], Any]) -> Ask:
    """The same, UNKNOWN where the calendar has an end."""

    def safe(env: Env) -> Any:
        try:
            return ask(env)
        except (ValueError, OverflowError):
            return UNKNOWN

    return safe
