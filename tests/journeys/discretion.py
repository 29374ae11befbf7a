"""What that is personal stands in a log, of everything that a journey was told and has said?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

SIGNS = 8
"""A text is looked for line by line; a shorter line, or one plain word, is in any log."""


def personal_in(logs: str, said: Iterable[str], names: Iterable[str] = ()) -> list[str]:
    """Those words of it, however they are written down: as they are, in JSON, or in an address."""
    told = logs.casefold()
    looked_for = {word for one in said for word in _words(one)} | set(names)
    return sorted(word for word in looked_for if any(form in told for form in _forms(word)))


def _words(said: str) -> Iterable[str]:
    number = re.fullmatch(r"\+?(\d{7,})", said)
    if number:
        return [number[1]]
    if "@" in said and " " not in said:
        return [said]
    lines = (line.strip() for line in said.splitlines())
    return [line for line in lines if (len(line) >= SIGNS and " " in line) or not line.isascii()]


def _forms(word: str) -> set[str]:
    written = {word, json.dumps(word)[1:-1], quote(word), quote_plus(word), ascii(word)[1:-1]}
    return {one.casefold() for one in written}
