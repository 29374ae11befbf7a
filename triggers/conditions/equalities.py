"""Which texts must stand where, or else the whole cannot be true?"""

from __future__ import annotations

from collections.abc import Iterator

from triggers.conditions.syntax import Comparison, Joined, Literal, Node, PathNode
from triggers.kinds import Kind
from triggers.shapes import Scope

_TEXT = Kind.TEXT | Kind.NULL


def required_texts(tree: Node, scope: Scope) -> Iterator[tuple[str, str]]:
    """`(path, text)` of each `path == "text"` that the whole is joined to by `and`.

    Only where the schema says that nothing but text stands there: a date has two spellings.
    """
    match tree:
        case Joined(word="and", values=values):
            for value in values:
                yield from required_texts(value, scope)
        case Comparison(
            values=(PathNode(path=path), Literal(value=str(text)))
            | (Literal(value=str(text)), PathNode(path=path)),
            signs=("==",),
        ):
            if not scope.shape_of(path).kinds & ~_TEXT:
                yield path, text
        case _:
            return
