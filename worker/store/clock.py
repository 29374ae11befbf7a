"""What time is it, by the one clock that all processes share?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, text

from triggers.clock import UTC, instant
from worker.store.direct import ask

_POSTGRES = text("SELECT clock_timestamp() AS now")
_SQLITE = "SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'"


def read_now(connection: Connection) -> datetime:
    """The database's time in UTC; asked once a transaction."""
    if connection.dialect.name == "sqlite":
        return instant(connection.exec_driver_sql(_SQLITE).scalar_one())
    [row] = ask(connection, _POSTGRES, {})
    now: datetime = row.now
    return now.astimezone(UTC)
