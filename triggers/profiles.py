"""What becomes of a profile when an update arrives, and which updates are well formed?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from triggers.clock import instant, stamp
from triggers.consents import (
    as_written,
    consents_of,
    has_consent,
    is_refused,
    latest_refusals,
)
from triggers.customers import OWN_FIELDS, Customer
from triggers.events import Order
from triggers.schemas import DIALECT

__all__ = [
    "Merged",
    "consents_of",
    "customer_env",
    "has_consent",
    "is_refused",
    "merge",
    "profile_schema",
]

_KEPT = ("$defs", "definitions", "patternProperties", "additionalProperties")

FieldOrders = Mapping[str, list[str]]
"""Field -> [time, source, id] of the update that set or deleted it last; stored as JSON."""


@dataclass(frozen=True, slots=True)
class Merged:
    """`changes`: field -> {"from": old value, "to": new value}, None where there is none."""

    profile: dict[str, Any]
    field_orders: dict[str, list[str]]
    changes: dict[str, dict[str, Any]]


def merge(
    profile: Mapping[str, Any],
    field_orders: FieldOrders,
    update: Mapping[str, Any],
    order: Order,
) -> Merged:
    """Newest in event order wins, field by field; null deletes and is remembered by its order.

    `consent` is the exception (rule 14): a refusal once said stays beside what newer updates say.
    """
    fields, orders = dict(profile), dict(field_orders)
    mine = [stamp(order.time), order.source, order.id]
    for name, value in update.items():
        if name == "id":
            continue
        if name == "consent":
            fields[name] = _consent(fields.get(name), orders.get(name), value, mine)
        elif orders.get(name, []) <= mine:
            fields[name] = value
        # equal too: an update read twice leaves what it left the first time
        if orders.get(name, []) <= mine:
            orders[name] = mine
    kept = {name: value for name, value in fields.items() if value is not None}
    return Merged(kept, orders, _changes(profile, kept))


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        name: {"from": old.get(name), "to": new.get(name)}
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    }


def _consent(stored: Any, stored_by: list[str] | None, said: Any, said_by: list[str]) -> Any:
    """The newest word as it was written, unless that would forget a refusal of before or since."""
    before = consents_of({"consent": stored}, _spoken(stored_by))
    update = consents_of({"consent": said}, _spoken(said_by))
    newer = (stored_by or []) <= said_by
    newest, words = (said, update) if newer else (stored, before)
    refusals = latest_refusals(before + update)
    if refusals == latest_refusals(words):
        return newest
    return as_written([one for one in words if one.given] + list(refusals))


def _spoken(by: list[str] | None) -> datetime | None:
    return instant(by[0]) if by else None


def customer_env(customer: Customer) -> Mapping[str, Any]:
    """What stands under `customer.` in conditions and templates: own fields and attributes."""
    return {**customer.profile, "id": customer.id}


def profile_schema(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of an update (PUT, `customer.updated`) from the schema in config/customer.yaml.

    An update is a part of a profile: nothing is required, and null, which deletes, is allowed.
    """
    nullable = {
        name: {"anyOf": [schema, {"type": "null"}]}
        for name, schema in attributes.get("properties", {}).items()
    }
    own = {name: _or_null(schema) for name, schema in OWN_FIELDS.items()}
    return {
        "$schema": DIALECT,
        "type": "object",
        # nobody deletes an id: it says whose profile this is
        "properties": {**nullable, **own, "id": OWN_FIELDS["id"]},
        **{name: attributes[name] for name in _KEPT if name in attributes},
    }


def _or_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    return {**schema, "type": [*types, "null"]}
