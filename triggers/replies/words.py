"""Which words of the tables did somebody mean who stretched, joined or parted them?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from triggers.replies.letters import Clause, plain, squeezed
from triggers.replies.tables import COURTESIES, JOINED, LANGUAGES, WORDS

# "and" and "that" are a letter before a Hebrew word
HEBREW_PREFIXES = ("ו", "ש")
SHORT_WORDS = frozenset(map(plain, ("לא", "אל", "די")))
LONGEST_WORD = 30
# these stand anywhere and change nothing, other courtesies only at the ends
PLEASE = frozenset(map(plain, ("please", "pls", "plz", "kindly", "נא", "אנא", "בבקשה")))


def meant(clause: Clause) -> Clause:
    """The clause in words of the tables where they are near enough, without courtesy."""
    once = (word for word, _ in groupby(map(known, clause)) if word not in PLEASE)
    return _bare(tuple(word for word, _ in groupby(_joined(once))))


def known(word: str) -> str:
    """A word of the tables, if this is one with letters drawn out, or after "and" or "that"."""
    if word in WORDS or len(word) > LONGEST_WORD:
        return word
    for candidate in (*squeezed(word), *_without_prefix(word)):
        if candidate in WORDS:
            return candidate
    return word


def misspelt_refusal(word: str) -> bool:
    """One letter is wrong, missing, too many or in the wrong place; in a long word, two may be."""
    return any(
        _near(word, target)
        for language in LANGUAGES
        if word not in language.not_near and word not in language.words
        for target in language.near
    )


def _without_prefix(word: str) -> Iterator[str]:
    if word.startswith(HEBREW_PREFIXES) and (len(word) > 3 or word[1:] in SHORT_WORDS):
        yield word[1:]


def _joined(words: Iterable[str]) -> Iterator[str]:
    """Two words that the tables write as one."""
    waiting = ""
    for word in words:
        both = JOINED.get((waiting, word))
        if both is None and waiting:
            yield waiting
        waiting = both or word
    if waiting:
        yield waiting


def _bare(clause: Clause) -> Clause:
    start, end = 0, len(clause)
    while start < end and clause[start] in COURTESIES:
        start += 1
    while start < end and clause[end - 1] in COURTESIES:
        end -= 1
    return clause[start:end]


def _near(word: str, target: str) -> bool:
    allowed = 2 if len(target) >= 9 else 1
    if len(word) < 3 or abs(len(word) - len(target)) > allowed:
        return False
    return _distance(word, target) <= allowed


def _distance(word: str, target: str) -> int:
    """Edits between two short words, where two letters changed round are one edit."""
    before: list[int] = []
    last = list(range(len(target) + 1))
    for row, letter in enumerate(word, 1):
        now = [row]
        for column, other in enumerate(target, 1):
            cost = min(last[column] + 1, now[-1] + 1, last[column - 1] + (letter != other))
            if before and column > 1 and letter == target[column - 2] and word[row - 2] == other:
                cost = min(cost, before[column - 2] + 1)
            now.append(cost)
        before, last = last, now
    return last[-1]
