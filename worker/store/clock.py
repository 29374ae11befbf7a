"""What time is it, by the one clock that all processes share?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from triggers.clock import UTC, instant

_POSTGRES = "SELECT clock_timestamp()"
_SQLITE = "SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'"


def read_now(connection: Connection) -> datetime:
    """The database's time in UTC; asked once a transaction."""
    on_sqlite = connection.dialect.name == "sqlite"
    found = connection.exec_driver_sql(_SQLITE if on_sqlite else _POSTGRES).scalar_one()
    return instant(found) if on_sqlite else found.astimezone(UTC)
