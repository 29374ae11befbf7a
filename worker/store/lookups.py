"""What became of an event, who is this customer, what happened to a message?"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, Row, Table, or_, select

from triggers.clock import stamp
from worker.store.tables import (
    attempts,
    customers,
    event_ids,
    events,
    messages,
    occurrences,
    receipts,
    refused_events,
)

Facts = dict[str, Any]

_EVENT = ("source", "id", "type", "subject", "time", "received_at", "customer_id", "data",
          "history", "door", "state", "error", "read_at")  # fmt: skip
_OCCURRENCE = ("trigger", "key", "epoch", "state", "reason", "detail", "moment", "due", "expires")
_MESSAGE = ("id", "trigger", "customer_id", "key", "epoch", "category", "message", "language",
            "channel", "state", "why", "detail", "attempt", "claimed_at", "due", "expires",
            "bundle", "updated_at")  # fmt: skip
_ATTEMPT = ("number", "channel", "address", "subject", "text", "html", "segments", "state",
            "claimed_at", "finished_at", "provider_ref", "code", "error", "cost")  # fmt: skip


# who is heard of again after his erasure begins anew
_stands = or_(customers.c.erased_at.is_(None), customers.c.updated_at > customers.c.erased_at)


def find_event(connection: Connection, source: str, id_: str) -> Facts | None:
    """The event and what it started; `refused` with its reasons; None where we never had it."""
    query = select(*_of(events, _EVENT)).where(events.c.source == source, events.c.id == id_)
    row = connection.execute(query.order_by(events.c.seq.desc())).first()
    if row is not None:
        found = _facts(row)
        return found | {"started": _started(connection, found)}
    return _refused(connection, source, id_) or _forgotten(connection, source, id_)


def _started(connection: Connection, event: Facts) -> list[Facts]:
    query = select(*_of(occurrences, _OCCURRENCE)).where(
        occurrences.c.customer_id == event["customer_id"],
        occurrences.c.start_source == event["source"],
        occurrences.c.start_id == event["id"],
    )
    return [_facts(row) for row in connection.execute(query.order_by(occurrences.c.trigger))]


def _refused(connection: Connection, source: str, id_: str) -> Facts | None:
    of, columns = (
        refused_events,
        ("source", "id", "type", "door", "received_at", "reasons", "state"),
    )
    query = select(*_of(of, columns)).where(of.c.source == source, of.c.id == id_)
    row = connection.execute(query.order_by(of.c.seq.desc()).limit(1)).first()
    return None if row is None else _facts(row)


def _forgotten(connection: Connection, source: str, id_: str) -> Facts | None:
    """Its id outlives it: retention or erasure took the rest."""
    query = select(event_ids.c.received_at).where(
        event_ids.c.source == source, event_ids.c.id == id_
    )
    row = connection.execute(query).first()
    return (
        None if row is None else {"source": source, "id": id_, **_facts(row), "state": "forgotten"}
    )


def find_customer(connection: Connection, id_: str) -> Facts | None:
    """The profile as one flat object; None where there is none, or where it was erased."""
    query = select(customers.c.profile).where(customers.c.id == id_, _stands)
    row = connection.execute(query).first()
    return None if row is None else {"id": id_, **row.profile}


class Known(NamedTuple):
    """`profile` None: it was erased. `erased_at`: and nothing was heard of him since."""

    id: str
    profile: Facts | None = None
    erased_at: datetime | None = None


def find_known(connection: Connection, id_: str) -> Known | None:
    """Who is left of whoever had this id, by one look, or by two where he was merged; None where no
    row tells of him."""
    of = customers.c
    chosen = select(of.id, of.profile, of.merged_into, of.erased_at, _stands.label("stands"))
    row = connection.execute(chosen.where(of.id == id_)).first()
    if row is not None and row.merged_into is not None:
        row = connection.execute(chosen.where(of.id == row.merged_into)).first()
    if row is None:
        return None
    if not row.stands:
        return Known(row.id, erased_at=row.erased_at)
    return Known(row.id, {"id": row.id, **row.profile})


def find_message(connection: Connection, id_: str) -> Facts | None:
    """The message, its attempts and what its provider said of each."""
    row = connection.execute(select(*_of(messages, _MESSAGE)).where(messages.c.id == id_)).first()
    if row is None:
        return None
    tried = select(*_of(attempts, _ATTEMPT)).where(attempts.c.message_id == id_)
    heard = select(*_of(receipts, ("attempt", "provider", "status", "received_at"))).where(
        receipts.c.message_id == id_
    )
    return _facts(row) | {
        "attempts": [_facts(one) for one in connection.execute(tried.order_by(attempts.c.number))],
        "receipts": [_facts(one) for one in connection.execute(heard.order_by(receipts.c.seq))],
    }


def erased_at(connection: Connection, id_: str) -> datetime | None:
    """When this customer was erased, if nothing has been heard of him since."""
    query = select(customers.c.erased_at).where(customers.c.id == id_, ~_stands)
    return connection.execute(query).scalar_one_or_none()


def _of(table: Table, names: tuple[str, ...]) -> list[Column[Any]]:
    return [table.c[name] for name in names]


def _facts(row: Row[Any]) -> Facts:
    return {
        name: stamp(value) if isinstance(value, datetime) else value
        for name, value in row._mapping.items()
    }
