"""A small configuration that is right, and small changes to it."""

from __future__ import annotations

from collections.abc import Mapping

POLICY = """\
languages: [he, en]
categories:
  service: {quiet: default}
  marketing: {consent: required, caps: [2 per 1d]}
segments:
  senior: customer.age >= 70
agents:
  retention: {capacity: 40 per 1d, hours: "sun-thu 08:30 to 17:00"}
links:
  plan: https://bank.example/plans/{event.data.plan_id}
"""

CUSTOMER = """\
type: object
properties:
  age: {type: integer}
  city: {type: string}
"""

PLAN_UPDATED = """\
event: plan.updated
about: A payment plan was made or changed.
data:
  type: object
  required: [plan_id]
  properties:
    plan_id: {type: string}
    status: {enum: [active, ended]}
    amount: {type: number}
    end_date: {type: string, format: date}
    note: {type: string}
    lines: {type: array}
examples:
  - {plan_id: p1, status: active, end_date: 2026-12-01}
"""

PLAN_RENEWED = """\
event: plan.renewed
data:
  type: object
  properties: {plan_id: {type: string}, months: {type: integer}}
"""

CALL_ENDED = """\
event: call.ended
customer: event.data.caller
data:
  type: object
  properties: {caller: {type: string}, call_id: {type: string}}
"""

PLAN_ENDING = """\
trigger: plan_ending
on: plan.updated
key: event.data.plan_id
when: event.data.status == "active"
wait: 7d before event.data.end_date at 10:00
unless: plan.renewed
send:
  - {when: segment.senior, agent: retention, due: 1d}
  - {message: plan_ending, by: [sms, email]}
limits: {category: service, expires: 5d}
"""

SMS = "Your plan ends on {{ event.data.end_date | date }}.\n"

BASE: Mapping[str, str] = {
    "config/outreach.yaml": POLICY,
    "config/customer.yaml": CUSTOMER,
    "config/events/plan.updated.yaml": PLAN_UPDATED,
    "config/events/plan.renewed.yaml": PLAN_RENEWED,
    "config/events/call.ended.yaml": CALL_ENDED,
    "config/triggers/plan_ending.yaml": PLAN_ENDING,
    "templates/plan_ending/sms.en.txt": SMS,
    "templates/plan_ending/sms.he.txt": SMS,
    "templates/plan_ending/email.en.subject.txt": "Your plan\n",
    "templates/plan_ending/email.en.txt": SMS,
    "templates/plan_ending/agent.en.txt": SMS,
    "templates/hello/sms.en.txt": "Hello.\n",
    "templates/hello/agent.en.txt": "Say hello.\n",
}

HELLO = """\
trigger: hello
on: call.ended
send: [{message: hello, by: [sms]}]
limits: {category: service}
"""
"""The shortest trigger; with it every text of BASE has a sender."""


def bank(changes: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """BASE and the shortest trigger, with files changed, added or (None) left out."""
    files: dict[str, str | None] = {**BASE, "config/triggers/hello.yaml": HELLO, **(changes or {})}
    return {name: text for name, text in files.items() if text is not None}
