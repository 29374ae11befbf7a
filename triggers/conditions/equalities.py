"""Which texts must stand where, or else the whole cannot be true?"""

from __future__ import annotations

from collections.abc import Iterator

from triggers.conditions.syntax import Comparison, Items, Joined, Literal, Node, PathNode
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


def only_texts_at(tree: Node, path: str) -> frozenset[str] | None:
    """The texts of which one must stand at the path; None where the whole asks for none of them."""
    # of a whole that `or` joins no part must be true, so none of them keeps a text out
    parts = tree.values if isinstance(tree, Joined) and tree.word == "and" else (tree,)
    asked = [texts for part in parts if (texts := _texts_in(part, path)) is not None]
    return frozenset.intersection(*asked) if asked else None


def _texts_in(part: Node, path: str) -> frozenset[str] | None:
    """Of `path == "x"` and `path in ["x", "y"]`."""
    match part:
        case Comparison(
            values=(PathNode(path=asked), Literal(value=str(text)))
            | (Literal(value=str(text)), PathNode(path=asked)),
            signs=("==",),
        ) if asked == path:
            return frozenset((text,))
        case Comparison(values=(PathNode(path=asked), Items(values=items)), signs=("in",)) if (
            asked == path
        ):
            # a list whose values are no texts at all leaves no text that could stand there
            values = [one.value for one in items if isinstance(one, Literal)]
            return frozenset(value for value in values if isinstance(value, str))
        case _:
            return None
