"""What may a provider tell of a text that somebody wrote to us, whoever the provider is?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from triggers.replies.meanings import Meaning


@dataclass(frozen=True, slots=True)
class Text:
    """`ref` is the provider's own name of it; `sender` wrote it, to one of the names in `to`.

    `keyword`: what the provider has taken it for and has answered itself.
    """

    ref: str
    sender: str
    to: frozenset[str]
    words: str
    keyword: Meaning | None = None


TextReader = Callable[[Mapping[str, Any]], Text | None]
"""Of the raw fields; None where they hold no text that somebody wrote."""
