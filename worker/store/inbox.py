"""Which accepted events are still unread, and who has read them?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, select, text
from sqlalchemy.sql.selectable import TextualSelect

from triggers.events import Event
from worker.lifecycle import EventState
from worker.store.bulk import Reading, Update
from worker.store.direct import ask
from worker.store.tables import customers, events
from worker.store.types import Moment
from worker.store.unread_span import within_months

FAILURES = 3
"""So often may an event fail alone before it is set aside."""


class Candidate(NamedTuple):
    """An unread event as it is seen before anything is locked."""

    seq: int
    received: datetime
    customer: str
    type: str
    tries: int
    customer_known: bool
    merged_into: str | None = None


class Read(NamedTuple):
    """An event that this transaction has marked as read: nobody else reads it."""

    seq: int
    event: Event
    writes_customer: bool


_EVENT = ("source", "id", "type", "time", "customer_id", "data", "received_at", "subject",
          "history", "hops")  # fmt: skip
"""As an Event is made of them, in this order."""
_HAND_ON = Update(events, by=("seq",), columns=("customer_id",))
_COUNT_FAILURE = text(
    "UPDATE events SET tries = tries + 1, error = :error,"
    " state = CASE WHEN tries + 1 >= :most THEN 'set_aside' ELSE state END"
    " WHERE seq = :seq AND state = 'new' RETURNING state, id"
)

_STILL_READ = Reading(
    events, by=("seq",), columns=("seq", "writes_customer", *_EVENT), only="events.state = 'read'"
)
_NEWEST = (
    text(
        "SELECT seq, writes_customer, source, id, type, time, customer_id, data, received_at,"
        " subject, history, hops FROM events"
        " WHERE seq < :before AND state = 'read' AND read_at < :until"
        " ORDER BY seq DESC LIMIT :most"
    )
    .bindparams(bindparam("until", type_=Moment))
    .columns(events.c.seq, events.c.writes_customer, *(events.c[name] for name in _EVENT))
)
_AFTER_ALL = 2**62


def unread(connection: Connection, within: str, *, most: int, after: int = 0) -> list[Candidate]:
    """The oldest unread events beyond that number, nothing locked; `within`: as unread_within."""
    rows = ask(connection, _unread(within), {"most": most, "after": after})
    return [Candidate(*row) for row in rows]


@cache
def _unread(within: str) -> TextualSelect:
    # told the months it walks along one index; over all parts it would sort whatever is unread,
    # as often as it is asked, where the queue was short when the table was last looked at
    return text(
        "SELECT events.seq, events.received_at, events.customer_id, events.type, events.tries,"  # noqa: S608
        " customers.id IS NOT NULL AS customer_known,"
        " customers.merged_into"
        # cut first: whose they are is looked up of these alone, however long the queue is
        " FROM (SELECT seq, received_at, customer_id, type, tries FROM events"
        f" WHERE state = 'new' AND seq > :after{within} ORDER BY seq LIMIT :most) AS events"
        " LEFT JOIN customers ON customers.id = events.customer_id ORDER BY events.seq"
    ).columns(received_at=Moment)


def hand_on(connection: Connection, seqs: Iterable[int]) -> None:
    """Unread events of whoever is merged into another are the other's."""
    theirs = (
        select(events.c.seq, customers.c.merged_into)
        .join(customers, customers.c.id == events.c.customer_id)
        .where(events.c.seq.in_(list(seqs)), events.c.state == EventState.NEW.value)
        .where(customers.c.merged_into.is_not(None))
        .order_by(events.c.seq)
        .with_for_update(of=events, skip_locked=True)
    )
    rows = connection.execute(theirs).all()
    _HAND_ON.run(connection, [{"seq": row.seq, "customer_id": row.merged_into} for row in rows])


def mark_read(
    connection: Connection, marks: Iterable[tuple[Candidate, str | None]], *, now: datetime
) -> list[Read]:
    """Mark these `(event, what is odd about it)`; those that were still unread, oldest first."""
    marked: dict[str | None, list[Candidate]] = {}
    for one, odd in marks:
        marked.setdefault(odd, []).append(one)
    read: list[Read] = []
    for odd, those in marked.items():
        within = within_months(connection, [one.received for one in those])
        seqs = sorted(one.seq for one in those)
        given = {"now": now, "error": odd, "seqs": _LISTS[connection.dialect.name](seqs)}
        rows = ask(connection, _mark_read(connection.dialect.name, within), given)
        read += map(_read, rows)
    return sorted(read, key=lambda one: one.seq)


_LISTS: Mapping[str, Callable[[list[int]], str]] = {
    "postgresql": lambda seqs: f"{{{','.join(map(str, seqs))}}}",
    "sqlite": str,
}
"""Numbers as one text that the database reads as many."""
_NUMBERED = {
    "postgresql": "= ANY(CAST(:seqs AS bigint[]))",
    "sqlite": "IN (SELECT value FROM json_each(:seqs))",
}


@cache
def _mark_read(dialect: str, within: str) -> TextualSelect:
    columns = [events.c[name] for name in ("seq", "writes_customer", *_EVENT)]
    # By their numbers alone, joined to nothing and by no index of what is unread: PostgreSQL holds
    # that to be short, and would go through all of it for each batch. Of a table in parts only
    # those of these months are planned for.
    return (
        text(
            "UPDATE events SET state = 'read', read_at = :now, error = CAST(:error AS text)"  # noqa: S608
            f" WHERE seq {_NUMBERED[dialect]} AND state || '' = 'new'{within}"
            f" RETURNING {', '.join(map(str, columns))}"
        )
        .bindparams(bindparam("now", type_=Moment))
        .columns(*columns)
    )


def count_failure(connection: Connection, seq: int, *, error: str) -> str | None:
    """One more failure of this event, alone; its id, if it is now set aside."""
    given = {"seq": seq, "error": error, "most": FAILURES}
    row = connection.execute(_COUNT_FAILURE, given).one_or_none()
    return str(row.id) if row is not None and row.state == EventState.SET_ASIDE else None


def event_of(row: Row[Any]) -> Event:
    """The event in a row that has the columns of an event or a fact."""
    return Event(
        source=row.source,
        id=row.id,
        type=row.type,
        time=row.time,
        customer=row.customer_id,
        data=row.data,
        received=row.received_at,
        subject=row.subject,
        history=row.history,
        hops=row.hops,
    )


def _read(row: Row[Any]) -> Read:
    values: Sequence[Any] = row
    return Read(values[0], Event(*values[2:]), values[1])


def newest_read(
    connection: Connection, *, until: datetime, before: int | None, most: int
) -> Sequence[Read]:
    """Events that were read before `until`, the newest number first, below `before` if given."""
    given = {"until": until, "before": _AFTER_ALL if before is None else before, "most": most}
    return [_read(row) for row in connection.execute(_NEWEST, given)]


def still_read(connection: Connection, seqs: Iterable[int]) -> list[Read]:
    """Those of these numbers that nobody has taken back."""
    return [_read(row) for row in _STILL_READ.run(connection, [{"seq": one} for one in seqs])]
