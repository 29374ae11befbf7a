"""A house with three triggers and invented people, for tests of accepting and evaluating."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Engine, Row, Table, select

from triggers.configuration import Configuration, read_configuration
from triggers.events import Event
from worker.hashing import Hasher
from worker.steps.accept import Group, Incoming, Outcome, accept
from worker.steps.evaluate import Report, evaluate
from worker.store.engine import in_transaction, reading
from worker.store.tables import events

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
HASHER = Hasher("a key of the tests")
BUNDLE = "b" * 32

POLICY = """
languages: [he, en]
timezone: Asia/Jerusalem
country: IL
categories: {service: {quiet: none}}
"""
TRIGGERS = {
    "cart": """
trigger: cart
on: cart.left
key: event.data.cart
wait: 1h
unless: cart.paid
send: [{message: hello, by: [sms]}]
limits: {category: service}
""",
    "plan": """
trigger: plan
on: plan.changed
key: event.data.plan
wait: 7d before event.data.ends
unless: plan.cancelled
send: [{message: hello, by: [sms]}]
limits: {category: service}
""",
    "checks": """
trigger: checks
on: check.used
key: event.data.account
count: {reach: 3, since: book.ordered, distinct: event.data.number}
send: [{message: hello, by: [sms]}]
limits: {category: service}
""",
}
TYPES = ("cart.left", "cart.paid", "plan.changed", "plan.cancelled", "check.used", "book.ordered")
TYPE = """
event: {name}
data:
  type: object
  properties:
    cart: {{type: string}}
    plan: {{type: string}}
    ends: {{type: string, format: date}}
    account: {{type: string}}
    number: {{type: integer}}
    customer: {{type: object, additionalProperties: true}}
"""


def files(*changed: str, without: Iterable[str] = (), policy: str = POLICY) -> dict[str, str]:
    """The house's files; `changed` are triggers that are new or replace one of the same name."""
    triggers = {name: text for name, text in TRIGGERS.items() if name not in set(without)}
    for text in changed:
        triggers[text.split()[1]] = text
    return {
        "config/outreach.yaml": policy,
        **{f"config/events/{name}.yaml": TYPE.format(name=name) for name in TYPES},
        **{f"config/triggers/{name}.yaml": text for name, text in triggers.items()},
        "templates/hello/sms.he.txt": "שלום",
        "templates/hello/sms.en.txt": "Hello",
    }


@cache
def configuration() -> Configuration:
    return read_configuration(files())


def event(
    type_: str,
    id_: str,
    *,
    customer: str = "c1",
    after: timedelta = timedelta(),
    source: str = "shop",
    history: bool = False,
    **data: Any,
) -> Event:
    """An event `after` noon, received when it happened."""
    time = NOON + after
    return Event(source, id_, type_, time, customer, data, time, customer, history)


def incoming(one: Event, *, digest: str = "", writes_customer: bool = False) -> Incoming:
    return Incoming(one, digest or one.id.rjust(32, "0")[:32], writes_customer, "test")


def publish(
    engine: Engine, *groups: Group, now: datetime = NOON, bundle: str = BUNDLE
) -> list[Outcome]:
    return in_transaction(
        engine, lambda connection: accept(connection, groups, now=now, bundle=bundle)
    )


def told(engine: Engine, *events: Event, writes_customer: bool = False) -> None:
    """Publish these, each received when it says."""
    for one in events:
        publish(engine, [incoming(one, writes_customer=writes_customer)], now=one.received)


def read_all(
    engine: Engine, rules: Configuration, *, now: datetime = NOON, limit: int = 200
) -> list[Report]:
    """Evaluate until nothing is left to read."""
    reports = []
    while True:
        reports.append(evaluate(engine, rules, HASHER, now=now, limit=limit))
        if not reports[-1].more:
            assert not [row for row in rows(engine, events) if row.tries]
            return reports


def rows(engine: Engine, table: Table, *order: str) -> Sequence[Row[Any]]:
    query = select(table).order_by(*(table.c[name] for name in order))
    return reading(engine, lambda connection: connection.execute(query).all())


def waiting(found: Sequence[Row[Any]]) -> Mapping[tuple[str, str, str], tuple[str, datetime]]:
    """(trigger, customer, epoch) -> state and moment."""
    return {(r.trigger, r.customer_id, r.epoch): (r.state, r.moment) for r in found}
