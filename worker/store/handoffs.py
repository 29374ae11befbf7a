"""Which customers are people asked to call?"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from worker.store.bulk import Insertion, Values
from worker.store.tables import handoffs

_ADD = Insertion(handoffs)


def add_handoffs(connection: Connection, rows: Iterable[Values]) -> None:
    """One for an occurrence, whoever asks again."""
    _ADD.run(connection, rows)
