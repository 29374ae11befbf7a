"""Which calls shall the people of a queue see next, and how many wait in each?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, and_, func, or_, select

from worker.lifecycle import HandoffState
from worker.store.tables import handoffs

WAITING = (HandoffState.OPEN, HandoffState.TAKEN)
MOST_QUEUES = 100


class Page(NamedTuple):
    """`more`: whether there are others after these."""

    calls: Sequence[Row[Any]]
    more: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """`queue` None: every queue. `by`: whoever has taken them. `after`: the last call seen."""

    states: Sequence[HandoffState] = WAITING
    queue: str | None = None
    by: str | None = None
    after: str | None = None

    @property
    def ended(self) -> bool:
        return not set(self.states) & set(WAITING)


def read_queues(connection: Connection) -> list[str]:
    """The names of all queues that ever had a call; one step in the index for each."""
    return list(_queues(connection))


def _queues(connection: Connection) -> Iterator[str]:
    last: str | None = None
    for _ in range(MOST_QUEUES):
        query = select(func.min(handoffs.c.queue))
        last = connection.scalar(query if last is None else query.where(handoffs.c.queue > last))
        if last is None:
            return
        yield last


def read_calls(connection: Connection, wanted: Wanted, *, most: int) -> Page:
    """What is due first comes first; of what has ended, what was due last."""
    last = _last(connection, wanted.after)
    found: list[Row[Any]] = []
    queues = [wanted.queue] if wanted.queue is not None else read_queues(connection)
    # each is a walk along the index of queue, state and due, however many calls there are
    for queue in queues:
        for state in wanted.states:
            found += _of(connection, wanted, queue, state, last, most + 1)
    found.sort(key=lambda one: (one.due, one.id), reverse=wanted.ended)
    return Page(found[:most], len(found) > most)


def _last(connection: Connection, id_: str | None) -> Row[Any] | None:
    if id_ is None:
        return None
    return connection.execute(select(handoffs).where(handoffs.c.id == id_)).first()


def _of(
    connection: Connection,
    wanted: Wanted,
    queue: str,
    state: HandoffState,
    last: Row[Any] | None,
    most: int,
) -> Sequence[Row[Any]]:
    of = handoffs.c
    query = select(handoffs).where(of.queue == queue, of.state == state)
    if wanted.by is not None:
        query = query.where(of.taken_by == wanted.by)
    if wanted.ended:
        query = query.order_by(of.due.desc(), of.id.desc())
    else:
        query = query.order_by(of.due, of.id)
    if last is not None and wanted.ended:
        same = and_(of.due == last.due, of.id < last.id)
        query = query.where(of.due <= last.due, or_(of.due < last.due, same))
    elif last is not None:
        same = and_(of.due == last.due, of.id > last.id)
        query = query.where(of.due >= last.due, or_(of.due > last.due, same))
    return connection.execute(query.limit(most)).all()
