"""What does whoever is on duty look at, row by row? Each list is bounded and by an index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, literal, select, text

from worker.lifecycle import MessageState
from worker.store.tables import attempts, messages, refused_events, workers

LAST = 100
"""So many of a sender's last attempts tell how it does."""

# one look into the index for each sender, however many attempts there are
_SENDERS = text(
    "WITH RECURSIVE found(sender) AS (SELECT MIN(sender) FROM attempts UNION ALL"
    " SELECT (SELECT MIN(sender) FROM attempts WHERE sender > found.sender) FROM found"
    " WHERE found.sender IS NOT NULL) SELECT sender FROM found WHERE sender IS NOT NULL"
)


@dataclass(frozen=True, slots=True)
class Sender:
    """How its last attempts ended, by state, and when the newest began."""

    name: str
    last_at: datetime
    ended: Mapping[str, int]


def read_senders(connection: Connection) -> Sequence[Sender]:
    """Those that ever tried."""
    return [_sender(connection, str(name)) for name in connection.scalars(_SENDERS)]


def read_workers(connection: Connection, *, since: datetime) -> Sequence[Row[Any]]:
    """Processes heard of since then, with what each says of itself."""
    query = select(workers).where(workers.c.seen_at >= since)
    return connection.execute(query.order_by(workers.c.role, workers.c.id)).all()


def read_unknown(connection: Connection, *, most: int) -> Sequence[Any]:
    """Messages whose fate nobody knows yet, those first that are looked for next."""
    of = messages.c
    chosen = (of.id, of.trigger, of.channel, of.unknown_at, of.updated_at, of.looks, of.look_at)
    unknown = of.state == literal(MessageState.UNKNOWN.value, literal_execute=True)
    query = select(*chosen).where(unknown).order_by(of.look_at, of.id).limit(most)
    found: Sequence[Any] = connection.execute(query).all()
    return found


def count_refused(connection: Connection) -> int:
    open_ = refused_events.c.state == literal("refused", literal_execute=True)
    query = select(func.count()).select_from(refused_events).where(open_)
    return int(connection.execute(query).scalar_one())


def _sender(connection: Connection, name: str) -> Sender:
    of = attempts.c
    mine = select(of.claimed_at, of.state).where(of.sender == name)
    last = connection.execute(mine.order_by(of.claimed_at.desc()).limit(LAST)).all()
    ended: dict[str, int] = {}
    for row in last:
        ended[row.state] = ended.get(row.state, 0) + 1
    return Sender(name, last[0].claimed_at, ended)
