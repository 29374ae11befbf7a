"""What do the tables say, made ready to be asked?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from triggers.replies.elsewhere import ELSEWHERE
from triggers.replies.english import ENGLISH
from triggers.replies.hebrew import HEBREW
from triggers.replies.letters import plain
from triggers.replies.meanings import Meaning
from triggers.replies.phrases import Phrases, read_phrases
from triggers.replies.table import Said, Table


@dataclass(frozen=True, slots=True)
class Language:
    """A table, read."""

    joined: Mapping[tuple[str, str], str]
    courtesies: frozenset[str]
    negations: frozenset[str]
    alone: Mapping[Meaning, Phrases]
    as_clause: Mapping[Meaning, Phrases]
    anywhere: Mapping[Meaning, Phrases]
    innocent: Phrases
    doubtful: Phrases
    doubtful_alone: Phrases
    near: frozenset[str]
    not_near: frozenset[str]
    words: frozenset[str]
    """All that any of the phrases is made of."""


def read_table(table: Table) -> Language:
    def read(text: str) -> Phrases:
        return read_phrases(text, table.families)

    def read_all(said: Said) -> dict[Meaning, Phrases]:
        return {meaning: read(text) for meaning, text in said.items()}

    alone, as_clause, anywhere = map(read_all, (table.alone, table.as_clause, table.anywhere))
    single = [read(text) for text in (table.innocent, table.doubtful, table.doubtful_alone)]
    courtesies, negations = _words(table.courtesies), _words(table.negations)
    phrases = [*alone.values(), *as_clause.values(), *anywhere.values(), *single]
    return Language(
        joined=_pairs(table.joined),
        courtesies=courtesies,
        negations=negations,
        alone=alone,
        as_clause=as_clause,
        anywhere=anywhere,
        innocent=single[0],
        doubtful=single[1],
        doubtful_alone=single[2],
        near=_words(table.near),
        not_near=_words(table.not_near),
        words=courtesies.union(negations, *(one.words for one in phrases)),
    )


def _words(text: str) -> frozenset[str]:
    return frozenset(map(plain, text.split()))


def _pairs(text: str) -> dict[tuple[str, str], str]:
    """`do not = dont`, parted by lines or semicolons."""
    lines = (line.split() for line in text.replace(";", "\n").splitlines() if line.strip())
    return {(plain(first), plain(second)): plain(one) for first, second, _, one in lines}


LANGUAGES = tuple(map(read_table, (ENGLISH, HEBREW, ELSEWHERE)))
WORDS: frozenset[str] = frozenset().union(*(language.words for language in LANGUAGES))
JOINED = {pair: one for language in LANGUAGES for pair, one in language.joined.items()}
COURTESIES: frozenset[str] = frozenset().union(*(one.courtesies for one in LANGUAGES))
NEGATIONS: frozenset[str] = frozenset().union(*(one.negations for one in LANGUAGES))
