"""Which events does an example tell, with everything that it leaves out filled in?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from triggers.clock import instant
from triggers.envelope import Envelope

SOURCE = "example"


def told(written: Mapping[str, Any], number: int, customer: str) -> Envelope:
    """The event that stands in an example as its `number`th, from 1, of this customer."""
    return Envelope(
        source=str(written.get("source", SOURCE)),
        id=str(written.get("id", f"e{number:04}")),
        type=written["type"],
        subject=str(written.get("subject", customer)),
        time=instant(written["at"]),
        data=written.get("data", {}),
        extensions={},
    )
