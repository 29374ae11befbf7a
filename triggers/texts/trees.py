"""What stands inside a node of a template's tree?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TypeVar

from jinja2 import nodes

N = TypeVar("N", bound=nodes.Node)
LEAVES = (nodes.TemplateData, nodes.Const, nodes.Name)


def children(node: nodes.Node) -> list[nodes.Node]:
    """The nodes directly inside. Jinja's own way takes five times as long, and each text of a
    configuration is walked several times."""
    found: list[nodes.Node] = []
    for name in _fields(type(node)):
        value = getattr(node, name, None)
        if isinstance(value, list):
            found += [item for item in value if isinstance(item, nodes.Node)]
        elif isinstance(value, nodes.Node):
            found.append(value)
    return found


def every(tree: nodes.Node, kind: type[N]) -> Iterator[N]:
    """All nodes of a kind below this one, in the order written."""
    for child in children(tree):
        if isinstance(child, kind):
            yield child
        yield from every(child, kind)


@cache
def _fields(kind: type[nodes.Node]) -> tuple[str, ...]:
    return () if issubclass(kind, LEAVES) else tuple(kind.fields)
