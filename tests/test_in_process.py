"""Does the in-process broker wake whoever waits there, and leave him alone otherwise?"""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event, Thread
from typing import Any

import pytest

from worker.app import Outreach, make_app
from worker.settings import Settings

QUEUE = "outreach.inbox"


@pytest.fixture
def app() -> Outreach:
    made = make_app(Settings())
    made.set_current()
    return made


@pytest.fixture
def connection(app: Outreach) -> Iterator[Any]:
    with app.connection_for_read() as made:
        yield made
    made.transport.Channel.queues.clear()


def test_who_waits_is_woken_by_what_comes_and_not_by_the_clock(
    app: Outreach, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.celery_wire.LOOKED_AGAIN", 60.0)
    came = Event()
    channel = connection.channel()
    channel.queue_declare(QUEUE)
    channel.basic_consume(QUEUE, True, lambda _: came.set(), "tag")
    waiting = Thread(target=connection.drain_events, kwargs={"timeout": 60})
    waiting.start()

    app.send_task("outreach.sweep", queue=QUEUE)

    assert came.wait(20)
    waiting.join(20)
    assert not waiting.is_alive()


def test_where_nothing_comes_the_wait_ends(connection: Any) -> None:
    channel = connection.channel()
    channel.queue_declare(QUEUE)
    channel.basic_consume(QUEUE, True, lambda _: None, "tag")

    with pytest.raises(TimeoutError):
        connection.drain_events(timeout=0.05)
