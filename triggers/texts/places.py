"""Which text does a template file hold: templates/<message>/<channel>.<language>.<ext>?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from triggers.mistakes import listed

ROOT = "templates"


class Part(StrEnum):
    """What a file is to its message; the value is how its name ends."""

    TEXT = "txt"
    HTML = "html"
    SUBJECT = "subject.txt"


PARTS: dict[str, tuple[Part, ...]] = {
    "sms": (Part.TEXT,),
    "email": (Part.SUBJECT, Part.TEXT, Part.HTML),
    "agent": (Part.TEXT,),
}
"""The parts a channel knows, in the order they are rendered."""

NEEDED: dict[str, tuple[Part, ...]] = {
    "sms": (Part.TEXT,),
    "email": (Part.SUBJECT, Part.TEXT),
    "agent": (Part.TEXT,),
}


@dataclass(frozen=True, slots=True)
class TextPlace:
    file: str
    message: str
    channel: str
    language: str
    part: Part


class Misplaced(ValueError):
    """The file's name does not say which text it holds; `word` is the piece we do not know.

    `known`: the words that may stand there.
    """

    def __init__(self, reason: str, word: str = "", known: Collection[str] = ()) -> None:
        super().__init__(reason)
        self.word = word
        self.known = known


@lru_cache(maxsize=8192)
def text_place(file: str) -> TextPlace:
    """Read the name of a file, with or without `templates/` before it; else Misplaced."""
    folders = file.split("/")
    if folders[0] == ROOT:
        del folders[0]
    if len(folders) != 2 or not folders[0]:
        raise Misplaced("a text is written at templates/<message>/<channel>.<language>.<ext>")
    message, name = folders
    channel, _, rest = name.partition(".")
    language, _, ending = rest.partition(".")
    if channel not in PARTS:
        raise Misplaced("its name does not begin with a channel", channel, PARTS)
    if not language:
        raise Misplaced(f"its name does not say the language, such as {channel}.he.txt")
    endings = [part.value for part in PARTS[channel]]
    if ending not in endings:
        wrong = f"the name of a text of {channel} ends in {listed(endings)}"
        raise Misplaced(wrong, ending, endings)
    return TextPlace(file, message, channel, language, Part(ending))
