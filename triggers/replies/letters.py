"""Which words does a text hold, however it is decorated?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby

Clause = tuple[str, ...]

# dropped rather than parted at: a quote and an apostrophe stand inside don't and צ׳ק
QUOTES = frozenset("'\"`´‘’‚‛“”„‟«»‹›׳״ʼ′″")
# letters by their category, yet nothing is seen
INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0")
BREAKS = frozenset(".,;:!?…()[]{}|/\n\r\v\f\x85\u2028\u2029–—―׃،؛؟。、¡¿")
DASHES = frozenset("-‐−")

_LINK = re.compile(r"(?:https?:/|\bwww\.)\S+")

_OTHER_FORMS = {
    **dict(zip("ךםןףץ", "כמנפצ", strict=True)),
    "ײ": "יי",
    "װ": "וו",
    "ױ": "וי",
    "🔟": "10",
}
# 5² is not 52, and half is not 1 and 2
_SMALL_NUMBERS = ("<super>", "<sub>", "<fraction>")


def plain(text: str) -> str:
    """In lower case and simple letters: no marks, nikud, quotes, final letters, wide digits."""
    return "".join(map(_plain_character, text))


def without_links(plain_text: str) -> str:
    """An address says nothing, whatever words are in it."""
    return _LINK.sub(" . ", plain_text)


def clauses(plain_text: str) -> list[Clause]:
    """The words between two breaks, of all that holds words; letters written apart are joined."""
    found: list[Clause] = []
    words: list[str] = []
    for piece in _parted(plain_text):
        if piece:
            words.append(piece)
        elif words:
            found.append(tuple(words))
            words = []
    return _spelled_out(found) or found


def squeezed(word: str) -> Iterator[str]:
    """Sooooo: three equal letters or more are one, or two; two are how the word is written."""
    runs = [(letter, len(list(run))) for letter, run in groupby(word)]
    if max(length for _, length in runs) >= 3:
        for most in (1, 2):
            yield "".join(one * (length if length < 3 else most) for one, length in runs)


@lru_cache(maxsize=1024)
def _plain_character(character: str) -> str:
    if character.isascii():
        return "" if character in QUOTES else character.lower()
    if character.isnumeric() and not character.isalpha():
        return _plain_number(character)
    # one at a time: ordering the marks of a long hostile text as a whole takes quadratic time
    whole = unicodedata.normalize("NFKD", "" if character in QUOTES else character.casefold())
    return "".join(_OTHER_FORMS.get(one, one) for one in whole.casefold() if not _is_dropped(one))


def _plain_number(character: str) -> str:
    if unicodedata.decomposition(character).startswith(_SMALL_NUMBERS):
        return character
    if character.isdigit():
        return str(unicodedata.digit(character))
    return unicodedata.normalize("NFKD", character).casefold()


def _is_dropped(character: str) -> bool:
    return character in QUOTES or character in INVISIBLE or _is_decoration(character)


def _is_decoration(character: str) -> bool:
    """Marks, and what only steers the direction or the joining of letters."""
    return unicodedata.category(character) in ("Mn", "Mc", "Me", "Cf")


def _parted(text: str) -> list[str]:
    """Words, and an empty one at each break."""
    pieces: list[str] = []
    start = 0
    for end, character in enumerate(text):
        if character.isalnum():
            continue
        if start < end:
            pieces.append(text[start:end])
        start = end + 1
        if character in BREAKS or (character in DASHES and _stands_alone(text, end)):
            pieces.append("")
    return [*pieces, text[start:], ""]


def _stands_alone(text: str, index: int) -> bool:
    return text[index - 1 : index].isspace() and text[index + 1 : index + 2].isspace()


def _spelled_out(found: list[Clause]) -> list[Clause]:
    """S.T.O.P. is one word; so is S T O P."""
    letters = [word for clause in found for word in clause]
    if len(letters) < 2 or any(len(word) > 1 or word.isdigit() for word in letters):
        return []
    return [("".join(letters),)]
