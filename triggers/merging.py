"""How are two trees made one, where many branches of each lead to the same place?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Merging(Generic[T]):
    """Merges each pair once.

    References share what they lead to: the same pair comes back on every way that leads to it, and
    the ways double with each step. `way` merges two, and is given this to merge what is below them.
    """

    def __init__(self, way: Callable[[T, T, Callable[[T, T], T]], T]) -> None:
        self._way = way
        self._known: dict[tuple[int, int], T] = {}

    def __call__(self, one: T, other: T) -> T:
        pair = id(one), id(other)
        if pair not in self._known:
            self._known[pair] = self._way(one, other, self)
        return self._known[pair]
