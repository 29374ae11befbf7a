"""How is the same job usually written? Celery: a task an event, a transaction a task.

`celery -A bench.yardsticks.usual worker --pool prefork -c 2`. `decide` matches one of a hundred
rules and inserts an outbox row; with USUAL_SENDS set, `send` is a task of its own, which hands the
row to the provider with its SDK and records the answer. Late acknowledgement, as whoever wants to
lose nothing has it.
"""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import sqlalchemy
from celery import Celery
from celery.signals import worker_process_init, worker_ready
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from twilio.http.http_client import TwilioHttpClient  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from bench.provider import NUMBER, SID, TOKEN
from bench.yardsticks.rules import RULES, TYPES, text_of

app = Celery("usual", broker=os.environ.get("USUAL_BROKER_URL", "memory://"))
app.conf.update(
    task_acks_late=True, task_ignore_result=True, worker_prefetch_multiplier=1,
    worker_enable_remote_control=False, worker_send_task_events=False,
    broker_connection_retry_on_startup=True,
)  # fmt: skip


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"
    id: Mapped[str] = mapped_column(primary_key=True)
    phone: Mapped[str]


class Outbox(Base):
    __tablename__ = "outbox"
    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[str]
    rule: Mapped[int]
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    text: Mapped[str]
    state: Mapped[str] = mapped_column(default="new")
    provider_ref: Mapped[str | None]


BY_TYPE: dict[str, list[tuple[int, str]]] = {}
for _rule in range(RULES):
    BY_TYPE.setdefault(f"account.changed.{_rule % TYPES}", []).append((_rule, f"kind {_rule}"))


@cache
def engine() -> sqlalchemy.Engine:
    return sqlalchemy.create_engine(os.environ["USUAL_DATABASE_URL"])


@cache
def provider() -> Any:
    """With its connections kept open, which is its own default."""
    client = Client(SID, TOKEN, http_client=Pointed())
    return client.messages


class Pointed(TwilioHttpClient):  # type: ignore[misc]
    """The SDK's own client, on requests; only the address is another."""

    def request(self, method: str, url: str, *args: Any, **words: Any) -> Any:
        there = url.replace("https://api.twilio.com", os.environ["USUAL_PROVIDER_URL"])
        return super().request(method, there, *args, **words)


@worker_process_init.connect  # type: ignore[untyped-decorator]
def _begin(**_: Any) -> None:
    engine.cache_clear()


@worker_ready.connect  # type: ignore[untyped-decorator]
def _tell(**_: Any) -> None:
    # Its own line is one of INFO, as are two for each task.
    print("ready", flush=True)


@app.task(name="usual.decide")  # type: ignore[untyped-decorator]
def decide(event: dict[str, Any]) -> None:
    data = event["data"]
    matching = (rule for rule, kind in BY_TYPE.get(event["type"], ()) if data["kind"] == kind)
    rule = next(matching, None)
    if rule is None:
        return
    with Session(engine()) as session, session.begin():
        row = Outbox(
            event_id=event["id"], rule=rule, customer_id=event["subject"], text=text_of(rule, data)
        )
        session.add(row)
        session.flush()
        number = row.id
    if "USUAL_SENDS" in os.environ:
        send.delay(number)


@app.task(name="usual.send")  # type: ignore[untyped-decorator]
def send(number: int) -> None:
    with Session(engine()) as session:
        row = session.get_one(Outbox, number)
        phone = session.get_one(Customer, row.customer_id).phone
        taken = provider().create(to=phone, from_=NUMBER, body=row.text)
        row.state, row.provider_ref = "accepted", taken.sid
        session.commit()
