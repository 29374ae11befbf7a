"""Does each number that a machine watches say what stands in the database?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, Table

from tests.worker.drawing import keep
from tests.worker.sending import HOUR
from tests.worker.small_world import NOON
from worker.store.alerts import Alarm
from worker.store.engine import reading
from worker.store.gauges import read_gauges
from worker.store.tables import (
    activations,
    alerts,
    events,
    handoffs,
    messages,
    occurrences,
    pauses,
    refused_events,
    throttles,
    workers,
)

SECOND = timedelta(seconds=1)
MINUTE_AGO = NOON - 60 * SECOND
Row = dict[str, Any]
Numbers = dict[str, float]


def event(number: int, state: str, ago: int) -> Row:
    return {"seq": number, "source": "s", "id": f"e{number}", "state": state,
            "received_at": NOON - ago * SECOND}  # fmt: skip


def turn(number: int, state: str, ago: int, **more: Any) -> Row:
    """Of an occurrence; `priority` 1 is one of those there are."""
    return {"id": f"o{number}", "epoch": f"{number}", "state": state, "priority": 1,
            "due": NOON - ago * SECOND, **more}  # fmt: skip


def message(number: int, state: str, **more: Any) -> Row:
    return {"id": f"m{number}", "occurrence_id": f"o{number}", "state": state, "priority": 1,
            "channels": [], **more}  # fmt: skip


def call(number: int, state: str, due: int, ago: int) -> Row:
    return {"id": f"h{number}", "queue": "desk", "state": state, "due": NOON - due * SECOND,
            "created_at": NOON - ago * SECOND}  # fmt: skip


@pytest.fixture
def told(engine: Engine) -> Callable[..., Numbers]:
    """By name and the values of the labels; what is 0 is left out."""

    def told(table: Table, *rows: Row) -> Numbers:
        keep(engine, table, *rows)
        found = reading(engine, lambda c: list(read_gauges(c, NOON, MINUTE_AGO)))
        named = {
            " ".join((one.name.removeprefix("outreach_"), *one.labels.values())): one.value
            for one in found
        }
        return {name: float(value) for name, value in named.items() if value}

    return told


def test_of_events_what_waits_is_counted_and_how_long(told: Callable[..., Numbers]) -> None:
    rows = [event(1, "read", 900), event(2, "new", 100), event(3, "new", 50),
            event(4, "set_aside", 700), event(5, "withdrawn", 800)]  # fmt: skip

    assert told(events, *rows) == {
        "unread_events": 2,
        "unread_age_seconds": 100,
        "set_aside_events": 1,
    }


def test_what_was_refused_counts_until_somebody_has_seen_to_it(
    told: Callable[..., Numbers],
) -> None:
    rows = [{"seq": n, "raw_hash": f"{n}", "state": state}
            for n, state in enumerate(("refused", "refused", "dismissed", "replayed"))]  # fmt: skip

    assert told(refused_events, *rows) == {"refused_events": 2}


def test_what_is_due_is_of_occurrences_and_of_what_is_tried_again(
    engine: Engine, told: Callable[..., Numbers]
) -> None:
    keep(engine, occurrences, turn(1, "pending", 60), turn(2, "pending", -60),
         turn(3, "skipped", 900), turn(4, "pending", 20, priority=2))  # fmt: skip

    again, later = (NOON - 300 * SECOND, NOON + SECOND)
    rows = [message(1, "planned", due=again), message(2, "planned", due=later),
            message(3, "sending", due=NOON - HOUR)]  # fmt: skip
    assert told(messages, *rows) == {"due_messages": 3, "due_lag_seconds": 300}


def test_of_messages_whose_fate_is_open_the_oldest_is_told(told: Callable[..., Numbers]) -> None:
    old, new = NOON - 200 * SECOND, NOON - 10 * SECOND
    rows = [message(1, "unknown", unknown_at=old, updated_at=new),
            message(2, "parked", unknown_at=None, updated_at=NOON - 400 * SECOND),
            message(3, "parked", updated_at=new), message(4, "failed", updated_at=old)]  # fmt: skip

    assert told(messages, *rows) == {
        "unknown_messages": 1,
        "unknown_age_seconds": 200,
        "parked_messages": 2,
        "parked_age_seconds": 400,
    }


def test_a_call_is_late_as_long_as_nobody_took_it(told: Callable[..., Numbers]) -> None:
    rows = [call(1, "open", 30, 50), call(2, "taken", 500, 600), call(3, "done", 900, 950)]

    assert told(handoffs, *rows) == {
        "calls desk": 2,
        "calls_age_seconds desk": 600,
        "calls_overdue_seconds desk": 30,
    }


def test_what_is_paused_names_nobody(told: Callable[..., Numbers]) -> None:
    rows = [{"scope": "*", "by": "dana@bank.example"}, {"scope": "trigger:hi", "by": "fuse"}]

    assert told(pauses, *rows) == {"paused * person": 1, "paused trigger:hi fuse": 1}


def test_every_kind_of_alarm_is_told_and_how_many_stand(engine: Engine) -> None:
    keep(engine, alerts, {"kind": "silence", "subject": "hi"}, {"kind": "silence", "subject": "b"},
         {"kind": "runaway", "subject": "hi", "closed_at": NOON})  # fmt: skip

    found = reading(engine, lambda c: list(read_gauges(c, NOON, MINUTE_AGO)))

    stand = {one.labels["kind"]: one.value for one in found if one.name == "outreach_alarms"}
    assert stand == {**dict.fromkeys((one.value for one in Alarm), 0), "silence": 2}


def test_a_sender_rests_until_its_time(told: Callable[..., Numbers]) -> None:
    rows = [{"name": "sender:a", "broken_until": NOON + SECOND, "breaks": 1},
            {"name": "sender:b", "broken_until": NOON - SECOND, "breaks": 1},
            {"name": "listening"}]  # fmt: skip

    assert told(throttles, *rows) == {"sender_resting a": 1}


def test_processes_are_those_heard_of_by_what_they_follow(
    engine: Engine, told: Callable[..., Numbers]
) -> None:
    keep(engine, activations, {"seq": 1, "bundle": "old"}, {"seq": 2, "bundle": "new"})
    rows = [{"id": "a", "role": "send", "bundle": "new", "seen_at": MINUTE_AGO},
            {"id": "b", "role": "send", "bundle": "old", "seen_at": NOON},
            {"id": "c", "role": "send", "bundle": None, "seen_at": NOON},
            {"id": "d", "role": "send", "bundle": "new", "seen_at": NOON - HOUR}]  # fmt: skip

    assert told(workers, *rows) == {"workers send in_force": 1, "workers send other": 2}
