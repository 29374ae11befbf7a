"""What stands at `event.data.plan_id` in an event?"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from triggers.envelope import Envelope
from triggers.events import Event

LONGEST_KEY = 200
"""Characters; a database's index holds no more than a few thousand bytes."""


@dataclass(frozen=True, slots=True)
class Path:
    """A path into an event, such as `event.data.plan_id`; `parts` are its words after `event`."""

    text: str
    parts: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Path:
        """ValueError unless the text is `event.` and words joined by dots."""
        head, *parts = text.strip().split(".")
        if head != "event" or not parts or not all(part.isidentifier() for part in parts):
            raise ValueError(f"{text!r} is not a path into the event, such as event.data.id")
        return cls(text.strip(), tuple(parts))

    def read(self, event: Event | Envelope) -> Any:
        """The value there, or None where nothing stands."""
        value: Any = getattr(event, self.parts[0], None)
        for part in self.parts[1:]:
            if type(value) is not dict and not isinstance(value, Mapping):
                return None
            value = value.get(part)
        return value

    def key(self, event: Event | Envelope) -> str | None:
        """The value there as a key, None where it makes none."""
        value = self.read(event)
        # most keys are such texts, and every fact is asked for its own
        if type(value) is str and 0 < len(value) <= LONGEST_KEY:
            return value
        return key_text(value)


def _shortened(value: str) -> str:
    """Still one name for one value: its beginning, and a hash of the whole."""
    whole = hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{value[: LONGEST_KEY - len(whole) - 1]}…{whole}"


def key_text(value: Any) -> str | None:
    """The value as a key's text: 7, 7.0 and "7" are one key; nothing, lists and objects none."""
    text = scalar_text(value)
    return text if text is None or len(text) <= LONGEST_KEY else _shortened(text)


def scalar_text(value: Any) -> str | None:
    match value:
        case None | "":
            return None
        # before int, for to Python true is one
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case int():
            return str(value)
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case _:
            return None
