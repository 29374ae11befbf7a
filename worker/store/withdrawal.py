"""Which events does a withdrawal name, and what stands in the store because of them?"""
# ruff: noqa: S608 - table and column names come from tables.py, values only as parameters

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, TextClause, bindparam, text
from sqlalchemy.sql.selectable import TextualSelect

from worker.store.bulk import Reading, Update, as_json, recordset
from worker.store.past_events import seq_before
from worker.store.tables import customer_history, events, facts, handoffs, messages, occurrences
from worker.store.types import Moment

SLACK = timedelta(minutes=10)
"""Numbers are given before the commit: one may be lower than that of an event received before."""
_BEGINNING = datetime.fromisoformat("0001-01-02T00:00:00+00:00")

_EVENT = ("seq", "state", "source", "id", "type", "time", "customer_id", "data", "received_at",
          "subject", "history", "hops")  # fmt: skip
_OPEN = "(events.state = 'new' OR events.state = 'read' OR events.state = 'set_aside')"
_NAMED = (
    f"events.source = :source AND {_OPEN} AND events.seq > :low"
    " AND events.received_at >= :since AND events.received_at < :until"
    " AND (CAST(:type AS TEXT) IS NULL OR events.type = :type)"
)
_WITHDRAW = Update(events, by=("seq",), columns=("state",), only=_OPEN)
_MESSAGES = Reading(
    messages,
    by=("customer_id",),
    columns=(
        "id", "occurrence_id", "trigger", "customer_id", "key", "epoch", "state", "why",
        "start_source", "start_id",
    ),
)  # fmt: skip
_CHANGES = Reading(
    customer_history, by=("customer_id", "source", "event_id"), columns=("customer_id",)
)
_CALL_OFF = Update(
    messages,
    by=("id",),
    columns=("state", "why", "due", "updated_at"),
    only="messages.state = 'planned' OR messages.state = 'parked'",
)


@dataclass(frozen=True, slots=True)
class Named:
    """Events of a source, received from `since` until before `until`; None means any."""

    source: str
    until: datetime
    since: datetime | None = None
    type: str | None = None
    id: str | None = None


def customers_named(connection: Connection, named: Named) -> list[str]:
    """Whose events are still to be withdrawn, sorted."""
    low = 0 if named.since is None else seq_before(connection, named.since - SLACK)
    rows = connection.execute(_customers(named.id is not None), _given(named, low=low))
    return sorted(row.customer_id for row in rows)


def lock_named(connection: Connection, named: Named, ids: Iterable[str]) -> Sequence[Row[Any]]:
    """The events of these customers, ours until the transaction's end."""
    rows = as_json([{"customer_id": one} for one in sorted(ids)])
    # found by their customers: from which number on does not matter
    given = _given(named, low=0) | {"rows": rows}
    statement = _locking(connection.dialect.name, named.id is not None)
    return connection.execute(statement, given).all()


def mark_withdrawn(connection: Connection, rows: Iterable[tuple[int, str]]) -> None:
    """Rows of number and state."""
    _WITHDRAW.run(connection, [{"seq": seq, "state": state} for seq, state in rows])


def forget_facts(connection: Connection, rows: Iterable[Row[Any]]) -> None:
    """Wherever an event is kept as a fact, by whichever configuration."""
    keys = [{"customer_id": r.customer_id, "source": r.source, "id": r.id} for r in rows]
    if keys:
        connection.execute(_forgetting(connection.dialect.name), {"rows": as_json(keys)})


def messages_of(connection: Connection, ids: Iterable[str]) -> Sequence[Row[Any]]:
    """All there ever were of these customers."""
    return _MESSAGES.run(connection, [{"customer_id": one} for one in ids])


def handoffs_of(connection: Connection, ids: Iterable[str]) -> Sequence[Row[Any]]:
    """What people were asked to do for these customers, with the occurrence it came from."""
    rows = as_json([{"customer_id": one} for one in ids])
    return connection.execute(_handoffs(connection.dialect.name), {"rows": rows}).all()


def profiles_changed_by(connection: Connection, rows: Iterable[Row[Any]]) -> set[str]:
    """The customers whose profile one of these events has changed."""
    keys = [{"customer_id": r.customer_id, "source": r.source, "event_id": r.id} for r in rows]
    return {row.customer_id for row in _CHANGES.run(connection, keys)}


def call_off(connection: Connection, rows: Iterable[dict[str, Any]]) -> None:
    """Rows of messages that are held: id, state, why, due, updated_at."""
    _CALL_OFF.run(connection, rows)


def _given(named: Named, *, low: int) -> dict[str, Any]:
    given = {"source": named.source, "type": named.type, "until": named.until, "low": low}
    by_id = {} if named.id is None else {"id": named.id}
    return given | {"since": named.since or _BEGINNING} | by_id


def _condition(by_id: bool) -> str:
    return f"{_NAMED} AND events.id = :id" if by_id else _NAMED


def _moments(made: TextClause) -> TextClause:
    return made.bindparams(bindparam("since", type_=Moment), bindparam("until", type_=Moment))


@cache
def _customers(by_id: bool) -> TextClause:
    return _moments(text(f"SELECT DISTINCT customer_id FROM events WHERE {_condition(by_id)}"))


@cache
def _locking(dialect: str, by_id: bool) -> TextualSelect:
    lock = " FOR UPDATE OF events" if dialect == "postgresql" else ""
    chosen = ", ".join(f"events.{name}" for name in _EVENT)
    given = recordset(dialect, [events.c.customer_id])
    made = text(
        f"SELECT {chosen} FROM events WHERE events.customer_id IN"
        f" (SELECT given.customer_id FROM {given}) AND {_condition(by_id)}"
        f" ORDER BY events.seq{lock}"
    )
    return _moments(made).columns(*(events.c[name] for name in _EVENT))


@cache
def _handoffs(dialect: str) -> TextualSelect:
    given = recordset(dialect, [handoffs.c.customer_id])
    columns = (
        handoffs.c.id, handoffs.c.trigger, handoffs.c.customer_id, handoffs.c.key,
        occurrences.c.epoch, occurrences.c.start_source, occurrences.c.start_id,
    )  # fmt: skip
    chosen = ", ".join(f'{column.table.name}."{column.name}"' for column in columns)
    return text(
        f"SELECT {chosen} FROM {given}, handoffs, occurrences"
        " WHERE handoffs.customer_id = given.customer_id"
        " AND occurrences.id = handoffs.occurrence_id"
    ).columns(*columns)


@cache
def _forgetting(dialect: str) -> TextClause:
    given = recordset(dialect, [facts.c.customer_id, facts.c.source, facts.c.id])
    # by customer first: that is how facts are found without reading all of them
    return text(
        f"DELETE FROM facts WHERE customer_id IN (SELECT given.customer_id FROM {given})"
        f" AND (customer_id, source, id) IN"
        f" (SELECT given.customer_id, given.source, given.id FROM {given})"
    )
