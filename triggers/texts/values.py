"""What may stand in a text: values cleaned of what could break or disguise it, or refused?"""

from __future__ import annotations

import re
from math import isfinite
from typing import Any

from jinja2 import Undefined
from markupsafe import Markup

from triggers.texts.failures import Unwritable

LONGEST = 500
"""Characters of one value; what is longer is cut with an ellipsis."""

HIDDEN = re.compile(r"[\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\ufeff\x7f-\x9f\ud800-\udfff]")
"""Marks that turn the reading direction around, interlinear marks, C1 controls, lone surrogates."""

BREAKS = re.compile(r"[\x00-\x20\u2028\u2029\x85]+")


class Ready(str):
    """A text that one of our own filters wrote: its isolation marks stay."""

    __slots__ = ()


def cleaned(text: str) -> str:
    """A value as one line of visible characters, no longer than LONGEST."""
    if len(text) > LONGEST:
        text = text[: LONGEST - 1] + "…"
    if text.isprintable():
        return text
    return BREAKS.sub(" ", HIDDEN.sub("", text))


def shown(value: Any) -> Any:
    """What `{{ value }}` puts into the text; Unwritable for what has no wording of its own."""
    kind = type(value)
    if kind is str:
        return cleaned(value)
    if kind is int or kind is Ready or kind is Markup:
        return value
    if kind is float:
        return number_text(value)
    if isinstance(value, Undefined):
        return str(value)
    raise Unwritable(value, "is not a text or a number")


def number_text(value: float) -> str:
    if not isfinite(value):
        raise Unwritable(value, "is not a number")
    return str(int(value)) if value.is_integer() else repr(value)


def worded(value: Any) -> str:
    """The text of a value on its way through a filter."""
    return str(shown(value))
