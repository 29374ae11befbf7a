"""Does each of many processes hear a heartbeat in time, whomever the broker prefers?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from kombu import Message

from tests.test_app import drained
from worker.app import QUEUES, make_app
from worker.bells import CALL, Bell
from worker.celery_door import Consumer
from worker.pulse import AGAIN, LATELY, Pulse
from worker.settings import Settings


@dataclass
class Worker:
    """A process whose seconds are let pass by hand; it is woken for each look."""

    now: float = 0.0
    rung: list[str] = field(default_factory=list)
    due: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pulse = Pulse(
            ["send", "inbox"], ring=self.rung.append, later=self._later, now=lambda: self.now
        )
        self.pulse.begin()

    def wait(self, seconds: float) -> None:
        """So long, in which it hears nothing."""
        end = self.now + seconds
        while self.due and self.due[0][0] <= end:
            self.now, look = self.due.pop(0)
            look()
        self.now = end

    def _later(self, seconds: float, look: Callable[[], None]) -> None:
        assert AGAIN[0] <= seconds <= LATELY
        self.due.append((self.now + seconds, look))


@pytest.fixture
def worker() -> Worker:
    return Worker()


def test_who_hears_heartbeats_rings_none(worker: Worker) -> None:
    for _ in range(20):
        worker.wait(LATELY - AGAIN[1])
        worker.pulse.hear("send")
        worker.pulse.hear("inbox")
    assert worker.rung == []


def test_who_has_heard_none_for_a_while_rings_until_one_comes(worker: Worker) -> None:
    worker.wait(LATELY + AGAIN[1])
    assert set(worker.rung) == {"send", "inbox"}

    worker.rung.clear()
    worker.wait(AGAIN[1])
    assert set(worker.rung) == {"send", "inbox"}

    worker.rung.clear()
    worker.pulse.hear("send")
    worker.wait(AGAIN[1])
    assert set(worker.rung) == {"inbox"}


def test_what_a_stranger_calls_a_queue_is_none(worker: Worker) -> None:
    worker.pulse.hear("a list of somebody else")
    worker.pulse.hear(None)
    worker.wait(LATELY + AGAIN[1])
    assert set(worker.rung) == {"send", "inbox"}


def test_it_ends_with_its_connection(worker: Worker) -> None:
    worker.pulse.end()
    worker.wait(10 * LATELY)
    assert worker.rung == []
    assert worker.due == []


@dataclass
class Hub:
    looks: list[Callable[[], None]] = field(default_factory=list)

    def call_later(self, _seconds: float, look: Callable[[], None]) -> None:
        self.looks.append(look)


@pytest.fixture
def consumer() -> Any:
    """Celery's, before its first connection."""
    made: Any = object.__new__(Consumer)
    made.app, made.hub, made.connection_errors = make_app(Settings()), Hub(), ()
    made.pool = SimpleNamespace(num_processes=1)
    for name in ("call_soon", "on_invalid_task", "on_unknown_message", "on_unknown_task"):
        setattr(made, name, lambda *_, **__: None)
    made.on_task_message, made._maximum_prefetch_restored = (), True
    made.strategies = {str(Bell.HEARTBEAT): lambda *_, **__: None}
    drained(made.app)
    return made


def heartbeat(queue: str) -> Message:
    headers = {"task": str(Bell.HEARTBEAT), "id": "h"}
    info = {"routing_key": queue}
    return Message(
        body=CALL, headers=headers, delivery_info=info, content_type="application/json",
        content_encoding="utf-8",
    )  # fmt: skip


def test_a_worker_rings_in_each_of_its_queues_and_hears_what_comes_in_each(
    consumer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.pulse.LATELY", 0.0)
    hear = consumer.create_task_handler()
    consumer.hub.looks.pop()()
    assert drained(consumer.app) == [Bell.HEARTBEAT] * len(QUEUES)

    heard: list[object] = []
    monkeypatch.setattr(consumer._pulse, "hear", heard.append)
    for queue in QUEUES:
        hear(heartbeat(queue))
    assert heard == list(QUEUES)


def test_with_a_new_connection_the_pulse_of_the_one_before_has_ended(consumer: Any) -> None:
    consumer.create_task_handler()
    [before] = consumer.hub.looks
    consumer.create_task_handler()
    assert len(consumer.hub.looks) == 2

    before()
    assert len(consumer.hub.looks) == 2
