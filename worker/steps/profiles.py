"""What do events say of their customers, and what follows for what waits?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from triggers.addresses import Email, Phone, email_of, phone_of
from triggers.catalog import CUSTOMER_UPDATED
from triggers.configuration import Configuration
from triggers.customers import Customer
from triggers.definitions import Policy
from triggers.events import Event
from triggers.profiles import Merged, merge
from worker.steps.ground import Clock, Ground, clock_of
from worker.store import customers, occurrences
from worker.store.customers import Held
from worker.store.inbox import Read


@dataclass(slots=True)
class People:
    """The customers held: as they are now, and whose clock has changed."""

    known: Mapping[str, Held]
    moved: set[str] = field(default_factory=set)

    def clocks(self, policy: Policy, ids: Iterable[str]) -> dict[str, Clock]:
        return {id_: clock_of(Customer(id_, self.known[id_].profile), policy) for id_ in ids}


def learn(
    connection: Connection, ground: Ground, held: Mapping[str, Held], read: Iterable[Read]
) -> People:
    """Merge what the events say into the profiles, keep the history, wake who was unreachable."""
    now_known = dict(held)
    history: list[dict[str, Any]] = []
    for one in read:
        for event, merged in _merged(ground.configuration, now_known, one):
            customer = now_known[event.customer]
            now_known[customer.id] = replace(
                customer, profile=merged.profile, field_orders=merged.field_orders
            )
            if merged.changes:
                history.append(_history_row(event, merged))
    _save(connection, ground, held, now_known)
    customers.write_history(connection, history)
    changed = {row["customer_id"] for row in history}
    occurrences.wake_unreachable(connection, changed, now=ground.now)
    return _people(ground.policy, held, now_known, changed)


def _merged(
    configuration: Configuration, known: Mapping[str, Held], one: Read
) -> Iterable[tuple[Event, Merged]]:
    update = profile_update(configuration, one) if one.writes_customer else {}
    if update:
        customer = known[one.event.customer]
        yield one.event, merge(customer.profile, customer.field_orders, update, one.event.order)


def profile_update(configuration: Configuration, one: Read) -> Mapping[str, Any]:
    """What an event says of its customer; fields that fit no longer are left out."""
    data = one.event.data
    said = data if one.event.type == CUSTOMER_UPDATED else data.get("customer")
    if not isinstance(said, Mapping):
        return {}
    wrong = {
        pointer.split("/")[1] for pointer, _ in configuration.profile.problems(said) if pointer
    }
    return {name: value for name, value in said.items() if name not in wrong}


def _history_row(event: Event, merged: Merged) -> dict[str, Any]:
    return {
        "customer_id": event.customer,
        "at": event.time,
        "source": event.source,
        "event_id": event.id,
        "changes": merged.changes,
    }


def _save(
    connection: Connection, ground: Ground, old: Mapping[str, Held], new: Mapping[str, Held]
) -> None:
    rows = [
        {
            "id": one.id,
            "profile": one.profile,
            "field_orders": one.field_orders,
            **addresses_of(one.profile, ground.policy),
            "updated_at": ground.now,
        }
        for one in new.values()
        if one is not old[one.id]
    ]
    customers.save_profiles(connection, rows)


def addresses_of(profile: Mapping[str, Any], policy: Policy) -> dict[str, str | None]:
    """As they are looked up when an answer comes in: one way of writing for each."""
    customer = Customer("", profile)
    country = (customer.text("country") or policy.country).upper()
    phone = phone_of(customer.text("phone") or "", country)
    email = email_of(customer.text("email") or "")
    return {
        "phone": phone.e164 if isinstance(phone, Phone) else None,
        "email": email.address if isinstance(email, Email) else None,
    }


def _people(
    policy: Policy, old: Mapping[str, Held], new: Mapping[str, Held], changed: set[str]
) -> People:
    before, after = (People(one).clocks(policy, changed) for one in (old, new))
    return People(new, {id_ for id_ in changed if before[id_].zone != after[id_].zone})
