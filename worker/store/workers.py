"""Which processes are at work, since when unheard of, and by which configuration?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, text

from worker.store.bulk import Insertion
from worker.store.direct import ask
from worker.store.tables import workers
from worker.store.types import Moment

_SEEN = Insertion(
    workers,
    conflict="(id) DO UPDATE SET role = excluded.role, seen_at = excluded.seen_at,"
    " bundle = excluded.bundle",
)
_UNSEEN = text("DELETE FROM workers WHERE seen_at < :since").bindparams(
    bindparam("since", type_=Moment)
)


def note_seen(
    connection: Connection, process: str, *, role: str, bundle: str | None, now: datetime
) -> None:
    # one process may serve several queues, and be heard of in each
    row = {"id": f"{process} {role}", "role": role, "bundle": bundle, "seen_at": now}
    _SEEN.run(connection, [row])


def forget_unseen(connection: Connection, *, since: datetime) -> None:
    ask(connection, _UNSEEN, {"since": since})
