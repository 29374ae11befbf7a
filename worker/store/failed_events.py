"""Which events were refused or set aside, and how do they get another chance?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, select, update

from worker.lifecycle import EventState
from worker.store.tables import events, refused_events

REFUSED, REPLAYED = "refused", "replayed"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which ones; None means any."""

    source: str | None = None
    type: str | None = None
    id: str | None = None


def find_refused(connection: Connection, wanted: Wanted, *, most: int) -> Sequence[Row[Any]]:
    """The oldest refused events with their raw text and reasons."""
    found = select(refused_events).where(
        refused_events.c.state == REFUSED, *_named(refused_events, wanted)
    )
    return connection.execute(found.order_by(refused_events.c.seq).limit(most)).all()


def mark_replayed(connection: Connection, seq: int) -> None:
    changed = update(refused_events).where(refused_events.c.seq == seq)
    connection.execute(changed.values(state=REPLAYED))


def find_set_aside(connection: Connection, wanted: Wanted, *, most: int) -> Sequence[Row[Any]]:
    """The oldest events that our own code failed on, with the error's class."""
    found = select(events).where(events.c.state == EventState.SET_ASIDE, *_named(events, wanted))
    return connection.execute(found.order_by(events.c.seq).limit(most)).all()


def release(connection: Connection, seqs: Sequence[int], state: EventState) -> int:
    """From set aside to `new`, to be read once more, or to `withdrawn`; how many were."""
    changed = (
        update(events)
        .where(events.c.seq.in_(seqs), events.c.state == EventState.SET_ASIDE)
        .values(state=state, tries=0)
    )
    return connection.execute(changed).rowcount


def _named(table: Table, wanted: Wanted) -> list[ColumnElement[bool]]:
    named = {"source": wanted.source, "type": wanted.type, "id": wanted.id}
    return [table.c[name] == value for name, value in named.items() if value is not None]
