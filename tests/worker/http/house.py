"""What house do the doors' tests stand in? A small configuration and a real database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Engine, Table, func, select

from triggers.configuration import Configuration, read_configuration
from worker.channels.base import Channel
from worker.clock import utc_now
from worker.hashing import Hasher
from worker.pressure import Bounds, Pressure
from worker.settings import Settings
from worker.skew import Skew
from worker.store.engine import in_transaction, reading
from worker.store.keys import take_in
from worker.store.tables import event_ids, events
from worker.stream import Stream

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
ALL, BILLING, WRITER, READER = "all-secret", "billing-secret", "writer-secret", "reader-secret"
SCRAPER = "scraper-secret"
KEYS = (
    ALL,
    f"{BILLING}:events:billing",
    f"{WRITER}:events:crm|customers:write",
    f"{READER}:read",
    f"{SCRAPER}:metrics",
)
FILES = {
    "config/outreach.yaml": """
languages: [en]
categories: {service: {quiet: none}}
lateness: 30d
""",
    "config/customer.yaml": "type: object\nproperties: {age: {type: integer, minimum: 0}}\n",
    "config/events/plan.ending.yaml": """
event: plan.ending
about: A plan ends soon.
data:
  type: object
  required: [plan_id]
  properties:
    plan_id: {type: string, minLength: 1}
    amount: {type: number, minimum: 0}
    note: {type: string}
examples:
  - {plan_id: p1}
""",
    "config/events/check.deposited.yaml": """
event: check.deposited
customer: event.data.owner
data:
  type: object
  required: [owner]
  properties:
    owner: {type: [string, number]}
""",
    "config/triggers/plan_ending.yaml": """
trigger: plan_ending
on: plan.ending
key: event.data.plan_id
when: event.data.amount >= 100
send: [{message: plan_ending, by: [sms]}]
limits: {category: service}
""",
    "templates/plan_ending/sms.en.txt": "Your plan {{ event.data.plan_id }} ends soon.\n",
}


def configuration() -> Configuration:
    return read_configuration(FILES)


@dataclass
class House:
    """Stands in for what wiring hands over."""

    engine: Engine
    settings: Settings
    current: Configuration | None = field(default_factory=configuration)
    hasher: Hasher = field(default_factory=lambda: Hasher("a key of the tests"))
    configuration_stale: bool = False
    configuration_mistake: str | None = None
    configuration_outdated: bool = False
    clock: Callable[[], datetime] = utc_now
    rung: list[str] = field(default_factory=list)
    bounds: Bounds = field(default_factory=Bounds)
    watched: Pressure | None = None
    stream: Stream | None = None
    channels: Mapping[str, Channel] = field(default_factory=dict)

    def configuration(self) -> Configuration | None:
        return self.current

    @property
    def last_configuration(self) -> Configuration | None:
        return self.current

    @property
    def skew(self) -> Skew:
        return Skew(self.engine, now=self.clock)

    @property
    def pressure(self) -> Pressure:
        self.watched = self.watched or Pressure(self.engine, self.bounds, gap=timedelta(0))
        return self.watched

    def ring(self, name: str) -> None:
        self.rung.append(name)

    def count(self, table: Table) -> int:
        query = select(func.count()).select_from(table)
        return reading(self.engine, lambda c: c.execute(query).scalar_one())

    @property
    def stored(self) -> int:
        """Events stored; their ids outlive them, but here they are as many."""
        found = self.count(events)
        assert found == self.count(event_ids)
        return found

    def rows(self, table: Table) -> Sequence[Any]:
        return reading(self.engine, lambda c: c.execute(select(table)).all())


def settings(**more: Any) -> Settings:
    given = {
        "public_url": "https://outreach.bank.example",
        "secret_key": (SecretStr("new-signing-key"), SecretStr("old-signing-key")),
        "twilio_auth_token": (SecretStr("token-one"), SecretStr("token-two")),
        "twilio_backup_auth_token": (SecretStr("token-of-the-second-account"),),
    }
    return Settings.model_validate(given | more)


def build(engine: Engine, keys: Sequence[str] = KEYS, **more: Any) -> House:
    in_transaction(engine, lambda c: take_in(c, keys, now=NOW))
    return House(engine, settings(**more))


def event(**changes: Any) -> dict[str, Any]:
    whole = {
        "specversion": "1.0",
        "id": "e1",
        "source": "billing",
        "type": "plan.ending",
        "subject": "c1",
        "time": "2026-11-01T09:00:00Z",
        "data": {"plan_id": "p1"},
    } | changes
    return {name: value for name, value in whole.items() if value is not ...}


def bearer(secret: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {secret}"}
