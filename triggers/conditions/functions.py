"""Which functions may a condition call, with what, and what do they answer?"""

from __future__ import annotations

import operator
from collections.abc import Callable

from triggers.conditions.answers import of_one, of_two
from triggers.conditions.literals import constantly, moment_literal
from triggers.conditions.membership import contained
from triggers.conditions.presence import presence
from triggers.conditions.syntax import Call
from triggers.conditions.terms import Draft, Term, fitted
from triggers.conditions.times import days_until, read_date
from triggers.durations import NotADuration, parse_duration
from triggers.kinds import MOMENT, Kind
from triggers.mistakes import meant, quoted

Make = Callable[[Draft, Call, list[Term]], Term]
_SIZED = Kind.TEXT | Kind.LIST | Kind.OBJECT


def called(draft: Draft, node: Call, values: list[Term]) -> Term:
    """The call of a known function with as many values as it takes."""
    if node.name not in FUNCTIONS:
        return draft.refuse(node, _unknown(node))
    taken, make = FUNCTIONS[node.name]
    if len(values) != taken:
        said = "one value" if taken == 1 else "two values"
        return draft.refuse(node, f"{node.name} takes {said}, not {len(values)}")
    if any(value.broken for value in values):
        return draft.broken(node)
    return make(draft, node, values)


def _unknown(node: Call) -> str:
    value, dot, last = node.name.rpartition(".")
    name = INSTEAD.get(last, last)
    if dot:
        use = f"write {name}({value})" if name in FUNCTIONS else "a value has no methods"
        return f"{quoted(node.name)} is no function; {use}"
    if name in FUNCTIONS:
        return f"write {quoted(name)} instead of {quoted(last)}"
    return f"unknown function {quoted(last)}{meant(last, FUNCTIONS)}"


def _has(draft: Draft, node: Call, values: list[Term]) -> Term:
    return presence(draft, node, values[0])


def _date(draft: Draft, node: Call, values: list[Term]) -> Term:
    value = values[0]
    if isinstance(value.constant, str):
        literal = moment_literal(draft, value)
        return (
            draft.broken(node) if literal.broken else draft.term(node, literal.kinds, literal.ask)
        )
    if value.kinds & MOMENT:
        moment = fitted(value, MOMENT)
        return draft.term(node, moment.kinds & MOMENT, moment.ask, parts=(moment,))
    if not _takes(draft, node, value, Kind.TEXT):
        return draft.broken(node)
    value = fitted(value, Kind.TEXT)
    return draft.term(node, MOMENT, read_date(value.ask), parts=(value,))


def _duration(draft: Draft, node: Call, values: list[Term]) -> Term:
    written = values[0].constant
    if not isinstance(written, str):
        return draft.misfit(values[0], 'duration takes a literal: duration("7d")')
    try:
        length = parse_duration(written)
    except NotADuration as error:
        return draft.misfit(values[0], str(error))
    return draft.term(node, Kind.DURATION, constantly(length), constant=length)


def _days_until(draft: Draft, node: Call, values: list[Term]) -> Term:
    value = values[0]
    if isinstance(value.constant, str):
        value = moment_literal(draft, value)
    if not _takes(draft, node, value, MOMENT, "; to make text a date, write date(…)"):
        return draft.broken(node)
    # it reads the clock without naming it, and who asks for the roots must know
    draft.paths.add("now")
    value = fitted(value, MOMENT)
    return draft.term(node, Kind.NUMBER, days_until(value.ask), parts=(value,))


def _contains(draft: Draft, node: Call, values: list[Term]) -> Term:
    container, item = values
    if Kind.LIST in container.kinds and Kind.TEXT not in container.kinds:
        return contained(draft, node, item, container)
    if not _takes(draft, node, container, Kind.TEXT | Kind.LIST):
        return draft.broken(node)
    if Kind.LIST not in container.kinds or Kind.TEXT not in item.kinds:
        return _asked_of_texts(operator.contains)(draft, node, values)
    # only the value will show whether a piece of a text or an item of a list is asked for
    container, item = fitted(container, Kind.TEXT | Kind.LIST), fitted(item, Kind.TEXT)
    ask = of_two(operator.contains, container.ask, item.ask)
    return draft.question(node, ask, (container, item))


def _lower(draft: Draft, node: Call, values: list[Term]) -> Term:
    if not _takes(draft, node, values[0], Kind.TEXT):
        return draft.broken(node)
    value = fitted(values[0], Kind.TEXT)
    return draft.term(node, Kind.TEXT, of_one(str.lower, value.ask), parts=(value,))


def _size(draft: Draft, node: Call, values: list[Term]) -> Term:
    if not _takes(draft, node, values[0], _SIZED):
        return draft.broken(node)
    value = fitted(values[0], _SIZED)
    return draft.term(node, Kind.NUMBER, of_one(len, value.ask), parts=(value,))


def _asked_of_texts(question: Callable[[str, str], bool]) -> Make:
    def make(draft: Draft, node: Call, values: list[Term]) -> Term:
        fitting = [_takes(draft, node, value, Kind.TEXT) for value in values]
        if not all(fitting):
            return draft.broken(node)
        one, other = (fitted(value, Kind.TEXT) for value in values)
        return draft.question(node, of_two(question, one.ask, other.ask), (one, other))

    return make


def _takes(draft: Draft, node: Call, value: Term, kinds: Kind, hint: str = "") -> bool:
    if value.broken:
        return False
    if value.kinds & kinds and not value.joined:
        return True
    said = value.kinds if value.constant is not None else "null"
    draft.misfit(value, f"{node.name} takes {kinds}, {value.said} is {said}{hint}")
    return False


FUNCTIONS: dict[str, tuple[int, Make]] = {
    "has": (1, _has),
    "date": (1, _date),
    "duration": (1, _duration),
    "starts_with": (2, _asked_of_texts(str.startswith)),
    "ends_with": (2, _asked_of_texts(str.endswith)),
    "contains": (2, _contains),
    "lower": (1, _lower),
    "size": (1, _size),
    "days_until": (1, _days_until),
}
"""How many values each takes, and what makes its closure."""

INSTEAD = {
    "len": "size",
    "length": "size",
    "count": "size",
    "startswith": "starts_with",
    "startsWith": "starts_with",
    "endswith": "ends_with",
    "endsWith": "ends_with",
    "includes": "contains",
    "casefold": "lower",
    "lowercase": "lower",
    "upper": "lower",
    "exists": "has",
    "defined": "has",
    "datetime": "date",
    "timedelta": "duration",
}
"""What other languages call them."""
