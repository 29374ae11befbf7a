"""Which events were not taken, as they came and with every reason?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection

from worker.store.bulk import Insertion
from worker.store.tables import refused_events

_KEEP = Insertion(refused_events)


def keep_refused(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Keep each text once, however often it is delivered."""
    # sorted, so that two doors refusing the same texts never wait for each other
    _KEEP.run(connection, sorted(rows, key=lambda row: row["raw_hash"]))
