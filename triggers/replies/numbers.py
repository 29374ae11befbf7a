"""Which number of an open survey's scale does a text answer with?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from triggers.replies.letters import BREAKS, plain, squeezed
from triggers.replies.meanings import Scale

LONGEST_NUMBER = 4
LONGEST_WORD = 30

_WRITTEN = {
    0: "zero nil אפס",
    1: "one אחד אחת",
    2: "two שתיים שניים שתים שנים שתי",
    3: "three שלוש שלושה שלש שלשה",
    4: "four ארבע ארבעה",
    5: "five חמש חמישה חמשה",
    6: "six שש שישה ששה",
    7: "seven שבע שבעה",
    8: "eight שמונה שמנה",
    9: "nine תשע תשעה",
    10: "ten עשר עשרה",
}
NUMBERS = {plain(word): number for number, words in _WRITTEN.items() for word in words.split()}
OUT_OF = frozenset(map(plain, ("/", "of", "מתוך")))
SCORING = frozenset(
    plain(word)
    for word in """a the i we id ill would it you u give gave giving get gets rate rated rating
    score scored scores star stars point points grade mark number answer my our is its say out
    please pls thanks thank hi hello so much very definitely solid full only just about for
    נותן נותנת נתתי אני אנחנו מדרג מדרגת דירוג ציון הציון כוכב כוכבים נקודות נקודה לכם לך לו מגיע
    מספר תשובה התשובה שלי תודה רבה שלום היי בבקשה רק עם אתן אתם לשירות את""".split()
)
PRAISE = frozenset(
    plain(word)
    for word in """great good very excellent perfect amazing awesome super best nice fine service
    satisfied happy wonderful fantastic bad terrible awful poor worst disappointed unsatisfied the
    מעולה מצוין מצוינת מצויין טוב טובה מאוד מאד נהדר מושלם אלוף אלופים גרוע נורא זוועה מרוצה שירות
    השירות היה הייתה אדיב אדיבה מקצועי סבבה אחלה יפה חבל אכזבה""".split()
)
# what follows "4" here says why, and what it counts nowhere: "4 because", but "4 days"
REMARKS = frozenset(
    map(
        plain,
        "because bc cause coz but was you your it i we כי בגלל אבל הייתם היית היה הייתה אתם "
        "אני אנחנו חיכיתי חיכינו השירות הנציג הנציגה למרות".split(),
    )
)
STARS = frozenset("⭐★🌟✭✮🟊")


def read_number(simple: str, scale: Scale) -> int | None:
    """`simple` is a text made plain. No answer but one whole number of the scale: not "4 or 5"."""
    if not any(map(str.isalnum, simple)):
        return _within(sum(one in STARS for one in simple), scale)
    if any(map(_spoils, _neighbours(simple))):
        return None
    answer = _number_in(list(_tokens(simple)), scale)
    return _before_comment(simple, scale) if answer is None else answer


def _before_comment(simple: str, scale: Scale) -> int | None:
    """ "5. But I waited", "5 but I waited": what comes first, if no number is in the rest."""
    end = next((at for at, one in enumerate(simple) if one in BREAKS and one != "/"), len(simple))
    first, rest = list(_tokens(simple[:end])), list(_tokens(simple[end:]))
    remark = next((at for at, one in enumerate(first) if at and one in REMARKS), len(first))
    first, rest = first[:remark], first[remark:] + rest
    if any(word.isdecimal() or _number(word) is not None for word in rest):
        return None
    return _number_in(first, scale) if len(first) <= 4 else None


def _number_in(tokens: list[str], scale: Scale) -> int | None:
    numbers: list[int] = []
    for index, token in enumerate(tokens):
        number = _number(token)
        if number is not None:
            if numbers and index and tokens[index - 1] in OUT_OF:
                if number != scale.highest:
                    return None
                continue
            numbers.append(number)
        elif token not in OUT_OF and token not in SCORING and token not in PRAISE:
            return None
    if sum(token in OUT_OF for token in tokens) > 1:
        return None
    # "good one" praises and counts nothing
    if "one" in tokens and not PRAISE.isdisjoint(tokens):
        return None
    return _within(numbers[0], scale) if len(set(numbers)) == 1 else None


def _number(token: str) -> int | None:
    if token.isdecimal():
        return int(token) if len(token) <= LONGEST_NUMBER else None
    if len(token) > LONGEST_WORD:
        return None
    return next((NUMBERS[one] for one in (token, *squeezed(token)) if one in NUMBERS), None)


def _within(number: int, scale: Scale) -> int | None:
    return number if number in scale else None


def _tokens(simple: str) -> Iterator[str]:
    """Runs of digits, runs of letters and slashes: 5stars is two."""
    for kind, run in groupby(simple, _kind):
        if kind:
            yield "".join(run)


def _kind(character: str) -> str:
    if character.isdecimal():
        return "digit"
    if character.isalnum():
        return "letter"
    return "/" if character == "/" else ""


def _neighbours(simple: str) -> Iterator[tuple[str, str, str]]:
    return zip(" " + simple, simple, simple[1:] + " ", strict=False)


def _spoils(three: tuple[str, str, str]) -> bool:
    """A sign that makes another number of it: 4.5, 4-5, 10:30, -5, 50%, $5."""
    before, sign, after = three
    if sign.isalnum() or sign.isspace():
        return False
    if sign in "%$€£₪¥":
        return True
    if sign in ".,:-‐–—−" and before.isdecimal() and after.isdecimal():
        return True
    return sign in "-‐−" and after.isdecimal() and not before.isalnum()
