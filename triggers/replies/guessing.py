"""Which refusal may somebody have meant who misspelt a word of it?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from triggers.replies.letters import Clause
from triggers.replies.meanings import Meaning
from triggers.replies.tables import LANGUAGES, WORDS

REFUSALS = (Meaning.STOP, Meaning.WRONG_NUMBER)
SHORTEST, LONGEST = 3, 20


def guessed(clause: Clause) -> Clause:
    """Every word that we do not know is the refusing word which is one mistake away, if any is."""
    return tuple(map(_guess, clause))


def _guess(word: str) -> str:
    if word in WORDS or word in _OTHERS or not SHORTEST <= len(word) <= LONGEST:
        return word
    near = {target for one in _shortened(word) for target in _REFUSING.get(one, ())}
    # where two are as near, the one as long as what was written: letters change places most
    return min(near, key=lambda one: (abs(len(one) - len(word)), one), default=word)


def _shortened(word: str) -> Iterator[str]:
    """The word, and it without each of its letters: two words one mistake apart share one."""
    yield word
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]


def _refusing() -> Iterator[str]:
    for language in LANGUAGES:
        for said in (language.as_clause, language.anywhere):
            for meaning in REFUSALS:
                if meaning in said:
                    yield from said[meaning].words


def _indexed() -> dict[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for word in _refusing():
        if len(word) > SHORTEST:
            for one in _shortened(word):
                found[one].add(word)
    return {one: frozenset(words) for one, words in found.items()}


_OTHERS: frozenset[str] = frozenset().union(*(language.not_near for language in LANGUAGES))
_REFUSING = _indexed()
