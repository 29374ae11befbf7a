"""Are a process's letters bounded, and does it notice that its clock is off?"""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from threading import Event, current_thread, main_thread

import pytest
from sqlalchemy import Engine

from worker.skew import Skew
from worker.slots import QUICK, Slots, Turnstile
from worker.store.clock import read_now
from worker.store.engine import reading

SOON, SLOW = 0.05, 2.0


def test_a_claim_takes_what_is_free_and_the_next_what_was_given_back() -> None:
    slots = Slots(10, claims=3)
    assert slots.take() == 10
    assert slots.take() == 0
    slots.give_back(7)
    assert slots.take() == 7
    slots.end_claim()
    for _ in range(10):
        slots.end_call(SLOW)
    assert slots.take() == 10


def test_no_more_claims_wait_for_their_letters_than_may_at_once() -> None:
    slots = Slots(10, claims=2)
    for _ in range(2):
        assert slots.take() == 10
        slots.give_back(10)
    assert slots.take() == 0
    assert slots.end_claim()
    assert slots.take() == 10


def test_nothing_is_claimed_for_a_few_and_who_was_refused_hears_when_there_is_room() -> None:
    slots = Slots(8, claims=4)
    assert slots.take() == 8
    assert slots.take() == 0
    assert [slots.end_call(SOON) for _ in range(4)] == [False, True, False, False]
    assert slots.take() == 4


def test_behind_quick_calls_letters_may_wait_and_behind_a_slow_one_none_does() -> None:
    slots = Slots(8, claims=4, ahead=8)
    assert slots.take() == 8
    assert slots.take() == 0
    assert [slots.end_call(SOON) for _ in range(4)] == [True, False, False, False]
    assert slots.take() == 8
    slots.end_call(SLOW)
    assert slots.take() == 0


def test_behind_quick_calls_a_claim_waits_for_room_and_needs_no_bell() -> None:
    looked = Event()

    def now() -> float:
        if current_thread() is not main_thread():
            looked.set()
        return 0.0

    slots = Slots(8, claims=4, wait=10, now=now)
    assert slots.take() == 8
    slots.end_call(SOON)
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(slots.take)
        # it holds the lock from its first look until it waits
        assert looked.wait(10)

        assert not slots.end_call(SOON)
        assert waiting.result(10) == 2


def test_a_line_that_is_free_is_used_while_the_others_hang() -> None:
    moments = [0.0]
    slots = Slots(8, claims=4, ahead=8, now=lambda: moments[0])
    assert slots.take() == 8
    slots.end_call(SOON)
    assert slots.take() == 8
    for _ in range(8):
        slots.end_call(SOON)
    assert slots.take() == 8
    slots.end_call(SOON)
    assert slots.take() == 0

    moments[0] += QUICK
    for _ in range(8):
        slots.end_call(SLOW)
    assert slots.take() == 2


@pytest.mark.parametrize(
    ("apart", "too_large"),
    [
        (timedelta(0), False),
        (timedelta(seconds=20), False),
        (timedelta(seconds=-20), False),
        (timedelta(seconds=40), True),
        (timedelta(hours=-1), True),
    ],
)
def test_a_clock_more_than_thirty_seconds_off_is_noticed(
    engine: Engine, apart: timedelta, too_large: bool
) -> None:
    now = reading(engine, read_now) + apart
    assert Skew(engine, now=lambda: now).too_large() is too_large


def test_a_clock_is_compared_again_after_a_while(engine: Engine) -> None:
    moments = iter([datetime(2020, 1, 1, tzinfo=UTC), reading(engine, read_now)])
    skew = Skew(engine, now=lambda: next(moments), gap=timedelta(0))
    assert skew.too_large()
    assert not skew.too_large()


def test_a_clock_is_not_compared_at_every_bell(engine: Engine) -> None:
    moments = iter([reading(engine, read_now)])
    skew = Skew(engine, now=lambda: next(moments))
    assert not skew.too_large()
    assert not skew.too_large()


def test_one_claims_one_waits_for_it_and_the_others_leave_it_to_those() -> None:
    turnstile = Turnstile()

    def claim() -> bool:
        with turnstile.entered() as mine:
            return mine

    with ThreadPoolExecutor(2) as threads:
        with turnstile.entered() as mine:
            assert mine
            found = [threads.submit(claim) for _ in range(2)]
            refused, waiting = wait(found, timeout=10, return_when=FIRST_COMPLETED)
            assert [one.result() for one in refused] == [False]
        assert [one.result(10) for one in waiting] == [True]
    assert claim()
