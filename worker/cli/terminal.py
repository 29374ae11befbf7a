"""How is what we found put before people? Nobody else's text takes their terminal over."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import typer

_SIGNS = {
    one: f"\\x{one:02x}" for one in (*range(0x20), *range(0x7F, 0xA0)) if one not in {0x09, 0x0A}
}
"""Moves the cursor, colours, renames the window or answers in our name: each as its number."""


def tell(text: str) -> None:
    """Write it with its signs for terminals shown as signs; its lines stay lines."""
    typer.echo(tamed(text))


def tamed(text: str) -> str:
    return text.translate(_SIGNS)


def told_at(moment: datetime, zone: ZoneInfo | None = None) -> str:
    """As people read a moment: to the minute, on a clock that is named."""
    there = moment.astimezone(zone or UTC)
    return f"{there:%Y-%m-%d %H:%M} {zone.key if zone else 'UTC'}"
