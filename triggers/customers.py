"""Who is the customer: a profile as one flat object, and a word on being written to?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any


def _text(longest: int) -> dict[str, Any]:
    return {"type": "string", "maxLength": longest}


OWN_FIELDS: Mapping[str, Mapping[str, Any]] = {
    "id": {"type": "string", "minLength": 1, "maxLength": 200},
    "phone": _text(64),
    "email": _text(320),
    "language": _text(35),
    "timezone": _text(255),
    "country": _text(64),
    "subdivision": _text(64),
    "place": _text(100),
    "channels": {
        "type": "array",
        "maxItems": 16,
        "items": {"type": "string", "maxLength": 32},
    },
    "quiet": {
        "type": "object",
        "maxProperties": 16,
        "additionalProperties": {"type": ["boolean", "string", "object", "null"]},
    },
    "consent": {"type": ["boolean", "object", "array"], "maxProperties": 64, "maxItems": 256},
    "agent_only": {"type": "boolean"},
}
"""Fields of a profile whose meaning is ours, and the JSON Schema of each.

Types only: who has a bad phone or zone is still a customer, and the gates decide what becomes of
him. All other fields are config/customer.yaml's attributes.
"""


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
