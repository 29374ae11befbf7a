"""Which line breaks of a template does its reader see, and which are only layout?"""

from __future__ import annotations

import re
from collections.abc import Iterator

_OPENS = re.compile(r"\{[%#{]")
_CLOSES = {"{%": "%}", "{#": "#}", "{{": "}}"}
_BREAK = re.compile(r"\r\n|\r|\n")
_SETTLED = ("+", "-")
"""What an author writes before a tag's end to decide for himself."""


def with_breaks(source: str) -> str:
    """The template with each break kept that ends a line of words; its lines stay where they are.

    Jinja would swallow the break after any tag: right for a tag that stands alone on its line,
    but after `Hello{% if … %} Dana{% endif %}` the next line would stick to this one.
    """
    # what only prints swallows no break, and most texts only print
    tagged = "{%" in source or "{#" in source
    return "".join(_pieces(source)) if tagged else source


def _pieces(source: str) -> Iterator[str]:
    end, worded = 0, False
    while found := _OPENS.search(source, end):
        words = source[end : found.start()]
        worded = _worded(words, worded)
        close = source.find(_CLOSES[found[0]], found.end())
        if close < 0:
            break
        yield words
        yield source[found.start() : close]
        end = close + 2
        if found[0] == "{{":
            worded = True
        elif worded and _BREAK.match(source, end) and source[close - 1] not in _SETTLED:
            yield "+"
        yield source[close:end]
    yield source[end:]


def _worded(words: str, before: bool) -> bool:
    """Do words stand on the line that these end in?"""
    *above, last = _BREAK.split(words)
    return bool(last.strip()) or (before and not above)
