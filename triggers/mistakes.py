"""What is wrong with the configuration, where exactly, and what was probably meant?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

LONGEST_QUOTE = 60


class Severity(StrEnum):
    """An error refuses the configuration; a warning is only told."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing to mend. Lines and columns count from 1, as editors do."""

    file: str
    line: int
    column: int
    message: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        mark = "warning: " if self.severity is Severity.WARNING else ""
        return f"{self.file}:{self.line}:{self.column}: {mark}{self.message}"


def quoted(text: object) -> str:
    """A piece of somebody's file inside a message: on one line and not too long."""
    shown = str(text)
    if len(shown) > LONGEST_QUOTE:
        shown = shown[: LONGEST_QUOTE - 1] + "…"
    inner = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in shown)
    return f"'{inner}'"


def meant(word: str, known: Iterable[str]) -> str:
    """`, did you mean 'x'?` when one of the known words is close, else nothing."""
    words = list(known)
    same = [one for one in words if one != word and one.lower() == word.lower()]
    close = same or get_close_matches(word[:100], words, n=1, cutoff=0.6)
    return f", did you mean {quoted(close[0])}?" if close else ""


def listed(words: Iterable[str]) -> str:
    """`a, b or c`."""
    *others, last = list(words)
    return f"{', '.join(others)} or {last}" if others else last
