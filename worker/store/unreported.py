"""Which messages has no receipt come for?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache

from sqlalchemy import Connection, TextClause, bindparam, text

from triggers.definitions import CHANNELS
from worker.store.types import Moment


def end_waiting(
    connection: Connection,
    senders: Iterable[str],
    before: datetime,
    *,
    now: datetime,
    limit: int,
) -> int:
    """Make those `delivery_unknown` that did not change since `before`; how many they were.

    `senders`: how the names begin of those whose messages are meant.
    """
    statement, count = _ending(connection.dialect.name), 0
    for sender in sorted(senders):
        for channel in CHANNELS:
            given = {"sender": f"{sender}%", "channel": channel, "before": before, "now": now}
            count += connection.execute(statement, {**given, "limit": limit}).rowcount
    return count


@cache
def _ending(dialect: str) -> TextClause:
    lock = " FOR UPDATE OF messages SKIP LOCKED" if dialect == "postgresql" else ""
    waits = "(messages.state = 'accepted' OR messages.state = 'sent')"
    chosen = (
        f"SELECT messages.id FROM messages, attempts WHERE {waits}"  # noqa: S608 - ours
        " AND messages.channel = :channel AND messages.updated_at <= :before"
        " AND attempts.message_id = messages.id AND attempts.number = messages.attempt"
        f" AND attempts.sender LIKE :sender ORDER BY messages.updated_at LIMIT :limit{lock}"
    )
    return text(
        "UPDATE messages SET state = 'delivery_unknown', updated_at = :now"  # noqa: S608 - ours
        f" WHERE messages.id IN ({chosen}) AND {waits}"
    ).bindparams(bindparam("before", type_=Moment), bindparam("now", type_=Moment))
