"""What is wrong with a condition's text, and at which column?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class ConditionMistake:
    """`column` counts the characters of the whole text from 1, a line's end as one of them."""

    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.column}: {self.message}"


class ConditionRefused(ValueError):
    """A condition's text cannot be used; `mistakes` has every reason, from left to right."""

    def __init__(self, mistakes: Iterable[ConditionMistake]) -> None:
        self.mistakes = tuple(sorted(set(mistakes)))
        super().__init__("; ".join(map(str, self.mistakes)))
