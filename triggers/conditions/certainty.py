"""Without which values would a condition not hold?"""

from __future__ import annotations

from triggers.conditions.syntax import (
    Call,
    Comparison,
    Joined,
    Node,
    Not,
    PathNode,
    Sign,
    Sum,
)

NOTHING: frozenset[str] = frozenset()


def certain_paths(tree: Node) -> frozenset[str]:
    """The paths at which a value stands whenever the whole is true: what is unknown never is."""
    match tree:
        case Joined(word="and", values=values):
            return frozenset().union(*map(certain_paths, values))
        case Joined(values=values):
            return frozenset.intersection(*map(certain_paths, values))
        case Not(value=PathNode() | Comparison() as asked):
            return _read(asked)
        case Not():
            return NOTHING
        case Call(name="has", values=values):
            return frozenset().union(*map(_read, values))
        case _:
            return _read(tree)


def _read(node: Node) -> frozenset[str]:
    """The paths whose values it needs to be true or false."""
    match node:
        case PathNode(path=path):
            return frozenset((path,))
        case Comparison(values=values):
            return frozenset().union(*map(_read, values))
        case Sum(left=left, right=right):
            return _read(left) | _read(right)
        case Sign(value=value):
            return _read(value)
        case Call(name=name, values=values) if name != "has":
            return frozenset().union(*map(_read, values))
        case _:
            return NOTHING
