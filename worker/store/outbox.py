"""Where are letters kept that never leave the house?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from worker.store.bulk import Insertion, Reading
from worker.store.clock import read_now
from worker.store.tables import outbox

_INSERT = Insertion(outbox)
_KEPT = Reading(outbox, by=("message_id", "attempt"), columns=("message_id", "attempt"))


def keep_letter(
    connection: Connection, letter: dict[str, Any], *, now: datetime | None = None
) -> None:
    """Keep one letter: message_id, attempt, channel, address, subject, text, html."""
    _INSERT.run(connection, [{**letter, "at": now or read_now(connection)}])


def kept_letters(
    connection: Connection, keys: Iterable[tuple[str, int]]
) -> frozenset[tuple[str, int]]:
    """Which of these attempts (message, number) it holds."""
    rows = _KEPT.run(connection, [{"message_id": m, "attempt": n} for m, n in set(keys)])
    return frozenset((row.message_id, row.attempt) for row in rows)
