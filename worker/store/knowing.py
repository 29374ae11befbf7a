"""Who is meant by a phone number or an address, and what holds of a customer just now?"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select

from worker.lifecycle import HandoffState, OccurrenceState
from worker.store.addresses import Address
from worker.store.tables import (
    address_marks,
    attempts,
    customers,
    handoffs,
    inbound,
    messages,
    occurrences,
    suppressions,
)

_COLUMNS = {"sms": customers.c.phone, "email": customers.c.email}


class Found(NamedTuple):
    """`has_it`: the profile has the address now; else only something went, or came from, there."""

    id: str
    has_it: bool


class Now(NamedTuple):
    """`refused` and `bad` are of the customer's addresses; the rest is his own."""

    refused: Sequence[Row[Any]]
    bad: Sequence[Row[Any]]
    waiting: Sequence[Row[Any]]
    calls: Sequence[Row[Any]]


def find_by_address(
    connection: Connection, address: Address, spellings: Collection[str], *, most: int
) -> list[Found]:
    """Those whose profile has it come first; nobody twice, and no id that was merged away."""
    his = _COLUMNS[address.channel].in_(spellings), customers.c.merged_into.is_(None)
    now = select(customers.c.id).where(*his).order_by(customers.c.id).limit(most)
    found = {id_: Found(id_, has_it=True) for id_ in connection.scalars(now)}
    for table in (attempts, inbound):
        of = table.c
        there = of.address_hash == address.hash, of.channel == address.channel
        known = select(of.customer_id).where(*there, of.customer_id.is_not(None)).distinct()
        for id_ in connection.scalars(known.limit(most)):
            found.setdefault(id_, Found(id_, has_it=False))
    return list(found.values())[:most]


def read_now_of(
    connection: Connection, customer: str, hashes: Collection[str], *, most: int
) -> Now:
    """What he refused, where nothing arrives, what waits for him, and which calls are not made."""
    s, o, h = suppressions.c, occurrences.c, handoffs.c
    refused = select(suppressions).where(s.address_hash.in_(hashes), s.lifted_at.is_(None))
    bad = select(address_marks).where(address_marks.c.address_hash.in_(hashes))
    pending = o.customer_id == customer, o.state == OccurrenceState.PENDING
    waiting = select(occurrences).where(*pending).order_by(o.due, o.id).limit(most)
    open_ = h.customer_id == customer, h.state.in_([HandoffState.OPEN, HandoffState.TAKEN])
    calls = select(handoffs).where(*open_).order_by(h.due, h.id).limit(most)
    return Now(
        connection.execute(refused.order_by(s.at.desc())).all(),
        connection.execute(bad).all(),
        connection.execute(waiting).all(),
        connection.execute(calls).all(),
    )


def read_mail(connection: Connection, message: str, number: int) -> str | None:
    """The HTML of an attempt; None where there is none, or where it is kept no more."""
    of = attempts.c
    query = select(of.html).where(of.message_id == message, of.number == number)
    return connection.scalar(query)


def read_own_alias(connection: Connection, customer: str) -> str | None:
    """The id that a customer has now, who was merged into it; None where his id stands."""
    query = select(customers.c.merged_into).where(customers.c.id == customer)
    return connection.scalar(query)


def customer_of_message(connection: Connection, message: str) -> str | None:
    return connection.scalar(select(messages.c.customer_id).where(messages.c.id == message))
