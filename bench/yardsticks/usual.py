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
from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    MetaData,
    Table,
    Text,
    bindparam,
    insert,
    select,
    update,
)
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


metadata = MetaData()
customers = Table(
    "customers", metadata, Column("id", Text, primary_key=True), Column("phone", Text)
)
outbox = Table(
    "outbox", metadata, Column("id", BigInteger, primary_key=True), Column("event_id", Text),
    Column("rule", Integer), Column("customer_id", Text), Column("text", Text),
    Column("state", Text), Column("provider_ref", Text),
)  # fmt: skip
LETTER = (
    select(customers.c.phone, outbox.c.text)
    .join(customers, customers.c.id == outbox.c.customer_id)
    .where(outbox.c.id == bindparam("number"))
)

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
    row = {"event_id": event["id"], "rule": rule, "customer_id": event["subject"],
           "text": text_of(rule, data)}  # fmt: skip
    with engine().begin() as connection:
        number = connection.execute(insert(outbox).values(row).returning(outbox.c.id)).scalar_one()
    if "USUAL_SENDS" in os.environ:
        send.delay(number)


@app.task(name="usual.send")  # type: ignore[untyped-decorator]
def send(number: int) -> None:
    with engine().begin() as connection:
        phone, text = connection.execute(LETTER, {"number": number}).one()
        taken = provider().create(to=phone, from_=NUMBER, body=text)
        done = {"state": "accepted", "provider_ref": taken.sid}
        connection.execute(update(outbox).where(outbox.c.id == number).values(done))
