"""Which two values may be compared, and what comes of it?"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from triggers.conditions.answers import UNKNOWN, Answer, Ask, of_two
from triggers.conditions.environment import Env
from triggers.conditions.literals import moment_literal, not_chosen
from triggers.conditions.presence import presence
from triggers.conditions.syntax import Node
from triggers.conditions.terms import NO_VALUE, Draft, Term, fitted
from triggers.conditions.times import shifted
from triggers.kinds import MOMENT, SCALAR, Kind, kind_of

Operator = Callable[[Any, Any], Any]
_SIGNS: dict[str, Operator] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_TURNED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_EQUALITY = ("==", "!=")
_STRETCH = Kind.GAP | Kind.DURATION


def compared(draft: Draft, node: Node, sign: str, left: Term, right: Term) -> Term:
    """One comparison as a question; a mistake where the two can never be compared."""
    if left.broken or right.broken:
        return draft.broken(node)
    if left.constant is None or right.constant is None:
        return _null(draft, node, sign, left, right)
    asked = left.said if left.joined else right.said if right.joined else None
    if asked:
        return draft.refuse(node, f"{asked} is a question; write 'and', 'or' or 'not (…)'")
    if left.kinds & _STRETCH or right.kinds & _STRETCH:
        return _stretches(draft, node, sign, left, right)
    if left.kinds & MOMENT or right.kinds & MOMENT:
        left, right = _as_moments(draft, left, right)
    if left.kinds & MOMENT and right.kinds & MOMENT:
        return _moments(draft, node, sign, fitted(left, MOMENT), fitted(right, MOMENT))
    return _scalars(draft, node, sign, left, right)


def _null(draft: Draft, node: Node, sign: str, left: Term, right: Term) -> Term:
    """`x == null` asks whether nothing stands at x: a missing field compares with nothing else."""
    value = right if left.constant is None else left
    if sign not in _EQUALITY or value.path is None:
        return draft.refuse(node, "null is no value; to ask whether one is there, write has(path)")
    there = presence(draft, node, value)
    if there.deny is None or there.broken or sign == "!=":
        return there
    return draft.question(node, there.deny, there.parts, deny=there.ask)


def _moments(draft: Draft, node: Node, sign: str, left: Term, right: Term) -> Term:
    if left.broken or right.broken:
        return draft.broken(node)
    return draft.question(node, of_two(_SIGNS[sign], left.ask, right.ask), (left, right))


def _as_moments(draft: Draft, left: Term, right: Term) -> tuple[Term, Term]:
    """A text literal beside a date is a date."""
    if isinstance(right.constant, str):
        return left, moment_literal(draft, right)
    if isinstance(left.constant, str):
        return moment_literal(draft, left), right
    return left, right


def _stretches(draft: Draft, node: Node, sign: str, left: Term, right: Term) -> Term:
    """Lengths of time. `a - b < 7d` is `a < b + 7d`: its days are the calendar's too."""
    if left.kinds == Kind.DURATION and right.kinds == Kind.GAP:
        left, right, sign = right, left, _TURNED[sign]
    if left.kinds == Kind.GAP and right.kinds == Kind.DURATION:
        # not as seconds: on the day of a clock change 7d are an hour more or less
        later, earlier = left.parts
        ask = of_two(_SIGNS[sign], later.ask, shifted(earlier.ask, right.constant))
        return draft.question(node, ask, (left, right))
    if left.kinds == right.kinds == Kind.GAP:
        return draft.question(node, of_two(_SIGNS[sign], left.ask, right.ask), (left, right))
    hint = 'compare the time between two moments with duration("7d")'
    return draft.refuse(node, f"{_said(left, right)}; {hint}")


def _scalars(draft: Draft, node: Node, sign: str, left: Term, right: Term) -> Term:
    common = left.kinds & right.kinds & SCALAR
    if sign not in _EQUALITY:
        common &= ~Kind.BOOLEAN
    if not common:
        return draft.refuse(node, _unlike(left, right))
    # a value that the schema never allows is a slip of the pen, and would be false for ever
    for value, literal in ((left, right), (right, left)):
        if literal.constant is not NO_VALUE and not_chosen(draft, value, literal.constant, literal):
            return draft.broken(node)
    left, right = fitted(left, common), fitted(right, common)
    if len(common) > 1:
        ask = of_two(_alike(_SIGNS[sign]), left.ask, right.ask)
    elif left.constant is not NO_VALUE and right.constant is NO_VALUE:
        ask = _with_literal(_TURNED[sign], right.ask, left.constant)
    elif right.constant is not NO_VALUE:
        ask = _with_literal(sign, left.ask, right.constant)
    else:
        ask = of_two(_SIGNS[sign], left.ask, right.ask)
    return draft.question(node, ask, (left, right))


def _said(left: Term, right: Term) -> str:
    return f"{left.said} is {left.kinds} and {right.said} is {right.kinds}"


def _unlike(left: Term, right: Term) -> str:
    said, both = _said(left, right), left.kinds | right.kinds
    if both & MOMENT and Kind.TEXT in both:
        return f"{said}; to make text a date, write date(…)"
    if left.kinds & right.kinds == Kind.BOOLEAN:
        return f"{said}; compare with '==' or '!='"
    if both & (Kind.LIST | Kind.OBJECT) and not both & ~(Kind.LIST | Kind.OBJECT | Kind.NULL):
        return f"{said}; ask contains(list, value) or size(list)"
    return f"{said}; compare values of one kind"


def _with_literal(sign: str, left: Ask, constant: Any) -> Ask:
    """The commonest comparison, with its own closures because it is asked of every event."""
    compare = _SIGNS[sign]

    def equal(env: Env) -> Any:
        value = left(env)
        return value if type(value) is Answer else value == constant

    def ask(env: Env) -> Any:
        value = left(env)
        return value if type(value) is Answer else compare(value, constant)

    return equal if sign == "==" else ask


def _alike(compare: Operator) -> Operator:
    """Where the kinds show only at run time: two of different kinds cannot be compared."""

    def alike(one: Any, other: Any) -> Any:
        return compare(one, other) if kind_of(one) is kind_of(other) else UNKNOWN

    return alike
