"""How are rows of several tables written by one journey?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import Connection, TextClause, text

from worker.store.bulk import Insertion, Values, for_postgres
from worker.store.direct import later

FORMS = 64
"""So many sets of tables are kept as statements: of the six that a claim writes 57 can be made."""

Part = tuple[Insertion, Sequence[Values]]


def insert_together(connection: Connection, parts: Sequence[Part]) -> None:
    """Rows that nobody else can be waiting for: which table's go in first is PostgreSQL's choice.

    SQLite reads no such statement, and has no journeys to spare.
    """
    given = [part for part in parts if part[1]]
    if connection.dialect.name == "sqlite" or len(given) < 2:
        for insertion, rows in given:
            insertion.run(connection, rows)
        return
    written = {
        f"rows{place}": for_postgres(insertion.ordered(rows))
        for place, (insertion, rows) in enumerate(given)
    }
    later(connection, _together(tuple(insertion for insertion, _ in given)), written)


@lru_cache(FORMS)
def _together(insertions: tuple[Insertion, ...]) -> TextClause:
    parts = (
        f"part{place} AS ({one.sql('postgresql').replace(':rows', f':rows{place}')})"
        for place, one in enumerate(insertions)
    )
    return text(f"WITH {', '.join(parts)} SELECT 1")
