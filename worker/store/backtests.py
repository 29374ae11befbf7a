"""How busy was each trigger in its backtest?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection

from worker.store.bulk import Insertion
from worker.store.tables import backtests

_SAVE = Insertion(
    backtests,
    conflict='("trigger") DO UPDATE SET busiest_hour = excluded.busiest_hour,'
    " since = excluded.since, tested_at = excluded.tested_at, bundle = excluded.bundle",
)


def save_backtests(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """trigger, busiest_hour, since, tested_at, bundle; the newest of a trigger stands."""
    _SAVE.run(connection, rows)
