"""What has become of everything lately, and why? For people who look on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, func, select, tuple_

from worker.lifecycle import MessageState, OccurrenceState
from worker.store.tables import attempts, customers, decisions, events, messages, occurrences

GONE_OUT = (
    MessageState.ACCEPTED,
    MessageState.SENT,
    MessageState.DELIVERED,
    MessageState.DELIVERY_UNKNOWN,
)


def read_counts(connection: Connection) -> dict[str, int]:
    """Events by state."""
    query = select(events.c.state, func.count()).group_by(events.c.state)
    return {str(state): int(count) for state, count in connection.execute(query)}


def read_outcomes(connection: Connection) -> dict[str, int]:
    """Occurrences by how they stand; what was messaged, by its message: `sent` or its state."""
    query = (
        select(occurrences.c.state, messages.c.state, func.count())
        .outerjoin(messages, messages.c.occurrence_id == occurrences.c.id)
        .group_by(occurrences.c.state, messages.c.state)
    )
    found: Counter[str] = Counter()
    for state, message, count in connection.execute(query):
        found["sent" if message in GONE_OUT else str(message or state)] += count
    return dict(found)


def read_latest(connection: Connection, *, most: int) -> Sequence[Any]:
    """The occurrences that changed last, each with its message's state and words."""
    last = and_(attempts.c.message_id == messages.c.id, attempts.c.number == messages.c.attempt)
    query = (
        select(
            occurrences.c.id,
            occurrences.c.trigger,
            occurrences.c.customer_id,
            occurrences.c.key,
            occurrences.c.epoch,
            occurrences.c.state,
            occurrences.c.reason,
            occurrences.c.detail,
            occurrences.c.due,
            occurrences.c.updated_at,
            customers.c.profile,
            messages.c.state.label("message_state"),
            messages.c.channel,
            messages.c.why,
            attempts.c.address,
            attempts.c.subject,
            attempts.c.text,
        )
        .outerjoin(customers, customers.c.id == occurrences.c.customer_id)
        .outerjoin(messages, messages.c.occurrence_id == occurrences.c.id)
        .outerjoin(attempts, last)
        .order_by(occurrences.c.updated_at.desc(), occurrences.c.id)
        .limit(most)
    )
    found: Sequence[Any] = connection.execute(query).all()
    return found


def read_exits(connection: Connection, rows: Sequence[Any]) -> Mapping[str, str]:
    """The type of the event that called off each of these occurrences, by the occurrence's id."""
    named = {
        (row.trigger, row.customer_id, row.key, row.epoch): row.id
        for row in rows
        if row.state == OccurrenceState.CALLED_OFF
    }
    if not named:
        return {}
    of = decisions.c
    query = select(of.trigger, of.customer_id, of.key, of.epoch, of.facts).where(
        of.verdict == OccurrenceState.CALLED_OFF,
        of.customer_id.in_({customer for _, customer, _, _ in named}),
        tuple_(of.trigger, of.customer_id, of.key, of.epoch).in_(named),
    )
    # the first fact is what called it off
    by = {
        named[tuple(name)]: tuple(facts[0])
        for *name, facts in connection.execute(query.order_by(of.seq))
        if facts
    }
    ids = tuple_(events.c.source, events.c.id)
    types = select(events.c.source, events.c.id, events.c.type).where(ids.in_(set(by.values())))
    known = {(source, id_): type_ for source, id_, type_ in connection.execute(types)}
    return {occurrence: known[name] for occurrence, name in by.items() if name in known}
