"""What may somebody else's text do to the terminal of whoever reads it? Nothing."""

from __future__ import annotations

import typer

_SIGNS = {
    one: f"\\x{one:02x}" for one in (*range(0x20), *range(0x7F, 0xA0)) if one not in {0x09, 0x0A}
}
"""Moves the cursor, colours, renames the window or answers in our name: each as its number."""


def tell(text: str) -> None:
    """Write it with its signs for terminals shown as signs; its lines stay lines."""
    typer.echo(text.translate(_SIGNS))
