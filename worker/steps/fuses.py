"""Whose fuse has blown, and who has been told already?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from triggers.standing import fuse_name
from worker.store.throttles import break_sender, read_broken

log = structlog.get_logger(__name__)

TOLD_AGAIN = timedelta(hours=1)


def tell_blown(connection: Connection, triggers: Iterable[str], *, now: datetime) -> None:
    """Loudly, once an hour for each trigger, whoever of the workers finds it first.

    The rows of these throttles must be held.
    """
    blown = sorted(triggers)
    told = read_broken(connection) if blown else {}
    for trigger in blown:
        name = fuse_name(trigger)
        if told.get(name, now) <= now:
            log.error("fuse_blown", trigger=trigger)
            break_sender(connection, [name], now + TOLD_AGAIN, "more messages than ever before")
