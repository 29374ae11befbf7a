"""What stands inside a node of a template's tree?"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TypeVar

from jinja2 import nodes

N = TypeVar("N", bound=nodes.Node)
LEAVES = (nodes.TemplateData, nodes.Const, nodes.Name)
WORDS = frozenset({"attr", "ctx", "name", "op", "recursive"})
"""Fields that hold no node in any kind."""


def children(node: nodes.Node) -> list[nodes.Node]:
    """The nodes directly inside. Jinja's own way takes five times as long, and each text of a
    configuration is walked several times."""
    found: list[nodes.Node] = []
    for name in _fields(type(node)):
        value = getattr(node, name, None)
        if isinstance(value, nodes.Node):
            found.append(value)
        elif value and isinstance(value, list):
            found += [item for item in value if isinstance(item, nodes.Node)]
    return found


def every(tree: nodes.Node, kind: type[N]) -> list[N]:
    """All nodes of a kind below this one, in the order written."""
    return [node for node in _below(tree) if isinstance(node, kind)]


@lru_cache(maxsize=4)
def _below(tree: nodes.Node) -> tuple[nodes.Node, ...]:
    """A text in hand is asked for several kinds, one after the other."""
    found: list[nodes.Node] = []
    waiting = children(tree)[::-1]
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting += reversed(children(node))
    return tuple(found)


@cache
def _fields(kind: type[nodes.Node]) -> tuple[str, ...]:
    if issubclass(kind, LEAVES):
        return ()
    return tuple(name for name in kind.fields if name not in WORDS)
