"""What is held of a customer, and how is it forgotten, so many rows at a time?

Names, words and payloads go; what is counted stays: messages, attempts, decisions, scores, clicks.
The keyed hashes of what was spent and refused are in other tables, and outlive this.
"""
# ruff: noqa: S608 - table and column names are written here, values only as parameters

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Row, Text, TextClause, bindparam, exists, func, or_, select, text

from triggers.events import OWN_SOURCE
from worker.lifecycle import HandoffState, MessageState
from worker.store.merging import former_of, survivor_of
from worker.store.tables import (
    customer_history,
    customers,
    events,
    handoffs,
    messages,
    metadata,
    occurrences,
    refused_events,
)

_HIS = "customer_id IN :ids"
_HIS_MESSAGES = "message_id IN (SELECT id FROM messages WHERE customer_id IN :ids)"
_EMPTY = "CAST('{}' AS jsonb)"
ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Trace:
    """Rows of a table, by their own key and by what parts it; `blank` None: they go whole.

    `left` says which of them still hold something, so that what is done is not done again.
    """

    table: str
    key: tuple[str, ...]
    his: str
    blank: str | None = None
    left: str = "true"

    def sql(self, dialect: str) -> str:
        key = ", ".join(self.key)
        rows = f"SELECT {key} FROM {self.table} WHERE {self.his} AND ({self.left}) LIMIT :most"
        where = f"WHERE ({key}) IN ({rows})"
        if self.blank is None:
            return f"DELETE FROM {self.table} {where}"
        empty = _EMPTY if dialect == "postgresql" else "'{}'"
        return f"UPDATE {self.table} SET {self.blank.replace('EMPTY', empty)} {where}"


class Whose(NamedTuple):
    """`providers`: those whose receipts may be there. `former`: ids he had before.

    `hashes`: of addresses he had, where he was written to there or not.
    """

    customer: str
    providers: Sequence[str]
    former: Sequence[str] = ()
    hashes: Sequence[str] = ()

    @property
    def ids(self) -> list[str]:
        return [self.customer, *self.former]


_ATTEMPT = ("address", "subject", "text", "html", "error")
FACT = ("customer_id", "path", "key", "type", "time", "source", "id")
_FOLD = ("customer_id", "trigger", "key")
BEGINNINGS = (
    Trace("events", ("seq", "received_at"), _HIS),
    Trace("facts", FACT, _HIS),
    Trace("folds", _FOLD, _HIS),
    Trace("occurrences", ("id",), _HIS),
)
"""What may start something."""
_OURS = f"{_HIS} AND source = '{OWN_SOURCE}'"
TOLD_SINCE = (
    Trace("events", ("seq", "received_at"), _OURS),
    Trace("facts", FACT, _OURS),
    Trace("folds", _FOLD, _HIS),
)
"""What we told of messages that were on their way: what others say later is of somebody new."""
TRACES = (
    Trace("customer_history", ("seq",), _HIS),
    Trace("links", ("token",), _HIS_MESSAGES),
    Trace("outbox", ("message_id", "attempt"), _HIS_MESSAGES),
    # a receipt that nobody has read yet is read first; retention takes it later
    Trace(
        "receipts",
        ("seq",),
        # their index begins with the provider
        f"provider IN :providers AND {_HIS_MESSAGES}",
        "raw = EMPTY",
        "state <> 'new' AND CAST(raw AS text) <> '{}'",
    ),
    Trace("inbound", ("seq",), _HIS, "raw = EMPTY", "CAST(raw AS text) <> '{}'"),
    Trace("answers", ("message_id",), _HIS, "text = NULL", "text IS NOT NULL"),
    Trace(
        "attempts",
        ("message_id", "number"),
        _HIS,
        ", ".join(f"{name} = NULL" for name in _ATTEMPT) + ", headers = EMPTY",
        " OR ".join(f"{name} IS NOT NULL" for name in _ATTEMPT),
    ),
    Trace("decisions", ("seq", "at"), _HIS, "key = ''", "key <> ''"),
    Trace(
        "messages", ("id",), _HIS, "key = '', detail = NULL", "key <> '' OR detail IS NOT NULL"
    ),
    Trace(
        "handoffs",
        ("id",),
        _HIS,
        "key = '', why = '', text = '', note = NULL",
        "key <> '' OR why <> '' OR text <> '' OR note IS NOT NULL",
    ),
    Trace("callbacks", ("id",), "body ->> 'subject' IN :ids"),
)  # fmt: skip

