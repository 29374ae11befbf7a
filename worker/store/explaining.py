"""What is stored of one customer up to a moment, for whoever asks why?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, and_, exists, func, or_, select, tuple_, type_coerce

from triggers.events import Event, Order
from triggers.facts import Spent
from worker.lifecycle import EventState
from worker.store.bulk import Reading
from worker.store.inbox import event_of
from worker.store.tables import (
    activations,
    attempts,
    customer_history,
    customers,
    decisions,
    events,
    facts,
    handoffs,
    messages,
    occurrences,
    pauses,
    spent,
)

MOST_DECISIONS = 5_000
MOST_CHANGES = 2_000
STARTS = 3
"""So many of the newest events of a type are looked at, read or not."""

_SPENT = Reading(spent, by=("key_hash",))
_ATTEMPTS = Reading(attempts, by=("message_id",))


class Person(NamedTuple):
    """`profile` None: nothing but events is known of this name."""

    profile: Mapping[str, Any] | None
    erased: datetime | None


class Kept(NamedTuple):
    """Where facts of a customer are kept, and when the newest of them was."""

    type: str
    path: str
    key: str
    newest: datetime


class Started(NamedTuple):
    event: Event
    state: str


def find_person(connection: Connection, customer: str) -> Person | None:
    """None where nobody of this name was ever heard of."""
    row = connection.execute(
        select(customers.c.profile, customers.c.erased_at).where(customers.c.id == customer)
    ).first()
    if row is not None:
        return Person(row.profile, row.erased_at)
    heard = exists().where(events.c.customer_id == customer)
    return Person(None, None) if connection.execute(select(heard)).scalar() else None


def bundle_at(connection: Connection, at: datetime) -> str | None:
    """The hash of the bundle that was in force; None before the first was applied."""
    query = select(activations.c.bundle).where(activations.c.at <= at)
    return connection.execute(query.order_by(activations.c.seq.desc()).limit(1)).scalar()


class Changed(NamedTuple):
    """A change of a profile; `known`: when we had read of it."""

    known: datetime
    changes: Mapping[str, Any]


def read_changes(connection: Connection, customer: str) -> list[Changed]:
    """What changed in the profile, the last learnt first."""
    of = customer_history.c
    by = and_(events.c.source == of.source, events.c.id == of.event_id)
    known = type_coerce(func.coalesce(events.c.read_at, of.at), of.at.type)
    query = (
        select(known, of.changes)
        .select_from(customer_history.outerjoin(events, by))
        .where(of.customer_id == customer)
    )
    rows = connection.execute(query.order_by(of.seq.desc()).limit(MOST_CHANGES))
    return [Changed(*row) for row in rows]


def read_decisions(
    connection: Connection, customer: str, triggers: Collection[str], at: datetime
) -> Sequence[Row[Any]]:
    """Of these triggers, the newest first."""
    of = decisions.c
    query = select(decisions).where(
        of.customer_id == customer, of.trigger.in_(triggers), of.at <= at
    )
    newest = query.order_by(of.at.desc(), of.seq.desc()).limit(MOST_DECISIONS)
    return connection.execute(newest).all()


def read_occurrences(
    connection: Connection, customer: str, triggers: Collection[str]
) -> Sequence[Row[Any]]:
    """As they stand now, whatever moment is asked about."""
    of = occurrences.c
    query = select(occurrences).where(of.customer_id == customer, of.trigger.in_(triggers))
    return connection.execute(query.order_by(of.updated_at.desc()).limit(MOST_DECISIONS)).all()


def read_messages(
    connection: Connection, ids: Collection[str]
) -> tuple[Sequence[Row[Any]], Mapping[str, Sequence[Row[Any]]]]:
    """The messages of these occurrences, and the attempts of each."""
    if not ids:
        return (), {}
    found = connection.execute(select(messages).where(messages.c.occurrence_id.in_(ids))).all()
    tried: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in _ATTEMPTS.run(connection, [{"message_id": one.id} for one in found]):
        tried[row.message_id].append(row)
    return found, {id_: sorted(rows, key=lambda row: row.number) for id_, rows in tried.items()}


def read_calls(connection: Connection, ids: Collection[str]) -> Sequence[Row[Any]]:
    """The calls that these occurrences asked for."""
    if not ids:
        return ()
    query = select(handoffs).where(handoffs.c.occurrence_id.in_(ids))
    return connection.execute(query).all()


def kept_keys(
    connection: Connection, customer: str, types: Collection[str], at: datetime
) -> list[Kept]:
    """Under which keys facts of these types are kept."""
    of = facts.c
    newest = type_coerce(func.max(of.time), of.time.type)
    query = (
        select(of.type, of.path, of.key, newest)
        .where(of.customer_id == customer, of.type.in_(types), of.received_at <= at)
        .group_by(of.type, of.path, of.key)
    )
    return [Kept(*row) for row in connection.execute(query)]


def read_spent_at(
    connection: Connection, key_hashes: Iterable[str], at: datetime
) -> Mapping[str, Mapping[str, Spent]]:
    """Of each key's hash: hash of the epoch -> what was spent by then."""
    found: dict[str, dict[str, Spent]] = defaultdict(dict)
    for row in _SPENT.run(connection, [{"key_hash": one} for one in set(key_hashes)]):
        if row.spent_at <= at:
            start = Order(row.start_time, row.start_source or "", row.start_id or "")
            found[row.key_hash][row.epoch_hash] = Spent(row.epoch, start)
    return found


