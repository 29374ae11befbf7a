"""Since when could these messages have left?"""
# ruff: noqa: S608 - table and column names come from tables.py, values only as parameters

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from functools import cache
from typing import NamedTuple

from sqlalchemy import Connection, text
from sqlalchemy.sql.selectable import TextualSelect

from worker.store.bulk import as_json, recordset
from worker.store.tables import events, messages, occurrences


class Beginning(NamedTuple):
    """When what started it was ours, or when it was due where that came after: it `waited`."""

    since: datetime
    waited: bool


def read_beginnings(connection: Connection, ids: Collection[str]) -> Iterator[Beginning]:
    """Of these messages; of those whose event is gone, when they were due."""
    if not ids:
        return
    given = {"rows": as_json([{"id": one} for one in ids])}
    for due, received in connection.execute(_beginnings(connection.dialect.name), given):
        yield beginning(due, received)


def beginning(due: datetime, received: datetime | None) -> Beginning:
    if received is None or due > received:
        return Beginning(due, waited=True)
    return Beginning(received, waited=False)


@cache
def _beginnings(dialect: str) -> TextualSelect:
    made = text(
        "SELECT occurrences.due AS due, events.received_at AS received_at"
        f" FROM {recordset(dialect, [messages.c.id])}"
        " JOIN messages ON messages.id = given.id"
        " JOIN occurrences ON occurrences.id = messages.occurrence_id"
        " LEFT JOIN events ON events.source = messages.start_source"
        " AND events.id = messages.start_id"
    )
    return made.columns(occurrences.c.due, events.c.received_at)
