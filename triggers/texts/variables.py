"""Which variables does a template read, where, and how are they written out?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import nodes

from triggers.texts.environment import LOOP_FIELDS
from triggers.texts.trees import children

ROOTS = frozenset({"event", "customer", "brand", "links", "count", "trigger", "language", "now"})


@dataclass(frozen=True, slots=True)
class Variable:
    """One path in a template. `filters` follow it in order; `optional`: it may be missing."""

    path: str
    line: int
    filters: tuple[str, ...] = ()
    optional: bool = False
    printed: bool = False


def dotted(node: nodes.Node) -> str | None:
    """`event.data.x` for the expression that says so; None for any other expression."""
    names: list[str] = []
    while isinstance(node, nodes.Getattr):
        names.append(node.attr)
        node = node.node
    if not isinstance(node, nodes.Name):
        return None
    return ".".join([node.name, *reversed(names)])


def variables(tree: nodes.Node) -> list[Variable]:
    """Every path of a template in the order written."""
    found: list[Variable] = []
    _walk(tree, found, filters=(), optional=False, printed=False)
    return found


def _walk(
    node: nodes.Node,
    found: list[Variable],
    *,
    filters: tuple[str, ...],
    optional: bool,
    printed: bool,
) -> None:
    path = dotted(node)
    if path is not None:
        if not isinstance(node, nodes.Name) or node.ctx == "load":
            found.append(Variable(path, node.lineno, filters, optional, printed))
        return
    if isinstance(node, nodes.Filter) and node.node is not None:
        may_miss = optional or node.name == "default"
        chain = (node.name, *filters)
        _walk(node.node, found, filters=chain, optional=may_miss, printed=printed)
        for argument in node.args:
            _walk(argument, found, filters=(), optional=False, printed=printed)
        return
    may_miss = isinstance(node, nodes.Test)
    in_output = isinstance(node, nodes.Output | nodes.CondExpr)
    for child in children(node):
        _walk(child, found, filters=(), optional=may_miss, printed=in_output)


def resolved(path: str, context: Mapping[str, Any]) -> Any:
    """The value of a path as templates see it; None where nothing stands."""
    value: Any = context
    for name in path.split("."):
        known = type(value) is dict or isinstance(value, Mapping)
        value = value.get(name) if known else None
    return value


def loop_field(path: str) -> bool:
    root, _, field = path.partition(".")
    return root == "loop" and field in LOOP_FIELDS
