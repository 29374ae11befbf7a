"""Does everything work with RabbitMQ's quorum queues in the place of Redis?"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from kombu import Connection, Exchange, Producer, Queue
from sqlalchemy import select

from tests.processes.household import FILES, Household, household
from tests.servers import free_port, rabbitmq
from tests.worker.ringing import order
from tests.worker.test_celery_door import BODIES, HEADERS, SECRET, TEXTS
from worker.app import QUEUES
from worker.sifting import PUBLISH
from worker.steps.apply import apply
from worker.store.engine import make_engine, reading
from worker.store.tables import events, refused_events

pytestmark = [pytest.mark.full, pytest.mark.timeout(240)]

INBOX = "outreach.inbox"
QUORUM = {"x-queue-type": "quorum"}


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def house(tmp_path: Path, bare_postgres_url: str, port: int) -> Iterator[Household]:
    with household(
        tmp_path,
        OUTREACH_DATABASE_URL=bare_postgres_url,
        OUTREACH_BROKER_URL=f"amqp://guest:guest@127.0.0.1:{port}//",
        OUTREACH_SECRET_KEY="a-signing-key-of-the-tests",
    ) as made:
        assert made.outreach("db", "upgrade").wait(60) == 0, made.log()
        engine = make_engine(bare_postgres_url)
        apply(engine, FILES, by="test")
        engine.dispose()
        yield made


def stored(house: Household, column: Any) -> list[Any]:
    engine = make_engine(house.environment["OUTREACH_DATABASE_URL"])
    found = reading(engine, lambda c: c.execute(select(column)).scalars().all())
    engine.dispose()
    return list(found)


def broker(house: Household) -> str:
    return house.environment["OUTREACH_BROKER_URL"]


def publisher(house: Household) -> Celery:
    """As docs/scaling.md tells a Celery shop: the queue is declared as what it is."""
    app = Celery(broker=broker(house))
    app.conf.task_queues = [Queue(INBOX, queue_arguments=QUORUM)]
    return app


def test_bells_and_events_travel_and_a_broker_that_lost_everything_lost_nothing_of_ours(
    house: Household, port: int, tmp_path: Path
) -> None:
    data = tmp_path / "rabbitmq"
    data.mkdir()
    with rabbitmq(data, port=port):
        worker, beat = house.outreach("worker", "--queues", "all"), house.outreach("beat")
        publisher(house).send_task(PUBLISH, args=[[order(1)]], queue=INBOX)
        house.until(lambda: stored(house, events.c.id) == ["o1"], "the first event")
        with Connection(broker(house)) as connection:
            for name in QUEUES:
                found = connection.default_channel.queue_declare(name, passive=True)
                assert found.consumer_count == 1

    shutil.rmtree(data)
    data.mkdir()
    with rabbitmq(data, port=port):
        house.until(lambda: declared(house), "the queues, made again")
        publisher(house).send_task(PUBLISH, args=[[order(2)]], queue=INBOX)
        house.until(lambda: len(stored(house, events.c.id)) == 2, "the second event")

    assert worker.poll() is None
    assert beat.poll() is None


def declared(house: Household) -> bool:
    try:
        with Connection(broker(house), connect_timeout=1) as connection:
            connection.default_channel.queue_declare(INBOX, passive=True)
    except Exception:
        # whatever the client raises while its server is not there yet
        return False
    return True


def test_no_message_ends_a_worker_or_is_lost_and_none_is_read_in_its_log(
    house: Household, port: int, tmp_path: Path
) -> None:
    data = tmp_path / "rabbitmq"
    data.mkdir()
    bad = [json.dumps(one).encode() for one in BODIES.values()] + list(TEXTS.values())
    no_task, strange_task = (json.dumps([[[order(n)]], {}, {}]).encode() for n in (1, 2))
    odd = [{"task": PUBLISH, **headers} for headers in HEADERS.values()]
    with rabbitmq(data, port=port):
        worker = house.outreach("worker", "--queues", "inbox")
        house.until(lambda: declared(house), "the queue")
        with Connection(broker(house)) as connection:
            producer = Producer(connection, Exchange(""), routing_key=INBOX)
            for body in bad:
                send(producer, body, {"task": PUBLISH})
            send(producer, b"pickle" + SECRET.encode(), {"task": PUBLISH}, "application/x-pickle")
            send(producer, no_task, {})
            send(producer, strange_task, {"task": [SECRET]})
            for number, headers in enumerate(odd):
                body = json.dumps([[[order(10 + number)]], {}, {}]).encode()
                send(producer, body, headers)
        house.until(lambda: len(stored(house, refused_events.c.seq)) >= len(bad) + 3, "the bad")
        house.until(lambda: len(stored(house, events.c.id)) >= len(odd), "the odd ones")

        assert len(stored(house, refused_events.c.seq)) == len(bad) + 3
        assert len(stored(house, events.c.id)) == len(odd)
        assert worker.poll() is None
    assert SECRET not in house.log()


def send(
    producer: Producer, body: bytes, headers: dict[str, Any], kind: str = "application/json"
) -> None:
    producer.publish(
        body, headers=headers, content_type=kind, content_encoding="utf-8", delivery_mode=2
    )
