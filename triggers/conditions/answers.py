"""How do true, false, unknown and open combine?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

from triggers.conditions.environment import Env


class Answer(Enum):
    """What a condition says. UNKNOWN: a field is missing; OPEN: its root is not known yet."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    OPEN = "open"


UNKNOWN = Answer.UNKNOWN
OPEN = Answer.OPEN

Ask = Callable[[Env], Any]
"""Yields a value, UNKNOWN or OPEN; a question's value is True or False. Never raises."""


def answer_of(value: Any) -> Answer:
    """The answer for what a question's closure yielded."""
    if value is True:
        return Answer.YES
    if value is False:
        return Answer.NO
    return OPEN if value is OPEN else UNKNOWN


def weaker(one: Any, other: Any) -> Answer:
    """What comes of two operands of which at least one has no value."""
    return UNKNOWN if one is UNKNOWN or other is UNKNOWN else OPEN


def of_one(answer: Callable[[Any], Any], value: Ask) -> Ask:
    """What comes of a value, and of none."""

    def ask(env: Env) -> Any:
        one = value(env)
        return one if type(one) is Answer else answer(one)

    return ask


def of_two(answer: Callable[[Any, Any], Any], left: Ask, right: Ask) -> Ask:
    """What comes of two values; where one is missing, `weaker` says what of the whole is left."""

    def ask(env: Env) -> Any:
        one, other = left(env), right(env)
        if type(one) is Answer or type(other) is Answer:
            return weaker(one, other)
        return answer(one, other)

    return ask


def all_of(asks: Sequence[Ask]) -> Ask:
    """The least, where false < unknown < open < true."""
    parts = tuple(asks)

    def ask(env: Env) -> Any:
        least: Any = True
        for part in parts:
            value = part(env)
            if value is False:
                return False
            # no way out yet: a false may still follow, and false beats them all
            if value is not True and least is not UNKNOWN:
                least = value
        return least

    return ask


def any_of(asks: Sequence[Ask]) -> Ask:
    """The greatest, where false < unknown < open < true."""
    parts = tuple(asks)

    def ask(env: Env) -> Any:
        greatest: Any = False
        for part in parts:
            value = part(env)
            if value is True:
                return True
            # likewise for a true
            if value is not False and greatest is not OPEN:
                greatest = value
        return greatest

    return ask


def negated(inner: Ask) -> Ask:
    """True for false and false for true; unknown and open stay what they are."""

    def ask(env: Env) -> Any:
        value = inner(env)
        if value is True:
            return False
        return True if value is False else value

    return ask
