"""The yardsticks' hundred rules, as triggers: each event sends one SMS, at once."""

from __future__ import annotations

from typing import Any

from bench.yardsticks.rules import RULES, TYPES

POLICY = """
languages: [en]
categories: {service: {quiet: none}}
fuse: {customer: 1000 per 1h, trigger: 10000000 per 1h}
"""
TYPE = """
event: account.changed.%d
about: An account has changed.
data:
  type: object
  required: [account_id, kind]
  properties:
    account_id: {type: string, maxLength: 40}
    kind: {type: string, maxLength: 40}
    amount: {type: number}
    currency: {type: string, maxLength: 3}
    branch: {type: string, maxLength: 100}
    note: {type: string, maxLength: 200}
"""
TRIGGER = """
trigger: rule_%(rule)d
about: One of a hundred.
on: account.changed.%(type)d
key: event.data.account_id
when: event.data.kind == "kind %(rule)d"
send: [{message: changed, by: [sms]}]
limits: {category: service}
"""

ACCOUNT_FILES = {
    "config/outreach.yaml": POLICY,
    "config/customer.yaml": "type: object\nproperties: {}\n",
    **{f"config/events/account.changed.{one}.yaml": TYPE % one for one in range(TYPES)},
    "config/triggers/rules.yaml": "---".join(
        TRIGGER % {"rule": rule, "type": rule % TYPES} for rule in range(RULES)
    ),
    "templates/changed/sms.en.txt": "Hello, your account {{ event.data.account_id }} has changed.",
}


def phone(number: int) -> str:
    """Of customer `c{number}`."""
    return f"+97250{number % 10_000_000:07}"


def profile(number: int) -> dict[str, Any]:
    return {"id": f"c{number}", "phone": phone(number), "language": "en"}
