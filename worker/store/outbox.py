"""Where are letters kept that never leave the house?"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from worker.store.bulk import Insertion
from worker.store.clock import read_now
from worker.store.tables import outbox

_INSERT = Insertion(outbox)


def keep_letter(connection: Connection, letter: dict[str, Any]) -> None:
    """Keep one letter: message_id, attempt, channel, address, subject, text, html."""
    _INSERT.run(connection, [{**letter, "at": read_now(connection)}])
