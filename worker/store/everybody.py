"""What must every claim know, whoever it is for? Read by one statement, as every claim asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, Text, text

from worker.breaking import Health
from worker.store.direct import later
from worker.store.line import Rows
from worker.store.senders import LINE
from worker.store.standing import SALT, read_salt
from worker.store.tables import backtests, throttles

# The first of them says what the columns hold: a NULL would be taken for a text.
_READ = text(
    "SELECT 'line' AS kind, name, why, failures, breaks, broken_until FROM throttles"  # noqa: S608
    f" WHERE name LIKE '{LINE}%' AND (failures > 0 OR breaks > 0 OR broken_until IS NOT NULL)"
    " UNION ALL SELECT 'pause', scope, NULL, 0, 0, NULL FROM pauses"
    f" UNION ALL SELECT 'salt', value, NULL, 0, 0, NULL FROM house WHERE name = '{SALT}'"
    " UNION ALL SELECT 'busiest', \"trigger\", NULL, busiest_hour, 0, NULL FROM backtests"
).columns(
    kind=Text,
    name=Text,
    why=Text,
    failures=backtests.c.busiest_hour.type,
    breaks=throttles.c.breaks.type,
    broken_until=throttles.c.broken_until.type,
)


class Everybody(NamedTuple):
    """What is paused; the senders that are not well, by name; the salt of every draw; by trigger
    its backtest's busiest hour."""

    paused: frozenset[str]
    unwell: Mapping[str, Health]
    salt: str
    busiest: Mapping[str, int]


def ask_everybody(connection: Connection) -> Callable[[], Everybody]:
    """Asked with what is asked next."""
    asked = later(connection, _READ, {})
    return lambda: _everybody(connection, asked.rows())


def _everybody(connection: Connection, rows: Rows) -> Everybody:
    salt = next((row.name for row in rows if row.kind == "salt"), None)
    return Everybody(
        frozenset(row.name for row in rows if row.kind == "pause"),
        {
            row.name: Health(row.failures, row.breaks, row.broken_until, row.why)
            for row in rows
            if row.kind == "line"
        },
        salt or read_salt(connection),
        {row.name: row.failures for row in rows if row.kind == "busiest"},
    )
