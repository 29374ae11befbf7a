"""Do bells reach whoever they wake, without ever holding up the one who rings?"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any, ClassVar

import pytest
from celery import Celery
from kombu.transport import memory

from worker.bells import LOST, Ringer, Rope
from worker.clock import MOST_APART
from worker.sifting import Asked, asked


class Bell(Celery):
    """Rings at a broker that keeps what was rung; `broken`, it refuses; not `open`, it hangs."""

    def __init__(self) -> None:
        super().__init__("bells", broker="memory://", set_as_current=False)
        names = ("evaluate", "claim")
        self.conf.task_routes = {f"outreach.{one}": {"queue": f"of {one}"} for one in names}
        self.entries: list[tuple[str, dict[str, Any]]] = []
        self.broken = 0
        self.heard = Event()
        self.open = Event()
        self.open.set()
        channel = type("Channel", (_Channel,), {"bell": self, "queues": {}})
        self.conf.broker_transport = type("Transport", (memory.Transport,), {"Channel": channel})

    @property
    def rung(self) -> list[str]:
        return [entry["headers"]["task"] for _, entry in self.entries]


class _Channel(memory.Channel):
    bell: ClassVar[Bell]

    def _put(self, queue: str, message: dict[str, Any], **_: Any) -> None:
        self.bell.heard.set()
        assert self.bell.open.wait(10)
        if self.bell.broken:
            self.bell.broken -= 1
            raise ConnectionError("no broker")
        self.bell.entries.append((queue, message))


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture
def ringer(bell: Bell) -> Iterator[Ringer]:
    made = Ringer(bell, gap=timedelta(hours=1))
    yield made
    made.close()


def test_the_first_ring_goes_out_at_once(bell: Bell, ringer: Ringer) -> None:
    ringer.ring("outreach.evaluate")
    assert bell.heard.wait(10)


def test_rings_within_the_gap_become_one_of_a_kind(bell: Bell, ringer: Ringer) -> None:
    ringer.ring("outreach.evaluate")
    assert bell.heard.wait(10)
    for _ in range(50):
        ringer.ring("outreach.evaluate")
        ringer.ring("outreach.claim")
    ringer.close()
    assert sorted(bell.rung) == ["outreach.claim", "outreach.evaluate", "outreach.evaluate"]


def test_of_those_asked_for_later_the_soonest_is_rung_and_once(bell: Bell) -> None:
    ringer = Ringer(bell, gap=timedelta(0))
    for seconds in (3600, 0.01, 3600):
        ringer.ring_in("outreach.claim", seconds)
    assert bell.heard.wait(10)
    ringer.close()
    assert bell.rung == ["outreach.claim"]


def test_one_asked_for_later_keeps_back_none_that_is_asked_for_now(bell: Bell) -> None:
    ringer = Ringer(bell)
    ringer.ring_in("outreach.claim", 3600)
    ringer.ring("outreach.claim")
    assert bell.heard.wait(10)
    ringer.close()
    assert bell.rung == ["outreach.claim"]


def test_whoever_rings_does_not_wait_for_the_broker(bell: Bell, ringer: Ringer) -> None:
    bell.open.clear()
    ringer.ring("outreach.evaluate")
    assert bell.heard.wait(10)
    ringer.ring("outreach.claim")
    bell.open.set()
    ringer.close()
    assert sorted(bell.rung) == ["outreach.claim", "outreach.evaluate"]


def test_a_bell_the_broker_refuses_is_counted_and_troubles_nobody(bell: Bell) -> None:
    lost = LOST.labels("outreach.claim")._value.get()
    bell.broken = 1
    ringer = Ringer(bell)
    ringer.ring("outreach.claim")
    ringer.close()
    assert LOST.labels("outreach.claim")._value.get() == lost + 1


def test_a_broker_that_forgot_the_connection_since_the_last_bell_is_asked_once_more(
    bell: Bell,
) -> None:
    rope = Rope(bell)
    rope.pull("outreach.evaluate")
    bell.broken = 1
    rope.pull("outreach.claim")
    assert bell.rung == ["outreach.evaluate", "outreach.claim"]


def test_a_bell_goes_to_the_queue_of_its_task_carries_nothing_and_soon_is_worth_nothing(
    bell: Bell,
) -> None:
    ringer = Ringer(bell)
    ringer.ring("outreach.claim")
    ringer.close()
    [(queue, entry)] = bell.entries
    assert queue == "of claim"
    call = asked(entry["headers"], json.loads(b64decode(entry["body"])), {"outreach.claim"})
    assert call == Asked("outreach.claim", [], {}, plain=True)
    left = datetime.fromisoformat(entry["headers"]["expires"]) - datetime.now(UTC)
    assert MOST_APART < left <= MOST_APART + timedelta(seconds=5)


def test_closing_what_never_rang_is_nothing(bell: Bell) -> None:
    Ringer(bell).close()
    assert bell.rung == []
