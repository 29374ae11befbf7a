"""What happened between a customer and us, in the order of time?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Connection, Row, Table, and_, or_, select

from triggers.catalog import CUSTOMER_UPDATED
from triggers.clock import instant, stamp
from triggers.events import OWN_SOURCE
from worker.lifecycle import OccurrenceState
from worker.store.tables import (
    answers,
    attempts,
    clicks,
    customer_history,
    customers,
    decisions,
    events,
    handoffs,
    inbound,
    messages,
    occurrences,
    receipts,
    refusals,
)

Facts = dict[str, Any]
Mark = int | str


class Place(NamedTuple):
    """Where in a story somebody has stopped reading."""

    at: datetime
    kind: str
    mark: Mark

    def __str__(self) -> str:
        return f"{stamp(self.at)}~{self.kind}~{self.mark}"


class Asked(NamedTuple):
    """Whose story. `providers`: those whose receipts may be there.

    `hashes`: of all addresses that are or were the customer's. `plain`: without what is told twice,
    such as our own events, and receipts, beside the messages that they tell of.
    """

    customer: str
    providers: Sequence[str]
    hashes: Sequence[str] = ()
    plain: bool = False


class Page(NamedTuple):
    """The newest first; `after` is where the next page begins, None at the end."""

    told: list[Facts]
    after: Place | None


@dataclass(frozen=True, slots=True)
class _Kind:
    """Rows of one table: when each happened, what tells two of one moment apart, what is shown."""

    table: Table
    at: str
    mark: str
    shown: tuple[str, ...]


_KINDS = {
    "event": _Kind(
        events,
        "time",
        "seq",
        ("source", "id", "type", "time", "received_at", "data", "history", "door", "state",
         "error", "read_at"),
    ),
    "decision": _Kind(
        decisions,
        "at",
        "seq",
        ("trigger", "key", "epoch", "verdict", "reason", "detail", "moment", "facts", "bundle",
         "message_id"),
    ),
    "occurrence": _Kind(
        occurrences,
        "updated_at",
        "id",
        ("trigger", "key", "epoch", "state", "reason", "detail", "moment", "due", "expires"),
    ),
    "message": _Kind(
        messages,
        "claimed_at",
        "id",
        ("id", "trigger", "key", "epoch", "category", "message", "language", "channel", "state",
         "why", "detail", "due", "expires", "bundle", "updated_at"),
    ),
    "handoff": _Kind(
        handoffs,
        "created_at",
        "id",
        ("id", "trigger", "key", "queue", "why", "text", "state", "due", "message_id", "taken_by",
         "taken_at", "ended_at", "note", "updated_at"),
    ),
    "profile": _Kind(customer_history, "at", "seq", ("source", "event_id", "changes")),
    "receipt": _Kind(
        receipts, "received_at", "seq", ("message_id", "attempt", "provider", "status", "state")
    ),
    "click": _Kind(clicks, "at", "seq", ("message_id", "by")),
    "reply": _Kind(
        inbound,
        "received_at",
        "seq",
        ("channel", "provider", "meaning", "message_id", "state", "raw"),
    ),
    "answer": _Kind(
        answers, "at", "message_id", ("message_id", "trigger", "survey", "channel", "score", "text")
    ),
    "refusal": _Kind(refusals, "at", "seq", ("channel", "category", "said", "source", "wording")),
    "merge": _Kind(customers, "updated_at", "id", ("id",)),
    "erasure": _Kind(customers, "erased_at", "id", ("id",)),
}  # fmt: skip
_TOLD_TWICE = ("claimed", "handed_over", "parked")
"""Verdicts whose message or call is told at the same moment."""
_OF_MESSAGES = frozenset({"receipt", "click", "answer"})
_ORDER = {kind: rank for rank, kind in enumerate(_KINDS)}
_ATTEMPT = ("number", "channel", "address", "subject", "text", "html", "segments", "state",
            "claimed_at", "finished_at", "provider_ref", "code", "error", "cost")  # fmt: skip


def read_place(text: str) -> Place:
    """ValueError where it is none."""
    at, kind, mark = text.split("~", 2)
    table = _KINDS[kind].table if kind in _KINDS else None
    if table is None:
        raise ValueError(f"there is no {kind!r} in a story")
    number = table.c[_KINDS[kind].mark].type.python_type is int
    if number and not -(2**63) <= int(mark) < 2**63:
        raise ValueError(f"{mark} is no number of a row")
    return Place(instant(at), kind, int(mark) if number else mark)


def read_story(
    connection: Connection, asked: Asked, *, after: Place | None = None, most: int
) -> Page:
    """The newest of everything, each with its `at` and `kind`; messages as they looked."""
    found: list[tuple[Place, Facts]] = []
    written = _has_messages(connection, asked.customer)
    for name, kind in _KINDS.items():
        if _needless(name, asked, written=written):
            continue
        query = select(kind.table).where(*_of_customer(name, kind.table, asked))
        if asked.plain:
            query = query.where(*_plain(name))
        if after is not None:
            query = query.where(_later(name, kind, after))
        at, mark = kind.table.c[kind.at], kind.table.c[kind.mark]
        rows = connection.execute(query.order_by(at.desc(), mark.desc()).limit(most + 1))
        for row in rows:
            place = Place(getattr(row, kind.at), name, getattr(row, kind.mark))
            shown = facts_of(row, kind.shown)
            found.append((place, {"kind": name, "at": stamp(place.at), **shown}))
    found.sort(key=lambda one: (one[0].at, _ORDER[one[0].kind], one[0].mark), reverse=True)
    told = found[:most]
    _with_attempts(connection, [facts for place, facts in told if place.kind == "message"])
    return Page([facts for _, facts in told], told[-1][0] if len(found) > most else None)


def read_hashes(connection: Connection, customer: str, known: Iterable[str] = ()) -> set[str]:
    """Of every address that is known to be the customer's, and of those he was written to at."""
    query = select(attempts.c.address_hash).where(attempts.c.customer_id == customer).distinct()
    return {*known, *connection.scalars(query)}


