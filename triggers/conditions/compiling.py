"""Does a condition's tree make sense in its scope, and which closures answer it?"""

from __future__ import annotations

from triggers.conditions.answers import Ask, all_of, any_of
from triggers.conditions.comparing import compared
from triggers.conditions.fields import reading
from triggers.conditions.functions import FUNCTIONS, INSTEAD, called
from triggers.conditions.literals import constantly
from triggers.conditions.membership import contained, literal_list
from triggers.conditions.reckoning import negative, reckoned
from triggers.conditions.syntax import (
    Call,
    Comparison,
    Items,
    Joined,
    Literal,
    Node,
    Not,
    PathNode,
    Sign,
    Sum,
)
from triggers.conditions.terms import Draft, Term, questioned
from triggers.kinds import Kind, kind_of
from triggers.mistakes import quoted
from triggers.shapes import PathUnknown


def compiled(draft: Draft, tree: Node) -> Term:
    """The whole as a question; what is wrong stands in the draft's mistakes."""
    return questioned(draft, _term(draft, tree))


def _term(draft: Draft, node: Node) -> Term:  # noqa: PLR0911 - one for each form
    match node:
        case Literal():
            return _literal(draft, node)
        case PathNode():
            return _path(draft, node)
        case Items():
            return literal_list(draft, node, [_term(draft, value) for value in node.values])
        case Call():
            return called(draft, node, [_term(draft, value) for value in node.values])
        case Sign():
            return negative(draft, node, _term(draft, node.value), node.sign)
        case Sum():
            return reckoned(draft, node, _term(draft, node.left), _term(draft, node.right))
        case Comparison():
            return _comparison(draft, node)
        case Not():
            return _not(draft, node)
        case Joined():
            return _joined(draft, node)
        case _:
            raise TypeError(f"no such node: {type(node).__name__}")


def _literal(draft: Draft, node: Literal) -> Term:
    kind = kind_of(node.value) or Kind.NULL
    return draft.term(node, kind, constantly(node.value), constant=node.value)


def _path(draft: Draft, node: PathNode) -> Term:
    try:
        shape = draft.scope.shape_of(node.path)
    except PathUnknown as error:
        if node.path in FUNCTIONS or node.path in INSTEAD:
            name = INSTEAD.get(node.path, node.path)
            return draft.refuse(node, f"{quoted(name)} is a function; write {name}(…)")
        return draft.refuse(node, str(error))
    draft.paths.add(node.path)
    ask = reading(node.path, shape.kinds)
    return draft.term(node, shape.kinds, ask, path=node.path, shape=shape)


def _comparison(draft: Draft, node: Comparison) -> Term:
    """A chain is all its pairs: `a < b <= c` is `a < b and b <= c`."""
    values = [_term(draft, value) for value in node.values]
    pairs = zip(node.signs, node.values, node.values[1:], values, values[1:], strict=False)
    links = []
    for sign, first, last, left, right in pairs:
        # a mistake in a chain is told of its own pair
        place = Node(first.start, last.end, 1) if len(node.signs) > 1 else node
        links.append(_link(draft, place, sign, left, right))
    return links[0] if len(links) == 1 else _all(draft, node, tuple(links))


def _link(draft: Draft, node: Node, sign: str, left: Term, right: Term) -> Term:
    if sign == "in":
        return contained(draft, node, left, right)
    if sign == "not in":
        return _denied(draft, node, contained(draft, node, left, right))
    return compared(draft, node, sign, left, right)


def _not(draft: Draft, node: Not) -> Term:
    return _denied(draft, node, questioned(draft, _term(draft, node.value)))


def _denied(draft: Draft, node: Node, asked: Term) -> Term:
    """Goes inside by De Morgan's rules, for `not (unknown and open)` may still become true."""
    if asked.broken or asked.deny is None:
        return draft.broken(node)
    return draft.question(node, asked.deny, (asked,), deny=asked.ask)


def _joined(draft: Draft, node: Joined) -> Term:
    parts = tuple(questioned(draft, _term(draft, value)) for value in node.values)
    return _all(draft, node, parts) if node.word == "and" else _any(draft, node, parts)


def _all(draft: Draft, node: Node, parts: tuple[Term, ...]) -> Term:
    return draft.question(node, all_of(_asks(parts)), parts, deny=any_of(_denials(parts)))


def _any(draft: Draft, node: Node, parts: tuple[Term, ...]) -> Term:
    return draft.question(node, any_of(_asks(parts)), parts, deny=all_of(_denials(parts)))


def _asks(parts: tuple[Term, ...]) -> list[Ask]:
    return [part.ask for part in parts]


def _denials(parts: tuple[Term, ...]) -> list[Ask]:
    return [part.deny for part in parts if part.deny is not None]
