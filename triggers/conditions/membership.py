"""Is a value one of a list's?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

from triggers.conditions.answers import Ask, any_of, of_one, of_two
from triggers.conditions.comparing import compared
from triggers.conditions.literals import constantly, not_chosen
from triggers.conditions.syntax import Node
from triggers.conditions.terms import NO_VALUE, Draft, Term, fitted
from triggers.kinds import MOMENT, SCALAR, Kind, kind_of


def contained(draft: Draft, node: Node, item: Term, container: Term) -> Term:
    """`item in container`, where the container is a literal list or a path to a list."""
    if item.broken or container.broken:
        return draft.broken(node)
    if Kind.LIST not in container.kinds:
        hint = "; ask contains(text, piece)" if Kind.TEXT in container.kinds else ""
        return draft.refuse(node, f"{container.said} is {container.kinds}, not a list{hint}")
    if item.joined or item.constant is None:
        return draft.refuse(node, f"{item.said} is no value that a list could hold")
    if container.constant is NO_VALUE:
        return _in_path(draft, node, item, fitted(container, Kind.LIST))
    if item.kinds & MOMENT:
        return _in_dates(draft, node, item, container)
    return _in_literals(draft, node, item, container)


def _in_path(draft: Draft, node: Node, item: Term, container: Term) -> Term:
    items = container.shape.items
    held = (items.kinds if items else SCALAR) & SCALAR
    kinds = item.kinds & SCALAR & held
    if not kinds:
        said = f"{item.said} is {item.kinds}"
        return draft.refuse(node, f"{said}, the list {container.said} holds {held or 'no values'}")
    if items and item.constant is not NO_VALUE:
        inside = replace(container, shape=items, text=f"a value of {container.said}")
        if not_chosen(draft, inside, item.constant, item):
            return draft.broken(node)
    item = fitted(item, kinds)
    return draft.question(node, of_two(_found, item.ask, container.ask), (item, container))


def _in_dates(draft: Draft, node: Node, item: Term, container: Term) -> Term:
    days = [
        replace(container, text=repr(value), constant=value, kinds=kind_of(value) or Kind.NULL)
        for value in container.constant
    ]
    questions = [compared(draft, node, "==", item, day) for day in days]
    if any(question.broken for question in questions):
        return draft.broken(node)
    parts = (fitted(item, MOMENT), container)
    return draft.question(node, any_of([question.ask for question in questions]), parts)


def _in_literals(draft: Draft, node: Node, item: Term, container: Term) -> Term:
    values = container.constant
    for value in values:
        kind = kind_of(value) or Kind.NULL
        if kind not in item.kinds:
            said = f"{item.said} is {item.kinds}, and the list holds {kind}"
            return draft.refuse(node, f"{said}; a list holds values of the kind asked for")
        if not_chosen(draft, item, value, container):
            return draft.broken(node)
    kinds = reduce(Kind.__or__, (kind_of(value) or Kind.NULL for value in values))
    item = fitted(item, kinds)
    listed = _listed(item.ask, values) if len(kinds) == 1 else _listed_by_kind(item.ask, values)
    return draft.question(node, listed, (item, container))


def _listed(item: Ask, values: tuple[Any, ...]) -> Ask:
    return of_one(frozenset(values).__contains__, item)


def _listed_by_kind(item: Ask, values: tuple[Any, ...]) -> Ask:
    # in Python 1 and true are one value
    known = frozenset((kind_of(value), value) for value in values)
    return of_one(lambda value: (kind_of(value), value) in known, item)


def _found(value: Any, values: Sequence[Any]) -> bool:
    kind = kind_of(value)
    return any(kind_of(one) is kind and one == value for one in values)


def literal_list(draft: Draft, node: Node, values: list[Term]) -> Term:
    """`["a", "b"]`: literals only, and at least one."""
    if any(value.broken for value in values):
        return draft.broken(node)
    odd = [value for value in values if type(value.constant) not in (str, int, float, bool)]
    if odd:
        hint = "write x == a or x == b for other values, has(path) for null"
        return draft.misfit(odd[0], f"a list holds texts, numbers, true and false; {hint}")
    if not values:
        return draft.refuse(node, "the list is empty; nothing is ever in it")
    constant = tuple(value.constant for value in values)
    return draft.term(node, Kind.LIST, constantly(constant), constant=constant)
