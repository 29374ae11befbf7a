"""What does an inbound text mean: stop, a person, an answer, or is it unclear?

English and Hebrew are read. Of other languages we know a few words that may refuse, and a text in
letters that we do not read may refuse as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from triggers.replies.guessing import REFUSALS, guessed
from triggers.replies.letters import Clause, clauses, plain, without_links
from triggers.replies.meanings import Meaning, Reply, Scale
from triggers.replies.numbers import read_number
from triggers.replies.phrases import Phrases
from triggers.replies.tables import LANGUAGES, NEGATIONS
from triggers.replies.words import meant, misspelt_refusal

NEGATION_REACHES = 3
"""Words: "I did not ask to unsubscribe" does not."""

REFUSING_SIGNS = frozenset("🛑⛔🚫✋🖐🖕❌🔕🔇🙅")


def understand(text: str, scale: Scale | None = None) -> Reply:
    """Read what somebody wrote back; `scale` is that of the survey which is open for him, if any.

    Takes time linear in the text's length and never raises. Nothing is kept of the text.
    """
    simple = plain(text)
    said = _meant(without_links(simple))
    found = {meaning for language_said in map(_said_by, said) for meaning in language_said}
    found = found or _said_alone(said)
    answer = read_number(simple, scale) if scale else None
    if answer is not None:
        found.add(Meaning.ANSWER)
    if Meaning.STOP in found:
        return _reply(found - {Meaning.START}, answer)
    may_refuse = answer is None and _may_refuse(_meant(simple), simple, found)
    if may_refuse:
        # what lifts a refusal must leave no doubt
        found.discard(Meaning.START)
    return _reply(found, answer, may_refuse=may_refuse)


def _meant(simple: str) -> list[Clause]:
    return [clause for clause in map(meant, clauses(simple)) if clause]


def _reply(found: set[Meaning], answer: int | None, *, may_refuse: bool = False) -> Reply:
    first, *others = [one for one in Meaning if one in found] or [Meaning.UNCLEAR]
    return Reply(first, tuple(others), answer, may_refuse)


def _said_by(clause: Clause) -> Iterator[Meaning]:
    """What one clause says, whatever stands beside it."""
    stops, innocent = _places(clause, Meaning.STOP), _innocent(clause)
    for language in LANGUAGES:
        for meaning, phrases in language.as_clause.items():
            if phrases.take_up(clause):
                yield meaning
        for meaning, phrases in language.anywhere.items():
            spared = _spared(meaning, stops, innocent)
            if any(_is_meant(place, clause, spared) for place in phrases.in_clause(clause)):
                yield meaning


def _spared(meaning: Meaning, stops: set[int], innocent: set[int]) -> set[int]:
    """The places that cannot say it: "stop to call me" asks for no call."""
    match meaning:
        case Meaning.STOP:
            return innocent
        case Meaning.START:  # "unsubscribed by mistake" is innocent, and more
            return set()
        case _:
            return innocent | stops


def _said_alone(said: Sequence[Clause]) -> set[Meaning]:
    """Words that mean it only where nothing else is said; several stop words are still nothing."""
    different = set(said)
    if len(different) == 1:
        [clause] = different
        found = {meaning for meaning, phrases in _alone() if phrases.take_up(clause)}
        if found:
            return found
    words = {word for clause in said for word in clause}
    return {Meaning.STOP} if words and all(map(_stops, words)) else set()


def _stops(word: str) -> bool:
    tables = [table for one in LANGUAGES for table in (one.alone, one.as_clause, one.anywhere)]
    return any(table[Meaning.STOP].take_up((word,)) for table in tables if Meaning.STOP in table)


def _alone() -> Iterator[tuple[Meaning, Phrases]]:
    for language in LANGUAGES:
        yield from language.alone.items()


def _is_meant(place: range, clause: Clause, harmless: set[int]) -> bool:
    before = clause[max(0, place.start - NEGATION_REACHES) : place.start]
    return harmless.isdisjoint(place) and NEGATIONS.isdisjoint(before)


def _innocent(clause: Clause) -> set[int]:
    """The places of words that would mean more, were they not part of an innocent phrase."""
    places = (place for one in LANGUAGES for place in one.innocent.in_clause(clause))
    return {index for place in places for index in place}


def _places(clause: Clause, meaning: Meaning) -> set[int]:
    tables = (one.anywhere[meaning] for one in LANGUAGES if meaning in one.anywhere)
    return {index for table in tables for place in table.in_clause(clause) for index in place}


def _may_refuse(said: Sequence[Clause], simple: str, found: set[Meaning]) -> bool:
    if not said:
        return not _has_letters(simple) and not REFUSING_SIGNS.isdisjoint(simple)
    if any(map(_is_doubtful, said)) or not _readable(simple):
        return True
    if Meaning.WRONG_NUMBER not in found and any(map(_is_misspelt, said)):
        return True
    different = set(said)
    if found or len(different) > 1:
        return False
    [clause] = different
    alone = any(language.doubtful_alone.take_up(clause) for language in LANGUAGES)
    return alone or (len(clause) == 1 and misspelt_refusal(clause[0]))


def _is_doubtful(clause: Clause) -> bool:
    # "cancel the removal" is no refusal
    harmless = _innocent(clause) | _places(clause, Meaning.START)
    return any(
        harmless.isdisjoint(place)
        for language in LANGUAGES
        for place in language.doubtful.in_clause(clause)
    )


def _is_misspelt(clause: Clause) -> bool:
    """A refusal, were it not for a letter or two; one word alone is judged apart."""
    guess = meant(guessed(clause))
    return len(guess) > 1 and guess != clause and not set(REFUSALS).isdisjoint(_said_by(guess))


def _has_letters(simple: str) -> bool:
    return any(map(str.isalnum, simple))


def _readable(simple: str) -> bool:
    """Somewhere in Latin or Hebrew letters, or in none."""
    letters = [one for one in simple if one.isalpha()]
    return not letters or any("a" <= one <= "z" or "א" <= one <= "ת" for one in letters)
