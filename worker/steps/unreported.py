"""Of which messages has the provider said too long nothing, so that no receipt is waited for?"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from sqlalchemy import Connection, Engine

from worker.store.clock import read_now
from worker.store.engine import in_transaction
from worker.store.unreported import end_waiting

log = structlog.get_logger(__name__)


class Waited(NamedTuple):
    given_up: int
    more: bool


def give_up_waiting(
    engine: Engine,
    senders: Collection[str],
    *,
    after: timedelta,
    now: datetime | None = None,
    limit: int = 500,
) -> Waited:
    """Taken or sent, and unheard of for so long: `delivery_unknown`. A receipt may still come.

    `senders`: how the names begin of those that report. Others say nothing of what arrived, so
    that their silence means nothing.
    """
    if not senders:
        return Waited(0, more=False)

    def work(connection: Connection) -> int:
        moment = now or read_now(connection)
        return end_waiting(connection, senders, moment - after, now=moment, limit=limit)

    count = in_transaction(engine, work)
    if count:
        log.info("delivery_unknown", count=count)
    return Waited(count, more=count >= limit)
