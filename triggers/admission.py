"""Does our catalog take this event, as an event of which customer and of which moment?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from triggers.catalog import CUSTOMER_UPDATED, Catalog, EventType, is_ours
from triggers.definitions import Policy
from triggers.durations import Duration
from triggers.envelope import CONTROL, Envelope, utf8_length
from triggers.events import OWN_SOURCE, Event
from triggers.mistakes import meant, quoted
from triggers.paths import Path, key_text
from triggers.refusals import Kind, Problem, Refusal
from triggers.strict_json import pointer_to

AHEAD = timedelta(minutes=5)
LONGEST_CUSTOMER = 200
CUSTOMERS_SOURCE = "customers-api"
"""The source of what PUT and the customers' file say, stored as customer.updated events."""
CUSTOMERS_DOOR = "customers"
PROFILE_ID = Path.parse("event.data.id")


def admit(
    envelope: Envelope,
    catalog: Catalog,
    policy: Policy,
    *,
    now: datetime,
    history: bool = False,
    door: str,
) -> Event:
    """The event, ready to be stored; a Refusal names everything the catalog has against it."""
    known = catalog.types.get(envelope.type)
    time = _time(envelope, now)
    customer = None if known is None else customer_of(envelope, known)
    problems = [*_reserved_source(envelope, door)]
    if is_ours(envelope.type):
        problems.append(Problem("/type", f"{quoted(envelope.type)} is what we say ourselves"))
    elif known is None:
        hint = meant(envelope.type, catalog.types)
        problems.append(Problem("/type", f"is not in the catalog{hint}"))
    else:
        problems += _misfits(envelope, known, customer)
    if not history and now - time > policy.lateness:
        whole = policy.lateness.days
        age = Duration(whole, policy.lateness - timedelta(days=whole))
        problems.append(Problem("/time", f"is too late: more than {age} ago"))
    if known is None or problems:
        raise Refusal(Kind.AGAINST_CATALOG, tuple(problems))
    return Event(
        source=envelope.source,
        id=envelope.id,
        type=envelope.type,
        time=time,
        customer=customer or "",
        data=envelope.data,
        received=now,
        subject=envelope.subject,
        history=history,
    )


def customer_of(event: Envelope, known: EventType) -> str | None:
    """The customer's id where the type says it stands; None where no usable one does.

    A profile carries its own id: a customer.updated event needs no subject.
    """
    found = _id_at(known.customer, event)
    if found is None and known.name == CUSTOMER_UPDATED:
        return _id_at(PROFILE_ID, event)
    return found


def _id_at(path: Path, event: Envelope) -> str | None:
    value = path.read(event)
    # a key may be true or false, a customer may not
    found = None if isinstance(value, bool) else key_text(value)
    if found is not None and found.isalnum() and found.isascii() and len(found) <= LONGEST_CUSTOMER:
        return found
    if found is None or not found.strip():
        return None
    return None if utf8_length(found) > LONGEST_CUSTOMER or CONTROL.search(found) else found


def _time(envelope: Envelope, now: datetime) -> datetime:
    # a clock that far ahead is wrong, and would make its event the newest for days to come
    if envelope.time is None or envelope.time - now > AHEAD:
        return now
    return envelope.time


def _reserved_source(envelope: Envelope, door: str) -> Iterator[Problem]:
    if envelope.source == OWN_SOURCE:
        yield Problem("/source", f"{OWN_SOURCE!r} is reserved for what we say ourselves")
    if envelope.source == CUSTOMERS_SOURCE and door != CUSTOMERS_DOOR:
        yield Problem("/source", f"{CUSTOMERS_SOURCE!r} is reserved for the customers door")


def _misfits(event: Envelope, known: EventType, customer: str | None) -> Iterator[Problem]:
    for pointer, message in known.problems(event.data):
        yield Problem("/data" + pointer, message)
    if customer is None:
        yield Problem(
            pointer_to(*known.customer.parts),
            f"must hold the customer's id: a text of 1 to {LONGEST_CUSTOMER} bytes",
        )
    elif known.name == CUSTOMER_UPDATED and PROFILE_ID.read(event) not in (None, customer):
        yield Problem(pointer_to(*PROFILE_ID.parts), "is not the event's own customer")
