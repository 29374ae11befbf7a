"""How well is each sender, as all workers know it?

A sender's line is a row of the throttles; a country that its account may not write to is a line
of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Row, text

from worker.breaking import Health
from worker.store.bulk import Insertion, Update
from worker.store.direct import ask
from worker.store.tables import throttles

LINE = "sender:"
_COLUMNS = ("name", "broken_until", "why", "failures", "breaks")
# One statement makes what is missing and holds what is there, in the order of the names.
_HOLD = Insertion(
    throttles, conflict="(name) DO UPDATE SET name = excluded.name", returning=_COLUMNS
)
_UNWELL = text(
    f"SELECT {', '.join(_COLUMNS)} FROM throttles WHERE name LIKE '{LINE}%'"  # noqa: S608
    " AND (failures > 0 OR breaks > 0 OR broken_until IS NOT NULL)"
).columns(*(throttles.c[name] for name in _COLUMNS))
_WRITE = Update(throttles, by=("name",), columns=_COLUMNS[1:])


def line_name(sender: str, country: str = "") -> str:
    return f"{LINE}{sender} to {country}" if country else f"{LINE}{sender}"


def read_unwell(connection: Connection) -> dict[str, Health]:
    """By name, the lines of which there is anything to know: mostly none."""
    return {row.name: _health(row) for row in ask(connection, _UNWELL, {})}


def hold_lines(connection: Connection, names: Iterable[str]) -> dict[str, Health]:
    """These lines, ours until the transaction's end."""
    rows = _HOLD.run(connection, [{"name": name} for name in set(names)])
    return {row.name: _health(row) for row in rows}


def write_health(connection: Connection, lines: Mapping[str, Health]) -> None:
    """The lines must be held."""
    rows = [
        {
            "name": name,
            "broken_until": one.until,
            "why": one.why,
            "failures": one.failures,
            "breaks": one.breaks,
        }
        for name, one in lines.items()
    ]
    _WRITE.run(connection, rows)


def _health(row: Row[Any]) -> Health:
    return Health(row.failures, row.breaks, row.broken_until, row.why)
