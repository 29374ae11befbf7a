"""Do bells reach whoever they wake, without ever holding up the one who rings?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from celery import Celery
from kombu.exceptions import OperationalError

from worker.bells import LOST, Ringer


class Bell(Celery):
    """Keeps what was rung; `broken` makes the broker refuse; `held` makes it hang."""

    def __init__(self) -> None:
        super().__init__("bells", set_as_current=False)
        self.rung: list[str] = []
        self.options: list[dict[str, Any]] = []
        self.broken = False
        self.heard = Event()
        self.open = Event()
        self.open.set()

    def send_task(self, name: str, *args: Any, **options: Any) -> None:
        self.heard.set()
        assert self.open.wait(10)
        if self.broken:
            raise OperationalError("no broker")
        self.rung.append(name)
        self.options.append(options)


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
    bell.broken = True
    ringer = Ringer(bell)
    ringer.ring("outreach.claim")
    ringer.close()
    assert LOST.labels("outreach.claim")._value.get() == lost + 1


def test_a_bell_is_worth_nothing_after_a_few_seconds(bell: Bell) -> None:
    ringer = Ringer(bell)
    ringer.ring("outreach.claim")
    ringer.close()
    assert bell.options == [{"expires": 5}]


def test_closing_what_never_rang_is_nothing(bell: Bell) -> None:
    Ringer(bell).close()
    assert bell.rung == []