_CALL = "key = '', why = '', text = '', note = NULL"
_CALL_LEFT = "why <> '' OR text <> '' OR note IS NOT NULL"
_HIS_ADDRESSES = (
    "(address_hash IN (SELECT address_hash FROM attempts WHERE customer_id IN :ids)"
    " OR address_hash IN :hashes)"
)
_NOBODY_S = f"customer_id IS NULL AND state <> 'new' AND {_HIS_ADDRESSES}"
_IN_HIS_WORDS = f"source IN ('reply', 'unclear reply', 'wrong number') AND {_HIS_ADDRESSES}"
SHARED = (
    Trace(
        "handoffs",
        ("id",),
        f"customer_id = '' AND inbound IN (SELECT seq FROM inbound WHERE {_NOBODY_S})",
        _CALL,
        _CALL_LEFT,
    ),
    Trace("inbound", ("seq",), _NOBODY_S, "raw = EMPTY", "CAST(raw AS text) <> '{}'"),
    Trace("refusals", ("seq",), _IN_HIS_WORDS, "wording = NULL", "wording IS NOT NULL"),
    Trace(
        "suppressions",
        ("address_hash", "channel", "category"),
        _IN_HIS_WORDS,
        "wording = NULL",
        "wording IS NOT NULL",
    ),
)
"""What came from where he was written to, and may be another's who shares it: never handed out."""


def is_known(connection: Connection, customer: str) -> bool:
    row = exists().where(customers.c.id == customer)
    event = exists().where(events.c.customer_id == customer)
    return bool(connection.scalar(select(or_(row, event))))


def blank_profile(connection: Connection, customer: str, *, now: datetime) -> None:
    """Of a customer who is held: from this commit on nobody knows where he can be reached."""
    nothing: dict[str, Any] = {"profile": {}, "field_orders": {}, "phone": None, "email": None}
    made = customers.update().where(customers.c.id == customer)
    connection.execute(made.values(**nothing, erased_at=now, updated_at=now))


def whole(connection: Connection, whose: Whose) -> Whose:
    """The id that is left of him, and all that he had before."""
    customer = survivor_of(connection, whose.customer)
    former = former_of(connection, [customer]).get(customer, ())
    return whose._replace(customer=customer, former=former)


def waiting_of(connection: Connection, whose: Whose) -> Sequence[Row[Any]]:
    query = select(occurrences).where(occurrences.c.customer_id.in_(whose.ids))
    return connection.execute(query.where(occurrences.c.state == "pending")).all()


def unsettled_of(connection: Connection, whose: Whose) -> Sequence[str]:
    """Messages that wait for another try, for a person, or for somebody to know of them."""
    states = (MessageState.PLANNED, MessageState.PARKED, MessageState.UNKNOWN)
    query = select(messages.c.id).where(messages.c.customer_id.in_(whose.ids))
    return connection.scalars(query.where(messages.c.state.in_(states))).all()


def end_message(connection: Connection, id_: str, state: MessageState, *, now: datetime) -> None:
    """Of one that is held."""
    ended = {"state": state, "why": ERASED, "due": None, "look_at": None, "updated_at": now}
    connection.execute(messages.update().where(messages.c.id == id_).values(**ended))


