"""Which values may be missing when a text is printed, so that its message would be parked?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from jinja2 import nodes

from triggers.texts.links import PLACEHOLDER
from triggers.texts.trees import children
from triggers.texts.variables import dotted

ROOTS = ("event.", "customer.")


class Printed(NamedTuple):
    """A path whose value a text shows, by the word that shows it: itself, or a link's name."""

    path: str
    word: str
    line: int


def may_be_missing(
    tree: nodes.Template, given: AbstractSet[str], links: Mapping[str, str]
) -> Iterator[Printed]:
    """Each path that is printed though it may have no value; `given` ones always have one."""
    told: set[str] = set()
    for one in _printed(tree, given, links):
        if one.path not in told:
            told.add(one.path)
            yield one


def all_given(paths: Iterable[str], given: AbstractSet[str], links: Mapping[str, str]) -> bool:
    """Can none of the paths in a text be without a value, wherever in it they stand?"""
    return all(one in given for path in paths for one in _read(path, links))


def _printed(
    node: nodes.Node, given: AbstractSet[str], links: Mapping[str, str]
) -> Iterator[Printed]:
    path = dotted(node)
    if path is not None:
        read = (one for one in _read(path, links) if one not in given)
        yield from (Printed(one, path, node.lineno) for one in read)
        return
    match node:
        case nodes.Filter(name="default"):
            return
        case nodes.Test():
            return
        case nodes.If(test=test, body=body, elif_=others, else_=last):
            yield from _printed(test, given, links)
            inside = given | _asked(test)
            yield from _all(body, inside, links)
            yield from _all([*others, *last], given, links)
        case nodes.CondExpr(test=test, expr1=one, expr2=other):
            yield from _printed(test, given, links)
            yield from _printed(one, given | _asked(test), links)
            yield from _printed(other, given, links) if other is not None else ()
        case _:
            yield from _all(children(node), given, links)


def _all(
    parts: Iterable[nodes.Node], given: AbstractSet[str], links: Mapping[str, str]
) -> Iterator[Printed]:
    for part in parts:
        yield from _printed(part, given, links)


def _read(path: str, links: Mapping[str, str]) -> Iterator[str]:
    """The paths of the event and customer that it takes its value from."""
    if path.startswith(ROOTS):
        yield path
    elif path.startswith("links."):
        yield from PLACEHOLDER.findall(links.get(path.removeprefix("links."), ""))


def _asked(test: nodes.Node) -> frozenset[str]:
    """What `x is defined` has made sure of."""
    match test:
        case nodes.Test(name="defined", node=inner):
            path = dotted(inner)
            return frozenset({path} if path else ())
        case nodes.And(left=left, right=right):
            return _asked(left) | _asked(right)
        case _:
            return frozenset()
