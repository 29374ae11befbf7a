"""Which customers are people asked to call, who has taken which, and how did it end?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, and_, case, func, or_, select, type_coerce

from worker.lifecycle import HandoffState
from worker.store.addresses import Address
from worker.store.bulk import Insertion, Values
from worker.store.tables import handoffs, inbound

ADD = Insertion(handoffs)


def add_handoffs(connection: Connection, rows: Iterable[Values]) -> None:
    """One for an occurrence, whoever asks again."""
    ADD.run(connection, rows)


class Waiting(NamedTuple):
    """How many calls of a queue nobody has ended; when the first was due that nobody has taken."""

    calls: int
    due: datetime | None


def read_waiting(connection: Connection, queues: Collection[str]) -> dict[str, Waiting]:
    """Of each of these queues that has any."""
    of = handoffs.c
    waiting = of.state.in_([HandoffState.OPEN, HandoffState.TAKEN])
    untaken = case((of.state == HandoffState.OPEN, of.due))
    first = type_coerce(func.min(untaken), of.due.type)
    query = select(of.queue, func.count(), first).where(of.queue.in_(queues), waiting)
    rows = connection.execute(query.group_by(of.queue))
    return {str(queue): Waiting(int(calls), due) for queue, calls, due in rows}


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


def read_texts(connection: Connection, calls: Iterable[Row[Any]]) -> dict[int, Row[Any]]:
    """The texts that these calls came from, by the number of `handoffs.inbound`."""
    wanted = {call.inbound for call in calls if call.inbound is not None}
    chosen = (
        inbound.c.seq,
        inbound.c.channel,
        inbound.c.meaning,
        inbound.c.address_hash,
        inbound.c.provider,
        inbound.c.provider_ref,
        inbound.c.received_at,
    )
    query: Select[Any] = select(*chosen).where(inbound.c.seq.in_(wanted))
    return {row.seq: row for row in connection.execute(query)} if wanted else {}


def others_wait(connection: Connection, call: Row[Any], address: Address) -> bool:
    """Whether people have yet to end another call that came from this address for the same why."""
    theirs = select(inbound.c.seq).where(
        inbound.c.address_hash == address.hash, inbound.c.channel == address.channel
    )
    waiting = handoffs.c.state.in_([HandoffState.OPEN, HandoffState.TAKEN])
    query = select(handoffs.c.id).where(
        waiting,
        handoffs.c.id != call.id,
        handoffs.c.why == call.why,
        handoffs.c.inbound.in_(theirs),
    )
    return connection.execute(query.limit(1)).first() is not None


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
