"""What time is it on this machine? Only the doors ask; what is decided goes by the database's."""

from __future__ import annotations

from datetime import datetime

from triggers.clock import UTC


def utc_now() -> datetime:
    return datetime.now(UTC)
