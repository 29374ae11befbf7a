"""What do the tests of conditions read: one event type, one customer, one moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from triggers.conditions import Answer, Condition, ConditionRefused, Env
from triggers.events import Event
from triggers.scopes import COUNT, NOW, customer_shape, event_shape, segment_shape
from triggers.shapes import Scope, Shape

JERUSALEM = ZoneInfo("Asia/Jerusalem")
NOON = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
"""Twelve o'clock in Jerusalem."""

DATA = {
    "type": "object",
    "properties": {
        "status": {"enum": ["active", "ended", "cancelled"]},
        "auto_renew": {"type": "boolean"},
        "total": {"type": "number"},
        "paid": {"type": ["number", "null"]},
        "name": {"type": "string"},
        "either": {"type": ["string", "number"]},
        "other": {"type": ["string", "number"]},
        "end_date": {"type": "string", "format": "date"},
        "start_date": {"type": "string", "format": "date"},
        "due": {"type": "string", "format": "date-time"},
        "day_or_number": {"type": ["string", "number"], "format": "date"},
        "tags": {"type": "array", "items": {"enum": ["gold", "new"]}},
        "amounts": {"type": "array", "items": {"type": "number"}},
        "shop": {"type": "object", "properties": {"city": {"type": "string"}}},
        "from": {"type": "string"},
        "ערך": {"type": "number"},
        "free": {},
    },
}
CUSTOMER = {"type": "object", "properties": {"age": {"type": "integer"}}}

SCOPE = Scope(
    {
        "event": event_shape(Shape.from_schema(DATA)),
        "customer": customer_shape(Shape.from_schema(CUSTOMER)),
        "segment": segment_shape(["senior", "churn_risk"]),
        "count": COUNT,
        "now": NOW,
    }
)
EXIT_SCOPE = Scope({"event": SCOPE.roots["event"]})


def happened(data: Any) -> Event:
    return Event("shop", "e1", "plan.updated", NOON, "c1", data, NOON, subject="c1")


def known(data: Mapping[str, Any] | None = None, **roots: Any) -> Env:
    """Everything is known: what is not given is empty."""
    given: dict[str, Any] = {
        "customer": {},
        "segment": {},
        "count": {},
        "now": NOON,
        "zone": JERUSALEM,
    }
    return Env(event=happened(data or {}), **{**given, **roots})


def ask(text: str, env: Env) -> Answer:
    return Condition(text, SCOPE).ask(env)


def mistakes(text: str, scope: Scope = SCOPE) -> list[tuple[int, str]]:
    """Column and message of all that is wrong; nothing where the text is fine."""
    try:
        Condition(text, scope)
    except ConditionRefused as refused:
        return [(one.column, one.message) for one in refused.mistakes]
    return []
