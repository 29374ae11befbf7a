"""How does a process without a port show that it is at work? It touches a file; compose looks."""

from __future__ import annotations

import tempfile
from pathlib import Path


def marker() -> Path:
    """One a container; processes that share a machine are told apart by TMPDIR."""
    return Path(tempfile.gettempdir()) / "outreach.alive"


def touch() -> None:
    marker().touch()
