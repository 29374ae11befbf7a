"""Why did a condition answer what it answered: each part, its value, and what was missing?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from triggers.conditions.answers import OPEN, UNKNOWN, Answer, answer_of
from triggers.conditions.environment import Env
from triggers.conditions.terms import Term


@dataclass(frozen=True, slots=True)
class Explanation:
    """One part: `value` is what it yielded, `answer` what that says; None for a plain value.

    `unknown` and `open` are the paths in it that had no usable value, or that nobody knows yet.
    """

    text: str
    value: Any
    answer: Answer | None
    parts: tuple[Explanation, ...] = ()
    unknown: tuple[str, ...] = ()
    open: tuple[str, ...] = ()

    def lines(self, indent: str = "") -> Iterator[str]:
        """One line a part, for people."""
        shown = self.answer.value if self.answer else repr(self.value)
        yield f"{indent}{self.text}: {shown}"
        for part in self.parts:
            yield from part.lines(f"{indent}  ")


def explained(term: Term, env: Env) -> Explanation:
    value = term.ask(env)
    parts = tuple(explained(part, env) for part in term.parts)
    asked = term.deny is not None or isinstance(value, Answer)
    return Explanation(
        text=term.text,
        value=value,
        answer=answer_of(value) if asked else None,
        parts=parts,
        unknown=_paths(term, value is UNKNOWN, [part.unknown for part in parts]),
        open=_paths(term, value is OPEN, [part.open for part in parts]),
    )


def _paths(term: Term, own: bool, below: list[tuple[str, ...]]) -> tuple[str, ...]:
    found = dict.fromkeys(path for paths in below for path in paths)
    if own and term.path:
        found[term.path] = None
    return tuple(found)


def unknown_paths(term: Term, env: Env) -> Iterator[str]:
    """The paths that made the term unknown; where all are there and the reckoning failed, all."""
    value = term.ask(env)
    if value is not UNKNOWN and not (term.joined and value is OPEN):
        return
    if term.path and value is UNKNOWN:
        yield term.path
        return
    missing = [path for part in term.parts for path in unknown_paths(part, env)]
    if missing or value is OPEN:
        yield from missing
    else:
        yield from (path for part in term.parts for path in _read(part))


def _read(term: Term) -> Iterator[str]:
    if term.path:
        yield term.path
    for part in term.parts:
        yield from _read(part)
