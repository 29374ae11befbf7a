"""Does each of many processes hear a heartbeat in time, whomever the broker prefers?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from worker.pulse import AGAIN, LATELY, Pulse


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
