"""What is the brand called in this language?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


class Localised(Mapping[str, str]):
    """Each field as plain text: written once for all, or by language with a fallback."""

    __slots__ = ("_fields", "_languages")

    def __init__(self, fields: Mapping[str, Any], languages: tuple[str, ...]) -> None:
        self._fields = fields
        self._languages = languages

    def __getitem__(self, name: str) -> str:
        value = self._fields[name]
        if not isinstance(value, Mapping):
            return str(value)
        for language in self._languages:
            if language in value:
                return str(value[language])
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)
