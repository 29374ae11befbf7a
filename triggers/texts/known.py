"""What do the schemas and the policy say of a variable in a text?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jinja2 import nodes

from triggers.definitions import Policy
from triggers.kinds import Kind
from triggers.mistakes import meant, quoted
from triggers.scopes import NOW
from triggers.shapes import ANY, PathUnknown, Scope, Shape
from triggers.surveys import ANSWER
from triggers.texts.environment import LOOP_FIELDS
from triggers.texts.trees import every
from triggers.texts.variables import dotted

EVERYWHERE = ("unsubscribe", "preferences")
GIVEN_LINKS = dict.fromkeys((*EVERYWHERE, ANSWER), "")
"""The links a caller gives, beside those of the policy; to answer there is a survey's alone."""

TEXT = Shape(Kind.TEXT)
OURS = {"trigger": TEXT, "language": TEXT, "now": NOW} | {
    f"loop.{name}": Shape(Kind.NUMBER) for name in LOOP_FIELDS
}


@dataclass(frozen=True, slots=True)
class Known:
    """The names of one text: `scopes` hold one for each trigger that sends it."""

    scopes: Sequence[Scope]
    policy: Policy
    loops: Mapping[str, str] = field(default_factory=dict)
    """A loop's name -> the path it goes over."""
    longest: int = 24
    """Characters of a long word: where a schema allows more, texts are measured with these."""

    @classmethod
    def of(cls, tree: nodes.Template, scopes: Sequence[Scope], policy: Policy) -> Known:
        loops = {
            loop.target.name: dotted(loop.iter) or ""
            for loop in every(tree, nodes.For)
            if isinstance(loop.target, nodes.Name)
        }
        return cls(scopes, policy, loops)

    def shapes(self, path: str) -> list[Shape]:
        """One for each trigger; PathUnknown when one of them does not give it."""
        root, _, name = path.partition(".")
        if path in OURS:
            return [OURS[path]]
        if root == "brand":
            return [_named(path, name, self.policy.brand)]
        if root == "links":
            return [_named(path, name, {**self.policy.links, **GIVEN_LINKS})]
        if root in self.loops:
            return [_below(_items(scope, self.loops[root]), path) for scope in self.scopes]
        return [scope.shape_of(path) for scope in self.scopes]


def _named(path: str, name: str, names: Mapping[str, object]) -> Shape:
    if name not in names:
        raise PathUnknown(f"there is no {quoted(path)}{meant(name, names)}")
    return TEXT


def _items(scope: Scope, path: str) -> Shape:
    return scope.shape_of(path).items or ANY


def _below(shape: Shape, path: str) -> Shape:
    for name in path.split(".")[1:]:
        inner = shape.get(name)
        if inner is None:
            raise PathUnknown(f"there is no {quoted(path)}")
        shape = inner
    return shape
