"""What time is it on this machine? Only the doors ask; what is decided goes by the database's."""

from __future__ import annotations

from datetime import datetime, timedelta

from triggers.clock import UTC

MOST_APART = timedelta(seconds=30)
"""Of this machine's clock and the database's; one that is further off must not send."""


def utc_now() -> datetime:
    return datetime.now(UTC)
