"""What are the links of a text: policy's addresses with their placeholders filled in?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from triggers.paths import scalar_text
from triggers.texts.failures import UnfitField
from triggers.texts.values import LONGEST
from triggers.texts.variables import resolved

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")

Shorten = Callable[[str, str], str]
"""What a text shows instead of a link, by the link's name and its filled-in address."""


def as_written(_name: str, url: str) -> str:
    return url


class Links(Mapping[str, str]):
    """Filled in when asked for: a text uses one link of many. What the caller gives wins."""

    __slots__ = ("_given", "_shorten", "_values", "_written")

    def __init__(
        self,
        written: Mapping[str, str],
        given: Mapping[str, str],
        values: Mapping[str, Any],
        shorten: Shorten = as_written,
    ) -> None:
        self._written = written
        self._given = given
        self._values = values
        self._shorten = shorten

    def __getitem__(self, name: str) -> str:
        if name in self._given:
            return self._given[name]
        return self._shorten(name, filled(self._written[name], self._values))

    def __iter__(self) -> Iterator[str]:
        return iter({**self._written, **self._given})

    def __len__(self) -> int:
        return len({**self._written, **self._given})


def filled(link: str, values: Mapping[str, Any]) -> str:
    """Each value percent-encoded whole: it can end neither its path step nor the link.

    UnfitField where a placeholder has no value, or one that makes the link longer than a text
    may show: a link that was cut leads nowhere.
    """
    fixed, paths = pieces(link)
    parts = [fixed[0]]
    for path, text in zip(paths, fixed[1:], strict=True):
        value = scalar_text(resolved(path, values))
        if value is None:
            raise UnfitField(path, "is missing")
        # a lone surrogate has no UTF-8: it becomes a question mark rather than an error
        parts += [quote(value.encode("utf-8", "replace"), safe=""), text]
    whole = "".join(parts)
    if len(whole) > LONGEST:
        raise UnfitField(max(zip(map(len, parts[1::2]), paths, strict=True))[1], "is too long")
    return whole


@lru_cache(maxsize=1024)
def pieces(link: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The text around the placeholders, and the paths in them."""
    split = PLACEHOLDER.split(link)
    return tuple(split[::2]), tuple(path.strip() for path in split[1::2])
