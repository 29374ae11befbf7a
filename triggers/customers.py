"""Who is the customer: a profile as one flat object, and a word on being written to?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

OWN_FIELDS = (
    "phone",
    "email",
    "language",
    "timezone",
    "country",
    "subdivision",
    "place",
    "channels",
    "quiet",
    "consent",
    "agent_only",
)
"""Fields of a profile whose meaning is ours; all others are config/customer.yaml's attributes."""


@dataclass(frozen=True, slots=True)
class Consent:
    """One word of a customer on a category; `channel` None means every channel."""

    category: str
    given: bool
    channel: str | None = None
    wording: str | None = None
    source: str | None = None
    time: datetime | None = None


@dataclass(frozen=True, slots=True)
class Customer:
    """A profile as the gates and templates see it. `profile` is the flat object, own fields too."""

    id: str
    profile: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def text(self, name: str) -> str | None:
        """A text field's value; None where it is missing or no text."""
        value = self.profile.get(name)
        return value if isinstance(value, str) and value else None

    @property
    def agent_only(self) -> bool:
        return self.profile.get("agent_only") is True
