"""How is a piece of another direction kept from disturbing the line it stands in?"""

from __future__ import annotations

from markupsafe import Markup

from triggers.texts.languages import Reader
from triggers.texts.values import Ready

LEFT_TO_RIGHT, FIRST_STRONG, POP = "\u2066", "\u2068", "\u2069"
RIGHT_TO_LEFT_LETTERS = ("\u0590", "\u08ff")


def ltr(text: str, reader: Reader) -> str:
    """Digits, dates, money, phones: always read from left to right."""
    if not reader.rtl:
        return Ready(text)
    if reader.html:
        return Markup('<bdi dir="ltr">{}</bdi>').format(text)
    return Ready(f"{LEFT_TO_RIGHT}{text}{POP}")


def own(text: str, reader: Reader) -> str:
    """A text of unknown direction, such as a name, in its own direction.

    In a left-to-right text only a value with right-to-left letters is marked: a mark in any
    other would make an English SMS more than twice as dear.
    """
    if reader.html:
        return Markup("<bdi>{}</bdi>").format(text)
    if reader.rtl or has_rtl(text):
        return Ready(f"{FIRST_STRONG}{text}{POP}")
    return Ready(text)


def has_rtl(text: str) -> bool:
    first, last = RIGHT_TO_LEFT_LETTERS
    return any(first <= char <= last for char in text)
