"""What is older than it may be kept, table by table and page by page?

Each page is a range of the table's own key, so that a night's walk reads each row once and holds
few of them, for a moment. event_ids, spent, suppressions, refusals and address_marks are no part
of it: what was said and refused once is known for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Table,
    Text,
    and_,
    cast,
    exists,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from triggers.clock import instant, stamp
from worker.lifecycle import (
    AttemptState,
    CallbackState,
    EventState,
    HandoffState,
    InboundState,
    MessageState,
    OccurrenceState,
    ReceiptState,
)
from worker.store.partitions import BY_MONTH, in_parts
from worker.store.tables import (
    answers,
    attempts,
    callbacks,
    customer_history,
    decisions,
    erased_contacts,
    events,
    facts,
    folds,
    handoffs,
    house,
    inbound,
    links,
    messages,
    occurrences,
    outbox,
    receipts,
    refused_events,
)

Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows whose moment is `at`; `blank` None: they go whole. `unless`: what is still needed."""

    table: Table
    at: str
    unless: ColumnElement[bool]
    blank: Mapping[str, Any] | None = None
    left: ColumnElement[bool] | None = field(default=None)


_WORDS = ("address", "subject", "text", "html", "error")
_OPEN = (MessageState.SENDING, MessageState.PLANNED, MessageState.UNKNOWN, MessageState.PARKED)
_waits = exists().where(
    occurrences.c.customer_id == facts.c.customer_id,
    occurrences.c.state == OccurrenceState.PENDING.value,
)
_in_hand = exists().where(messages.c.id == attempts.c.message_id, messages.c.state.in_(_OPEN))
_calls = handoffs.c.state.in_([HandoffState.OPEN, HandoffState.TAKEN])
_unread = events.c.state.in_([EventState.NEW, EventState.SET_ASIDE])

CLASSES: Mapping[str, tuple[Kept, ...]] = {
    "texts": (
        Kept(
            attempts,
            "claimed_at",
            or_(attempts.c.state == AttemptState.SENDING, _in_hand),
            {**dict.fromkeys(_WORDS), "headers": {}},
            or_(*(attempts.c[name].is_not(None) for name in _WORDS)),
        ),
        Kept(
            handoffs,
            "created_at",
            _calls,
            {"why": "", "text": "", "note": None},
            or_(handoffs.c.why != "", handoffs.c.text != "", handoffs.c.note.is_not(None)),
        ),
        Kept(answers, "at", answers.c.at.is_(None), {"text": None}, answers.c.text.is_not(None)),
        Kept(outbox, "at", outbox.c.at.is_(None)),
        Kept(links, "expires_at", links.c.expires_at.is_(None)),
    ),
    "events": (
        Kept(events, "received_at", _unread),
        # the start of what waits carries it
        Kept(facts, "received_at", _waits),
        # what is forgotten may be in it; what is left is read again
        Kept(folds, "until_time", folds.c.until_time.is_(None)),
        Kept(customer_history, "at", customer_history.c.at.is_(None)),
    ),
    "decisions": (
        Kept(decisions, "at", decisions.c.at.is_(None)),
        Kept(erased_contacts, "time", erased_contacts.c.time.is_(None)),
        Kept(occurrences, "updated_at", occurrences.c.state == OccurrenceState.PENDING),
        # that so much was said is counted for ever; about what is not
        Kept(
            messages,
            "claimed_at",
            messages.c.state.in_(_OPEN),
            {"key": "", "detail": None},
            or_(messages.c.key != "", messages.c.detail.is_not(None)),
        ),
        Kept(handoffs, "created_at", _calls, {"key": ""}, handoffs.c.key != ""),
    ),
    "raw": (
        Kept(
            receipts,
            "received_at",
            receipts.c.state == ReceiptState.NEW,
            {"raw": {}},
            cast(receipts.c.raw, Text) != "{}",
        ),
        Kept(
            inbound,
            "received_at",
            inbound.c.state == InboundState.NEW,
            {"raw": {}},
            cast(inbound.c.raw, Text) != "{}",
        ),
        Kept(refused_events, "received_at", refused_events.c.received_at.is_(None)),
        Kept(callbacks, "updated_at", callbacks.c.state == CallbackState.WAITING),
    ),
}


def forget_page(
    connection: Connection, kept: Kept, after: Key | None, *, before: datetime, most: int
) -> tuple[int, Key | None]:
    """How many rows were forgotten, and where the next page begins; None at the table's end."""
    key = tuple(kept.table.primary_key.columns)
    query = select(*key).order_by(*key).limit(most)
    if kept.table in BY_MONTH and in_parts(connection):
        # parts of which nothing is old are not even looked at
        query = query.where(kept.table.c[kept.at] < before)
    if after is not None:
        query = query.where(_beyond(key, after))
    page = connection.execute(query).all()
    if not page:
        return 0, None
    last: Key = tuple(page[-1])
    span = ~_beyond(key, last)
    old = [span if after is None else and_(_beyond(key, after), span)]
    old += [kept.table.c[kept.at] < before, ~kept.unless]
    if kept.left is not None:
        old.append(kept.left)
    made = (
        kept.table.delete().where(*old)
        if kept.blank is None
        else kept.table.update().where(*old).values(**kept.blank)
    )
    done = connection.execute(made).rowcount
    return done, last if len(page) == most else None


def _beyond(key: tuple[Column[Any], ...], after: Key) -> ColumnElement[bool]:
    if len(key) == 1:
        above: ColumnElement[bool] = key[0] > after[0]
        return above
    last = tuple_(*after, types=[column.type for column in key])
    beyond: ColumnElement[bool] = tuple_(*key) > last
    return beyond


_NAME = "retention_after"


def take_turn(connection: Connection, now: datetime, until: datetime) -> bool:
    """Whether it is time, and nobody else does it: it is ours until then, or until `finish`."""
    insert = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
    first = insert(house).values(name=_NAME, value=stamp(until)).on_conflict_do_nothing()
    if connection.execute(first.returning(house.c.name)).first() is not None:
        return True
    seen = connection.scalar(select(house.c.value).where(house.c.name == _NAME)) or ""
    if instant(seen) > now:
        return False
    mine = house.update().where(house.c.name == _NAME, house.c.value == seen)
    return connection.execute(mine.values(value=stamp(until))).rowcount == 1


def finish(connection: Connection, until: datetime) -> None:
    """It is done, and not again before then."""
    done = house.update().where(house.c.name == _NAME)
    connection.execute(done.values(value=stamp(until)))
