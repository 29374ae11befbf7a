"""What does a condition's text say, before anybody asks whether it makes sense?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """A piece of the text, from `start` to before `end`; `depth` counts the nodes below it."""

    start: int
    end: int
    depth: int


@dataclass(frozen=True, slots=True)
class Literal(Node):
    value: str | float | bool | None


@dataclass(frozen=True, slots=True)
class Items(Node):
    """`["a", "b"]`."""

    values: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class PathNode(Node):
    path: str


@dataclass(frozen=True, slots=True)
class Call(Node):
    name: str
    values: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Sign(Node):
    """`-x` and `+x`."""

    sign: str
    value: Node


@dataclass(frozen=True, slots=True)
class Sum(Node):
    """`a + b` and every other reckoning of two values; `at` is where the sign stands."""

    sign: str
    left: Node
    right: Node
    at: int


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """`a < b <= c`: one sign fewer than there are values; `not in` is one sign."""

    values: tuple[Node, ...]
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    value: Node


@dataclass(frozen=True, slots=True)
class Joined(Node):
    """`a and b and c`, or the same with `or`."""

    word: str
    values: tuple[Node, ...]
