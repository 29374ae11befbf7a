"""How busy was each trigger in its backtest?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection

from worker.store.bulk import Insertion, Reading
from worker.store.tables import backtests

_SAVE = Insertion(
    backtests,
    conflict='("trigger") DO UPDATE SET busiest_hour = excluded.busiest_hour,'
    " since = excluded.since, tested_at = excluded.tested_at, bundle = excluded.bundle",
)
_BUSIEST = Reading(backtests, by=("trigger",), columns=("trigger", "busiest_hour"))


def save_backtests(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """trigger, busiest_hour, since, tested_at, bundle; the newest of a trigger stands."""
    _SAVE.run(connection, rows)


def read_busiest_hours(connection: Connection, triggers: Iterable[str]) -> dict[str, int]:
    """The most messages within an hour, of those triggers that were tested."""
    rows = _BUSIEST.run(connection, [{"trigger": one} for one in set(triggers)])
    return {row.trigger: row.busiest_hour for row in rows}
