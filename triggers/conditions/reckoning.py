"""What may be added, multiplied and negated, and what comes of it?"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from triggers.conditions.answers import UNKNOWN, Ask, of_two
from triggers.conditions.fields import bounded
from triggers.conditions.literals import constantly
from triggers.conditions.syntax import Node, Sum
from triggers.conditions.terms import NO_VALUE, Draft, Term, fitted
from triggers.conditions.times import apart, shifted
from triggers.kinds import MOMENT, Kind

_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
}


def reckoned(draft: Draft, node: Sum, left: Term, right: Term) -> Term:
    """Numbers with numbers, a time with a duration, or the time between two moments."""
    if left.broken or right.broken:
        return draft.broken(node)
    if Kind.NUMBER in left.kinds and Kind.NUMBER in right.kinds:
        left, right = fitted(left, Kind.NUMBER), fitted(right, Kind.NUMBER)
        ask = _numbers(_SIGNS[node.sign], left.ask, right.ask)
        return draft.term(node, Kind.NUMBER, ask, parts=(left, right))
    if node.sign in "+-" and left.kinds & MOMENT and right.kinds == Kind.DURATION:
        return _moved(draft, node, left, right)
    if node.sign == "+" and left.kinds == Kind.DURATION and right.kinds & MOMENT:
        return _moved(draft, node, right, left)
    if node.sign == "-" and left.kinds & MOMENT and right.kinds & MOMENT:
        left, right = fitted(left, MOMENT), fitted(right, MOMENT)
        return draft.term(node, Kind.GAP, apart(left.ask, right.ask), parts=(left, right))
    return draft.refuse(node, _misfit(node.sign, left, right), node.at + 1)


def negative(draft: Draft, node: Node, value: Term, sign: str) -> Term:
    """`-x` of a number or a duration; `+x` is x."""
    if value.broken or (sign == "+" and value.kinds in {Kind.NUMBER, Kind.DURATION}):
        return value
    if value.kinds == Kind.DURATION:
        turned = -value.constant
        return draft.term(node, Kind.DURATION, constantly(turned), constant=turned)
    if Kind.NUMBER not in value.kinds:
        return draft.refuse(node, f"{value.said} is {value.kinds}, {sign!r} needs a number")
    value = fitted(value, Kind.NUMBER)
    if value.constant is not NO_VALUE:
        turned = -value.constant if sign == "-" else value.constant
        return draft.term(node, Kind.NUMBER, constantly(turned), constant=turned)
    factor = -1 if sign == "-" else 1
    ask = _numbers(operator.mul, constantly(factor), value.ask)
    return draft.term(node, Kind.NUMBER, ask, parts=(value,))


def _moved(draft: Draft, node: Sum, moment: Term, duration: Term) -> Term:
    moment = fitted(moment, MOMENT)
    by = -duration.constant if node.sign == "-" else duration.constant
    ask = shifted(moment.ask, by)
    return draft.term(node, Kind.TIME, ask, parts=(moment, duration))


def _numbers(reckon: Callable[[Any, Any], Any], left: Ask, right: Ask) -> Ask:
    def result(one: Any, other: Any) -> Any:
        try:
            return bounded(reckon(one, other))
        # a division by nought is one field's fault: the condition goes on without the value
        except ArithmeticError:
            return UNKNOWN

    return of_two(result, left, right)


def _misfit(sign: str, left: Term, right: Term) -> str:
    said = f"{left.said} is {left.kinds} and {right.said} is {right.kinds}"
    both = left.kinds | right.kinds
    if Kind.DURATION in both and Kind.TEXT in both:
        return f"{said}; to make text a date, write date(…)"
    if Kind.TEXT in both and both & (MOMENT | Kind.GAP):
        return f'{said}; write duration("7d") for a length of time, date(…) for a date'
    return f"{said}; {sign!r} takes two numbers, or a time and a duration"
