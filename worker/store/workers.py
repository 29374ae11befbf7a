"""Which processes are at work, since when unheard of, and by which configuration?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from worker.store.bulk import Insertion
from worker.store.tables import workers

_SEEN = Insertion(
    workers,
    conflict="(id) DO UPDATE SET role = excluded.role, seen_at = excluded.seen_at,"
    " bundle = excluded.bundle",
)


def note_seen(
    connection: Connection, process: str, *, role: str, bundle: str | None, now: datetime
) -> None:
    row = {"id": process, "role": role, "bundle": bundle, "seen_at": now}
    _SEEN.run(connection, [row])


def forget_unseen(connection: Connection, *, since: datetime) -> None:
    connection.execute(workers.delete().where(workers.c.seen_at < since))