def end_calls(connection: Connection, whose: Whose, *, now: datetime) -> None:
    """Nobody is to be called any more whom nobody knows."""
    waiting = handoffs.c.state.in_([HandoffState.OPEN, HandoffState.TAKEN])
    made = handoffs.update().where(handoffs.c.customer_id.in_(whose.ids), waiting)
    connection.execute(made.values(state=HandoffState.FAILED, ended_at=now, updated_at=now))


def forget_refused(connection: Connection, names: Iterable[str], *, most: int) -> int:
    """What was refused and names him; it has no customer, so that every row of it is read."""
    raw = refused_events.c.raw
    # not LIKE, to which a and A are one on SQLite
    named = [func.replace(raw, one, "") != raw for name in names for one in _written(name)]
    found = select(refused_events.c.seq).where(or_(*named)).limit(most)
    gone = refused_events.delete().where(refused_events.c.seq.in_(found))
    return connection.execute(gone).rowcount


def forget(connection: Connection, trace: Trace, whose: Whose, *, most: int) -> int:
    """So many rows hold nothing of him any more."""
    made = _made(trace.sql(connection.dialect.name))
    return connection.execute(made, {**_given(whose), "most": most}).rowcount


def held_of(connection: Connection, whose: Whose) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every row there is of a customer: the table's name, and the row."""
    yield from _rows(connection, "customers", "id IN :ids", whose)
    for trace in (*BEGINNINGS, *TRACES):
        yield from _rows(connection, trace.table, trace.his, whose)
    yield from _rows(connection, "clicks", _HIS_MESSAGES, whose)
    yield from _rows(connection, "erased_contacts", _HIS, whose)


def _rows(
    connection: Connection, name: str, his: str, whose: Whose
) -> Iterator[tuple[str, dict[str, Any]]]:
    table = metadata.tables[name]
    chosen = ", ".join(f'"{column.name}"' for column in table.columns)
    key = ", ".join(f'"{column.name}"' for column in table.primary_key)
    made = _made(f"SELECT {chosen} FROM {name} WHERE {his} ORDER BY {key}")
    rows = connection.execute(made.columns(*table.columns), _given(whose))
    for row in rows:
        yield name, dict(row._mapping)


def _made(sql: str) -> TextClause:
    lists = [name for name in ("ids", "providers", "hashes") if f":{name}" in sql]
    return text(sql).bindparams(*(bindparam(name, expanding=True, type_=Text()) for name in lists))


def _given(whose: Whose) -> dict[str, Any]:
    lists = {"providers": whose.providers, "hashes": whose.hashes}
    return {"ids": whose.ids, **{name: list(those) for name, those in lists.items()}}


def contacts_of(connection: Connection, whose: Whose) -> set[tuple[str, str]]:
    """(channel, address) of all that his profile has or had."""
    c, h = customers.c, customer_history.c
    query = select(c.phone, c.email, c.profile).where(c.id.in_(whose.ids))
    found = {
        (channel, address)
        for row in connection.execute(query)
        for channel, said in (("sms", row.phone), ("email", row.email),
                              *_said(row.profile))
        if isinstance(address := said, str)
    }  # fmt: skip
    for changes in connection.scalars(select(h.changes).where(h.customer_id.in_(whose.ids))):
        for side in ("from", "to"):
            known = {name: one.get(side) for name, one in changes.items()}
            found |= {(channel, said) for channel, said in _said(known) if isinstance(said, str)}
    return found


def _said(profile: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [("sms", profile.get("phone")), ("email", profile.get("email"))]


def in_flight(connection: Connection, whose: Whose, now: datetime) -> bool:
    """Whether a provider is being asked just now: what it answers is written down later."""
    m = messages.c
    leased = (m.state == MessageState.SENDING.value) & (m.lease_until > now)
    query = select(m.id).where(m.customer_id.in_(whose.ids), leased).limit(1)
    return connection.execute(query).first() is not None


def _written(name: str) -> set[str]:
    """As it may stand in JSON: a name that is part of another is not meant."""
    return {orjson.dumps(name).decode(), json.dumps(name)}
