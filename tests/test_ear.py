"""Does a process hear what others ask for, and do nothing twice that it needs to do once?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from worker.bells import Bell
from worker.ear import FORGOTTEN, LINGER, Ear, Hands

EVALUATE, SWEEP = "outreach.evaluate", "outreach.sweep"


@dataclass(eq=False)
class Rung:
    """One bell, as the broker delivers it."""

    bell: str = EVALUATE
    told: bool = False
    headers: dict[str, Any] = field(default_factory=dict)
    delivery_info: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.headers["task"] = self.bell
        self.ack_log_error: Callable[..., Any] = self._hear
        self.reject_log_error: Callable[..., Any] = self._hear

    def _hear(self) -> None:
        self.told = True


class Worker:
    """Two hands, and a clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.begun: list[Rung] = []
        self.let_go: list[Rung] = []
        self.timers: list[tuple[float, Callable[[], None]]] = []
        hands = Hands(2, self.begun.append, self.let_go.append, self._later)
        self.ear = Ear(hands, now=lambda: self.now)

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        self.timers.append((self.now + seconds, act))

    def hear(self, bell: str = EVALUATE, queue: str = "outreach.events") -> Rung:
        rung = Rung(bell, delivery_info={"routing_key": queue})
        self.ear.hear(rung)
        return rung

    def wait(self, seconds: float) -> None:
        self.now += seconds
        due = [act for at, act in self.timers if at <= self.now]
        self.timers = [(at, act) for at, act in self.timers if at > self.now]
        for act in due:
            act()


@pytest.fixture
def worker() -> Worker:
    return Worker()


def test_a_bell_is_begun_at_once_where_nobody_is_at_work_for_it(worker: Worker) -> None:
    rung = [worker.hear(EVALUATE), worker.hear(SWEEP)]
    assert worker.begun == rung


def test_what_rings_meanwhile_is_one_bell_and_begun_when_that_work_ends(worker: Worker) -> None:
    first, second, third = worker.hear(), worker.hear(), worker.hear()
    assert (worker.begun, worker.let_go) == ([first], [second])

    first.ack_log_error()
    assert first.told
    assert worker.begun == [first, third]


def test_what_waits_is_what_came_last_as_the_others_are_worth_nothing_soon(worker: Worker) -> None:
    """Given work that takes longer than a bell is worth hearing."""
    first, *rung = [worker.hear(SWEEP) for _ in range(5)]

    first.ack_log_error()

    assert worker.begun == [first, rung[0], rung[-1]]
    assert worker.let_go == rung[1:-1]


def test_the_same_bell_in_another_queue_says_something_else(worker: Worker) -> None:
    rung = [worker.hear("outreach.heartbeat", queue) for queue in "abc"]

    assert worker.begun == rung
    assert worker.let_go == []


def test_a_bell_that_is_given_back_has_ended_too(worker: Worker) -> None:
    first, second = worker.hear(), worker.hear()
    first.reject_log_error()
    assert worker.begun == [first, second]


def test_long_work_is_joined_by_a_second_hand_and_by_no_more_than_there_are(
    worker: Worker,
) -> None:
    first, second = worker.hear(), worker.hear()
    worker.wait(LINGER[EVALUATE])
    assert worker.begun == [first, second]

    third = worker.hear()
    worker.wait(LINGER[EVALUATE])
    assert third not in worker.begun
    second.ack_log_error()
    assert worker.begun == [first, second, third]


def test_what_has_no_reason_to_wait_is_begun_while_a_hand_is_free(worker: Worker) -> None:
    rung = [worker.hear(SWEEP) for _ in range(4)]
    assert (worker.begun, worker.let_go) == (rung[:2], rung[2:3])


def test_work_of_whose_end_nobody_tells_holds_up_no_bell_for_ever(worker: Worker) -> None:
    lost, waiting = [worker.hear(SWEEP), worker.hear(SWEEP)], worker.hear(SWEEP)
    assert worker.begun == lost

    worker.wait(FORGOTTEN)
    worker.hear(SWEEP)
    assert worker.begun[:3] == [*lost, waiting]


def test_only_bells_that_are_rung_linger() -> None:
    assert set(LINGER) <= set(Bell)