def newest_starts(
    connection: Connection, customer: str, types: Collection[str], at: datetime
) -> Mapping[str, Sequence[Started]]:
    """The newest few events of each type, read or not, and what became of them."""
    of = events.c
    nth = func.row_number().over(partition_by=of.type, order_by=(of.time.desc(), of.seq.desc()))
    theirs = (
        select(events, nth.label("nth"))
        .where(of.customer_id == customer, of.type.in_(types), of.received_at <= at)
        .subquery()
    )
    rows = connection.execute(select(theirs).where(theirs.c.nth <= STARTS).order_by(theirs.c.nth))
    found: dict[str, list[Started]] = defaultdict(list)
    for row in rows:
        unread = row.read_at is not None and row.read_at > at
        found[row.type].append(Started(event_of(row), "new" if unread else row.state))
    return found


def read_after(connection: Connection, customer: str, at: datetime) -> set[tuple[str, str]]:
    """(source, id) of the events that had come by then and were read later."""
    of = events.c
    query = select(of.source, of.id).where(
        of.customer_id == customer, of.received_at <= at, of.read_at > at
    )
    return {(source, id_) for source, id_ in connection.execute(query)}


def name_events(
    connection: Connection, names: Collection[tuple[str, str]]
) -> Mapping[tuple[str, str], Event]:
    """By (source, id), those that are still kept."""
    if not names:
        return {}
    query = select(events).where(tuple_(events.c.source, events.c.id).in_(names))
    return {(row.source, row.id): event_of(row) for row in connection.execute(query)}


def count_unread(connection: Connection, customer: str, at: datetime) -> Mapping[str, int]:
    """Events that were not read by then: `new` and `set_aside`."""
    of = events.c
    later = and_(of.state == EventState.READ, of.read_at > at)
    open_ = or_(of.state.in_([EventState.NEW, EventState.SET_ASIDE]), later)
    query = select(of.state, func.count()).where(
        of.customer_id == customer, of.received_at <= at, open_
    )
    found: dict[str, int] = defaultdict(int)
    for state, count in connection.execute(query.group_by(of.state)):
        found["set_aside" if state == EventState.SET_ASIDE else "new"] += count
    return found


def read_pauses(connection: Connection) -> Sequence[Row[Any]]:
    """What is paused now, by whom and since when."""
    return connection.execute(select(pauses).order_by(pauses.c.scope)).all()
