"""What kinds of values are there, and how does a message call them?"""

from __future__ import annotations

from enum import Flag, auto
from typing import Any

from triggers.mistakes import listed


class Kind(Flag):
    """What a value can be. GAP (between two moments) and DURATION exist only in conditions."""

    TEXT = auto()
    NUMBER = auto()
    BOOLEAN = auto()
    DATE = auto()
    TIME = auto()
    LIST = auto()
    OBJECT = auto()
    NULL = auto()
    GAP = auto()
    DURATION = auto()

    def __str__(self) -> str:
        """`text or a number`, as messages say it; that null is possible goes without saying."""
        kinds = self if self is Kind.NULL else self & ~Kind.NULL
        if kinds & UNTYPED == UNTYPED & ~Kind.NULL:
            return "anything"
        return listed(said for kind, said in _SAID.items() if kind in kinds) if kinds else "nothing"


SCALAR = Kind.TEXT | Kind.NUMBER | Kind.BOOLEAN
UNTYPED = SCALAR | Kind.LIST | Kind.OBJECT | Kind.NULL
MOMENT = Kind.DATE | Kind.TIME
EVERY = UNTYPED | MOMENT | Kind.GAP | Kind.DURATION

_SAID = {
    Kind.TEXT: "text",
    Kind.NUMBER: "a number",
    Kind.BOOLEAN: "true or false",
    Kind.DATE: "a date",
    Kind.TIME: "a time",
    Kind.LIST: "a list",
    Kind.OBJECT: "an object",
    Kind.NULL: "null",
    Kind.GAP: "the time between two moments",
    Kind.DURATION: "a duration",
}

_OF_TYPE = {
    str: Kind.TEXT,
    int: Kind.NUMBER,
    float: Kind.NUMBER,
    bool: Kind.BOOLEAN,
    list: Kind.LIST,
    tuple: Kind.LIST,
    dict: Kind.OBJECT,
    type(None): Kind.NULL,
}


def kind_of(value: Any) -> Kind | None:
    """The kind of a value out of JSON; None for what JSON does not have."""
    return _OF_TYPE.get(type(value))
