"""Which customers are people asked to call, who has taken which, and how did it end?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select

from worker.lifecycle import HandoffState
from worker.store.bulk import Insertion, Values
from worker.store.tables import handoffs

_ADD = Insertion(handoffs)


def add_handoffs(connection: Connection, rows: Iterable[Values]) -> None:
    """One for an occurrence, whoever asks again."""
    _ADD.run(connection, rows)


def count_waiting(connection: Connection, queues: Collection[str]) -> dict[str, int]:
    """Of each of these queues, how many calls nobody has ended yet."""
    waiting = handoffs.c.state.in_([HandoffState.OPEN, HandoffState.TAKEN])
    query = select(handoffs.c.queue, func.count()).where(handoffs.c.queue.in_(queues), waiting)
    rows = connection.execute(query.group_by(handoffs.c.queue))
    found = {str(queue): int(count) for queue, count in rows}
    return {queue: found.get(queue, 0) for queue in queues}


def find_handoff(connection: Connection, id_: str) -> Row[Any] | None:
    return connection.execute(select(handoffs).where(handoffs.c.id == id_)).first()


def list_handoffs(
    connection: Connection,
    *,
    queue: str | None,
    state: HandoffState | None,
    after: str | None,
    most: int,
) -> Sequence[Row[Any]]:
    """The next of a queue, of every queue where it is None; what is due first comes first."""
    query = select(handoffs)
    if queue is not None:
        query = query.where(handoffs.c.queue == queue)
    if state is not None:
        query = query.where(handoffs.c.state == state)
    if after is not None:
        last = find_handoff(connection, after)
        if last is None:
            return ()
        later = and_(handoffs.c.due == last.due, handoffs.c.id > last.id)
        query = query.where(or_(handoffs.c.due > last.due, later))
    return connection.execute(query.order_by(handoffs.c.due, handoffs.c.id).limit(most)).all()


def change_handoff(
    connection: Connection, seen: Row[Any], changed: Mapping[str, Any]
) -> Row[Any] | None:
    """Write over what still stands as it was seen; None where somebody else was first."""
    stands = handoffs.c.taken_by.is_not_distinct_from(seen.taken_by)
    done = (
        handoffs.update()
        .where(handoffs.c.id == seen.id, handoffs.c.state == seen.state, stands)
        .values(**changed)
        .returning(*handoffs.columns)
    )
    return connection.execute(done).first()
