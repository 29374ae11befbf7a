"""Why is something from outside not taken, and where in it does it say so?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from triggers.strict_json import pointer_to


class Kind(StrEnum):
    """What is refused: the form of it (400), or its content by our catalog (422)."""

    MALFORMED = "malformed"
    AGAINST_CATALOG = "against the catalog"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and the JSON pointer to where."""

    pointer: str
    detail: str


class Refusal(Exception):
    """An event is not taken, for all of these reasons."""

    def __init__(self, kind: Kind, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{one.pointer or '/'} {one.detail}" for one in problems))
        self.kind = kind
        self.problems = problems

    def within(self, *parts: str | int) -> Refusal:
        """The same, said of the place the event stands at, such as its index in a batch."""
        prefix = pointer_to(*parts)
        moved = (Problem(prefix + one.pointer, one.detail) for one in self.problems)
        return Refusal(self.kind, tuple(moved))
