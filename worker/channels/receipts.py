"""What may a provider's receipt tell of an attempt, whoever the provider is?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any


class Fate(Enum):
    """How far a message came, by a provider's word."""

    TAKEN = auto()
    SENT = auto()
    UNDELIVERED = auto()
    DELIVERED = auto()


@dataclass(frozen=True, slots=True)
class Report:
    """`ref` is the provider's own name for the attempt, `code` its reason for a failure."""

    fate: Fate
    ref: str | None
    code: str | None = None
    bad_address: bool = False
    opted_out: bool = False


Reader = Callable[[str, Mapping[str, Any]], Report | None]
"""Of a receipt's status and its raw fields; None where it says nothing about a message's way."""
