"""Which rules and events do the yardsticks know? A hundred rules, one of which matches."""

from __future__ import annotations

from typing import Any

RULES = 100
TYPES = 20
TABLES = """
CREATE TABLE IF NOT EXISTS customers (id text PRIMARY KEY, phone text NOT NULL);
CREATE TABLE IF NOT EXISTS outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id text NOT NULL UNIQUE,
    rule integer NOT NULL,
    customer_id text NOT NULL,
    text text NOT NULL,
    state text NOT NULL DEFAULT 'new',
    provider_ref text,
    created_at timestamptz NOT NULL DEFAULT now()
);
"""


def told(number: int, *, prefix: str = "event") -> dict[str, Any]:
    """A CloudEvent of about 380 bytes; rule `number % RULES` matches it and no other."""
    rule = number % RULES
    return {
        "specversion": "1.0",
        "id": f"{prefix}-{number:012}",
        "source": "urn:example:core-banking",
        "type": f"account.changed.{rule % TYPES}",
        "subject": f"c{number}",
        "time": "2026-11-22T09:00:00Z",
        "data": {
            "account_id": f"a{number}",
            "kind": f"kind {rule}",
            "amount": 300.5,
            "currency": "ILS",
            "branch": "Example Street",
            "note": "as agreed with the customer on the phone last week",
        },
    }


def text_of(rule: int, data: dict[str, Any]) -> str:
    return f"Hello, your account {data['account_id']} has changed ({rule})."
