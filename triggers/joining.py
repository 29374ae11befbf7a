"""What is known of somebody who had two ids, once they are one?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from triggers.clock import instant
from triggers.events import Order
from triggers.profiles import FieldOrders, Merged, merge

_SAID = ("quiet", "agent_only")
"""What a person asked for rest by, beside `consent`: neither id's wish is lost."""


def join(
    profile: Mapping[str, Any],
    field_orders: FieldOrders,
    other: Mapping[str, Any],
    other_orders: FieldOrders,
) -> Merged:
    """As if all of it had been said of one id: the newest wins field by field.

    Except that a wish for rest holds whichever id had it, as a refusal does (rule 14).
    """
    fields, orders = dict(profile), dict(field_orders)
    for name, told in sorted(other_orders.items()):
        order = Order(instant(told[0]), told[1], told[2])
        merged = merge(fields, orders, {name: other.get(name)}, order)
        fields, orders = merged.profile, merged.field_orders
    for name in _SAID:
        said = _strictest(fields.get(name), profile.get(name), other.get(name))
        if said is not None:
            fields[name] = said
    changes = {
        name: {"from": profile.get(name), "to": fields.get(name)}
        for name in sorted({*profile, *fields})
        if profile.get(name) != fields.get(name)
    }
    return Merged(fields, orders, changes)


def _strictest(newest: Any, *both: Any) -> Any:
    """Rest beats hours of one's own, those beat no rest; the newest word among equals."""
    if any(isinstance(one, Mapping) for one in both):
        maps = [one for one in (newest, *both) if isinstance(one, Mapping)]
        names = dict.fromkeys(name for one in maps for name in one)
        return {name: _strictest(*(one.get(name) for one in maps)) for name in names}
    if True in both:
        return True
    words = [one for one in (newest, *both) if one is not None]
    return next((one for one in words if one is not False), words[0] if words else None)
