"""What the tests of texts read from: one event, one customer, one policy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from triggers.customers import Customer
from triggers.definitions import Policy
from triggers.events import Event
from triggers.texts.context import build

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
JERUSALEM = ZoneInfo("Asia/Jerusalem")
POLICY = Policy(
    languages=("he", "en"),
    categories={},
    brand={"name": {"he": "בנק לדוגמה", "en": "Example Bank"}, "phone": "*5550"},
    country="IL",
    links={
        "plan": "https://bank.example/plans/{event.data.plan_id}?c={customer.id}",
        "home": "https://bank.example/",
    },
)
DATA = {
    "plan_id": "p1",
    "end_date": "2026-12-15",
    "at": "2026-12-15T22:30:00Z",
    "amount": 1234.5,
    "whole": 420.0,
    "open": True,
    "nothing": None,
    "lines": [{"name": "one"}, {"name": "two"}],
    "holes": ["a", None],
}


def context(
    data: Mapping[str, Any] = DATA, links: Mapping[str, str] = {}, **profile: Any
) -> Mapping[str, Any]:
    event = Event("billing", "e1", "plan.updated", NOW, "c/1", data, NOW, subject="c/1")
    customer = Customer("c/1", {"first_name": "דנה", **profile})
    count = {"value": 20, "events": 20}
    return build(
        event, customer, POLICY,
        zone=JERUSALEM, trigger="ending", now=NOW, count=count, extra_links=links,
    )  # fmt: skip
