"""What does a transaction say in the log? Only what has come true: it is said once committed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import structlog
from sqlalchemy import Connection

_WAITING = "sayings"


class Saying(NamedTuple):
    """One line, by the logger of whoever says it."""

    log: Any
    event: str
    fields: dict[str, Any]


def say(connection: Connection, log: Any, event: str, **fields: Any) -> None:
    """At the level `info`, when this transaction has ended, and only if it is committed."""
    connection.info.setdefault(_WAITING, []).append(Saying(log, event, fields))


def begin(connection: Connection) -> None:
    """A connection may have served a transaction before that failed."""
    connection.info.pop(_WAITING, None)


def take(connection: Connection) -> Iterable[Saying]:
    """What is to be said once this is committed."""
    found: list[Saying] = connection.info.pop(_WAITING, [])
    return found


def speak(said: Iterable[Saying]) -> None:
    """Where a log is kept. A command that a person calls prints what it has done, and no more."""
    if structlog.is_configured():
        for one in said:
            one.log.info(one.event, **one.fields)