def _has_messages(connection: Connection, customer: str) -> bool:
    query = select(messages.c.id).where(messages.c.customer_id == customer).limit(1)
    return connection.execute(query).first() is not None


def _needless(name: str, asked: Asked, *, written: bool) -> bool:
    """What cannot be there, or is left out, is not asked for."""
    if name == "refusal":
        return not asked.hashes
    if name in _OF_MESSAGES:
        return not written or (asked.plain and name == "receipt")
    return False


def _of_customer(name: str, table: Table, asked: Asked) -> Sequence[ColumnElement[bool]]:
    """Whose rows they are, by an index of the table."""
    customer = asked.customer
    match name:
        case "merge":
            return (customers.c.merged_into == customer,)
        case "erasure":
            return (customers.c.id == customer, customers.c.erased_at.is_not(None))
        case "refusal":
            return (refusals.c.address_hash.in_(asked.hashes),)
        case _ if name in _OF_MESSAGES:
            theirs = select(messages.c.id).where(messages.c.customer_id == customer)
            of_message = table.c.message_id.in_(theirs)
            # the index of receipts begins with the provider
            heard = [receipts.c.provider.in_(asked.providers)] if name == "receipt" else []
            return (of_message, *heard)
        case _:
            return (table.c.customer_id == customer,)


def _plain(name: str) -> Sequence[ColumnElement[bool]]:
    match name:
        case "event":
            return (events.c.source != OWN_SOURCE, events.c.type != CUSTOMER_UPDATED)
        case "occurrence":
            return (occurrences.c.state == OccurrenceState.PENDING,)
        case "decision":
            return (decisions.c.verdict.not_in(_TOLD_TWICE),)
        case _:
            return ()


def _later(name: str, kind: _Kind, after: Place) -> ColumnElement[bool]:
    """What is told after that place, which is what happened before it."""
    at: Column[Any] = kind.table.c[kind.at]
    if name != after.kind:
        return at <= after.at if _ORDER[name] < _ORDER[after.kind] else at < after.at
    return or_(at < after.at, and_(at == after.at, kind.table.c[kind.mark] < after.mark))


def _with_attempts(connection: Connection, told: Sequence[Facts]) -> None:
    by_id = {one["id"]: one for one in told}
    for one in told:
        one["attempts"] = []
    query = select(attempts).where(attempts.c.message_id.in_(by_id)).order_by(attempts.c.number)
    for row in connection.execute(query) if by_id else ():
        by_id[row.message_id]["attempts"].append(facts_of(row, _ATTEMPT))


def facts_of(row: Row[Any], names: Sequence[str]) -> Facts:
    found = {name: getattr(row, name) for name in names}
    return {
        name: stamp(value) if isinstance(value, datetime) else value
        for name, value in found.items()
    }
