"""Where in a clause does a phrase of the tables stand?

A phrase is words; `a/b` is either, `a?` may be missing, `a*` may come up to four times, `<name>` is
a family of words, `_` is any one word, `^` is the clause's beginning and `$` its end. A line
that ends in `/` goes on in the next. What may be missing is taken where
it stands and never given back, so that no text makes the search slow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from triggers.replies.letters import Clause, plain

MOST_REPEATED = 4
ANY = "_"


@dataclass(frozen=True, slots=True)
class Slot:
    words: frozenset[str]
    least: int
    most: int
    anything: bool = False

    def takes(self, word: str) -> bool:
        return self.anything or word in self.words


@dataclass(frozen=True, slots=True)
class Phrase:
    slots: tuple[Slot, ...]
    at_start: bool
    at_end: bool

    @property
    def first_words(self) -> frozenset[str]:
        """All that it may begin with: up to the first word that may not be missing."""
        needed = next(index for index, slot in enumerate(self.slots) if slot.least)
        return frozenset().union(*(slot.words for slot in self.slots[: needed + 1]))

    def end_in(self, clause: Clause, start: int) -> int | None:
        """The index past its last word, if it stands at `start`."""
        if self.at_start and start:
            return None
        place = start
        for slot in self.slots:
            taken = 0
            while taken < slot.most and place < len(clause) and slot.takes(clause[place]):
                place += 1
                taken += 1
            if taken < slot.least:
                return None
        return None if self.at_end and place < len(clause) else place


class Phrases:
    """Many of them, found by their first word."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._by_first: dict[str, list[Phrase]] = {}
        self.words: frozenset[str] = frozenset()
        for phrase in phrases:
            self.words |= frozenset().union(*(slot.words for slot in phrase.slots))
            for word in phrase.first_words:
                self._by_first.setdefault(word, []).append(phrase)

    def in_clause(self, clause: Clause) -> Iterator[range]:
        """The places of all that stand in it; some may overlap."""
        for start, word in enumerate(clause):
            for phrase in self._by_first.get(word, ()):
                end = phrase.end_in(clause, start)
                if end is not None:
                    yield range(start, end)

    def take_up(self, clause: Clause) -> bool:
        """One of them is the whole clause."""
        phrases = self._by_first.get(clause[0], ())
        return any(phrase.end_in(clause, 0) == len(clause) for phrase in phrases)


def read_phrases(table: str, families: Mapping[str, str]) -> Phrases:
    """One phrase a line. Words are made plain here, so that a table is written as people write."""
    lines = re.sub(r"/\n\s*", "/", table).splitlines()
    return Phrases(_phrase(line, families) for line in lines if line.strip())


def _phrase(line: str, families: Mapping[str, str]) -> Phrase:
    parts = line.split()
    inner = [part for part in parts if part not in ("^", "$")]
    slots = tuple(_slot(part, families) for part in inner)
    return Phrase(slots, parts[0] == "^", parts[-1] == "$")


def _slot(part: str, families: Mapping[str, str]) -> Slot:
    least = 0 if part[-1] in "?*" else 1
    most = MOST_REPEATED if part[-1] == "*" else 1
    if part == ANY:
        return Slot(frozenset(), 1, 1, anything=True)
    words: set[str] = set()
    for word in part.rstrip("?*").split("/"):
        named = families[word[1:-1]].split() if word.startswith("<") else [word]
        words.update(map(plain, named))
    return Slot(frozenset(words), least, most)
