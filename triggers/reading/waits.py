"""How is a wait written: `1h`, `1d at 11:00`, `until 10:00`, `7d before PATH at 10:00`?"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from typing import TypeVar

from triggers.calendars.hours import parse_wall_time
from triggers.definitions import DateWait, ElapsedWait, UntilWait, Wait
from triggers.durations import Duration, NotADuration, TooLong, instead, parse_duration
from triggers.mistakes import meant, quoted
from triggers.paths import Path

FORMS = "1h, 1d at 11:00, until 10:00, or 7d before event.data.date at 10:00"
T = TypeVar("T")
_WORDS = ("before", "after", "at", "until")

FindDate = Callable[[str], Path]
"""The path of a date in the event; ValueError where there is none."""


class WaitRefused(ValueError):
    """`offset` is where in the text the mistake stands."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


@dataclass(slots=True)
class _Words:
    """The words of a wait, each with its offset, read from left to right."""

    text: str
    found: list[re.Match[str]]
    next: int = 0

    @property
    def word(self) -> str:
        return self.found[self.next][0] if self.next < len(self.found) else ""

    @property
    def after(self) -> str:
        """The word after the next one."""
        return self.found[self.next + 1][0] if self.next + 1 < len(self.found) else ""

    @property
    def offset(self) -> int:
        return self.found[self.next].start() if self.next < len(self.found) else len(self.text)

    def take(self, word: str) -> bool:
        taken = self.word == word
        if taken:
            self.next += 1
        return taken

    def refuse(self, message: str) -> WaitRefused:
        return WaitRefused(message, self.offset)


def parse_wait(text: str, find_date: FindDate) -> Wait:
    """WaitRefused with the offset of what is wrong."""
    words = _Words(text, list(re.finditer(r"\S+", text)))
    wait = _wait(words, find_date)
    if words.word:
        hint = meant(words.word, _WORDS) or f"; write {FORMS}"
        raise words.refuse(f"unexpected {quoted(words.word)}{hint}")
    return wait


def _wait(words: _Words, find_date: FindDate) -> Wait:
    if words.take("until"):
        return UntilWait(_time(words))
    length = _duration(words)
    if words.word not in ("before", "after"):
        return ElapsedWait(length, _at(words, length))
    before = words.take("before") or not words.take("after")
    path = _path(words, find_date)
    return DateWait(-length if before else length, before, path, _at(words, length))


def _duration(words: _Words) -> Duration:
    try:
        length = parse_duration(words.word)
    except TooLong as error:
        raise words.refuse(str(error)) from None
    except NotADuration:
        how = instead(f"{words.word} {words.after}") or instead(words.word) or FORMS
        hint = meant(words.word, _WORDS) or f"; write {how}"
        raise words.refuse(f"{quoted(words.word)} is not a duration{hint}") from None
    words.next += 1
    return length


def _at(words: _Words, length: Duration) -> time | None:
    if words.word != "at":
        return None
    if length.rest:
        raise words.refuse("a time of day goes with days and weeks only")
    words.next += 1
    return _time(words)


def _time(words: _Words) -> time:
    return _taken(words, parse_wall_time, "a time of day is missing, such as 10:00")


def _path(words: _Words, find_date: FindDate) -> Path:
    return _taken(words, find_date, "the path of a date is missing, such as event.data.date")


def _taken(words: _Words, read: Callable[[str], T], missing: str) -> T:
    """The next word, read; a ValueError's words are the mistake."""
    if not words.word:
        raise words.refuse(missing)
    try:
        found = read(words.word)
    except ValueError as error:
        raise words.refuse(str(error)) from None
    words.next += 1
    return found
