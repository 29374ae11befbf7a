"""What did a condition say, part by part, and which of its parts decided it?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from triggers.conditions import Answer, Condition, Env, Explanation
from triggers.definitions import Place
from triggers.explaining.told import Asked, Part

HIDDEN = "•••"
_PERSONAL = ("customer.phone", "customer.email")
"""Who asks why has no need of these: that a value stands there is enough."""
_PATH = re.compile(r"[a-z]+(\.\w+)+|now")


def asked(word: str, condition: Condition, env: Env, place: Place | None = None) -> Asked:
    whole = condition.explain(env)
    answer = whole.answer or Answer.UNKNOWN
    return Asked(
        word=word,
        text=whole.text,
        answer=answer.value,
        parts=tuple(map(_part, whole.parts)),
        unknown=tuple(dict.fromkeys((*condition.unknown_fields(env), *whole.unknown))),
        open=whole.open,
        place=place,
    )


def _part(one: Explanation) -> Part:
    value = one.value.value if isinstance(one.value, Answer) else one.value
    return Part(
        text=one.text,
        value=HIDDEN if one.text in _PERSONAL and value not in (None, "unknown") else value,
        answer=one.answer.value if one.answer else None,
        parts=tuple(map(_part, one.parts)),
    )


def decisive(whole: Asked) -> Iterator[Part]:
    """The smallest parts that made the whole what it is; itself, where no part did alone."""
    value = {"yes": True, "no": False}.get(whole.answer, whole.answer)
    yield from _smallest(Part(whole.text, value, whole.answer, whole.parts))


def _smallest(part: Part) -> Iterator[Part]:
    alike = [one for one in part.parts if one.answer == part.answer and not is_path(one.text)]
    if not alike:
        yield part
    for one in alike:
        yield from _smallest(one)


def is_path(text: str) -> bool:
    return _PATH.fullmatch(text) is not None


def values_in(part: Part) -> Iterator[tuple[str, Any]]:
    """Each path in it, and what stood there."""
    if is_path(part.text):
        yield part.text, part.value
    for one in part.parts:
        yield from values_in(one)
