"""How many SMS segments does a text take, and in which alphabet?"""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED = frozenset("\f^{}\\[~]|€")
"""Each is written with an escape before it and so takes two places."""

GSM = GSM_BASIC | GSM_EXTENDED
GSM_ALONE, GSM_JOINED = 160, 153
UCS2_ALONE, UCS2_JOINED = 70, 67


def fits_gsm(text: str) -> bool:
    """One character outside the GSM alphabet makes the whole text UCS-2."""
    return GSM.issuperset(text)


def segments(text: str) -> int:
    """Segments of a text as carriers count them; an empty one still takes one."""
    if fits_gsm(text):
        return _gsm_segments(text)
    return ucs2_segments(text)


def ucs2_segments(text: str) -> int:
    """Counted in UTF-16 code units: an emoji is two, and is never cut in half between segments."""
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    if units <= UCS2_ALONE:
        return 1
    # without a character of two units there is none that a segment's end could push on
    if units == len(text):
        return ceil(units / UCS2_JOINED)
    return _filled((2 if ord(char) > 0xFFFF else 1 for char in text), UCS2_JOINED)


def _gsm_segments(text: str) -> int:
    extended = sum(map(text.count, GSM_EXTENDED))
    places = len(text) + extended
    if places <= GSM_ALONE:
        return 1
    if not extended:
        return ceil(places / GSM_JOINED)
    return _filled((2 if char in GSM_EXTENDED else 1 for char in text), GSM_JOINED)


def _filled(widths: Iterable[int], room: int) -> int:
    """A character of two places that no longer fits opens the next segment whole."""
    count, taken = 1, 0
    for width in widths:
        if taken + width > room:
            count, taken = count + 1, 0
        taken += width
    return count
