"""What would a condition answer if Python's own parser read it and nothing were compiled?"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

KINDS: dict[str, tuple[type, ...]] = {
    "event.data.total": (int, float),
    "event.data.paid": (int, float),
    "customer.age": (int, float),
    "event.data.name": (str,),
    "event.data.auto_renew": (bool,),
    "event.data.tags": (list,),
}
SIGNS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda item, values: item in values,
    ast.NotIn: lambda item, values: item not in values,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "lower": str.lower,
    "size": len,
    "starts_with": str.startswith,
    "ends_with": str.endswith,
    "contains": operator.contains,
}


def answer(text: str, facts: Mapping[str, Any]) -> bool | None:
    """True, False, or None for unknown; `facts` has the value of each path that has one."""
    found: bool | None = value(ast.parse(text, mode="eval").body, facts)
    return found


def value(node: ast.expr, facts: Mapping[str, Any]) -> Any:  # noqa: PLR0911 - one for each form
    match node:
        case ast.Constant(value=constant):
            return constant
        case ast.List(elts=elements):
            return [value(element, facts) for element in elements]
        case ast.Attribute():
            return fact(ast.unparse(node), facts)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = value(operand, facts)
            return None if inner is None else not inner
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = value(operand, facts)
            return None if inner is None else -inner
        case ast.BinOp(left=left, op=sign, right=right):
            return applied(SIGNS[type(sign)], value(left, facts), value(right, facts))
        case ast.BoolOp(op=word, values=values):
            return joined(word, [value(one, facts) for one in values])
        case ast.Compare(left=left, ops=signs, comparators=others):
            sides = [value(one, facts) for one in (left, *others)]
            pairs = zip(signs, sides, sides[1:], strict=False)
            return joined(ast.And(), [applied(SIGNS[type(s)], a, b) for s, a, b in pairs])
        case ast.Call(func=ast.Name(id="has"), args=[path]):
            return facts.get(ast.unparse(path)) is not None
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return applied(FUNCTIONS[name], *[value(one, facts) for one in arguments])
        case _:
            raise TypeError(ast.dump(node))


def fact(path: str, facts: Mapping[str, Any]) -> Any:
    found = facts.get(path)
    return fitting(found) if type(found) in KINDS[path] else None


def fitting(number: Any) -> Any:
    if type(number) is float and not math.isfinite(number):
        return None
    return None if type(number) is int and abs(number) > 2**63 else number


def applied(function: Callable[..., Any], *values: Any) -> Any:
    if None in values:
        return None
    try:
        return fitting(function(*values))
    except ZeroDivisionError:
        return None


def joined(word: ast.boolop, values: list[Any]) -> Any:
    decides = isinstance(word, ast.Or)
    if any(one is decides for one in values):
        return decides
    return None if None in values else not decides
