"""A world in which everything waits for somebody, and in which nobody's data is to be trusted."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Table, insert

from tests.worker.http.house import FILES
from worker.clock import utc_now
from worker.steps.apply import apply
from worker.steps.pausing import pause
from worker.store.actions import note_action
from worker.store.alerts import Alarm, Raised, raise_alerts
from worker.store.clock import read_now
from worker.store.engine import in_transaction
from worker.store.tables import (
    attempts,
    decisions,
    events,
    handoffs,
    inbound,
    messages,
    occurrences,
    refused_events,
    throttles,
    workers,
)

EVIL = '<script>alert(1)</script>"><img src=x onerror=alert(2)>\u202e{{7*7}}'
"""What a source may write into an id, a name or a text."""
HOUR = timedelta(hours=1)


def store(connection: Connection, table: Table, **row: Any) -> None:
    connection.execute(insert(table).values(**row))


def event_row(number: int, at: datetime, **more: Any) -> dict[str, Any]:
    row = {
        "source": "billing", "id": f"e{number}", "type": "plan.ending", "time": at,
        "received_at": at, "customer_id": f"c{number}", "data": {"plan_id": f"p{number}"},
        "hops": 0, "history": False, "writes_customer": False, "door": "test", "state": "read",
        "tries": 0,
    }  # fmt: skip
    return row | more


def occurrence_row(number: int, at: datetime, **more: Any) -> dict[str, Any]:
    row = {
        "id": f"{number:032x}", "trigger": "plan_ending", "customer_id": f"c{number}",
        "key": f"p{number}", "epoch": "once", "state": "pending", "start_time": at,
        "start_source": "billing", "start_id": f"e{number}", "moment": at, "due": at,
        "expires": at + 48 * HOUR, "priority": 1, "category": "service", "bundle": "b" * 32,
        "created_at": at, "updated_at": at,
    }  # fmt: skip
    return row | more


def message_row(number: int, at: datetime, **more: Any) -> dict[str, Any]:
    row = {
        "id": f"{number:032x}", "occurrence_id": f"{number:032x}", "trigger": "plan_ending",
        "customer_id": f"c{number}", "key": f"p{number}", "epoch": "once", "category": "service",
        "message": "plan_ending", "language": "en", "channels": ["sms"], "channel": "sms",
        "state": "delivered", "attempt": 1, "claimed_at": at, "expires": at + 48 * HOUR,
        "priority": 1, "bundle": "b" * 32, "start_source": "billing", "start_id": f"e{number}",
        "hops": 0, "updated_at": at,
    }  # fmt: skip
    return row | more


def attempt_row(number: int, at: datetime, **more: Any) -> dict[str, Any]:
    row = {
        "message_id": f"{number:032x}", "number": 1, "trigger": "plan_ending",
        "category": "service", "customer_id": f"c{number}", "channel": "sms",
        "sender": "outbox:sms", "address_hash": "0" * 32, "headers": {}, "segments": 1,
        "state": "delivered", "lease_owner": "a" * 32, "claimed_at": at,
    }  # fmt: skip
    return row | more


def decision_row(number: int, at: datetime, **more: Any) -> dict[str, Any]:
    row = {
        "at": at, "trigger": "plan_ending", "customer_id": f"c{number}", "key": f"p{number}",
        "epoch": "once", "verdict": "messaged", "facts": [], "bundle": "b" * 32,
    }  # fmt: skip
    return row | more


def handoff_row(number: int, at: datetime, **more: Any) -> dict[str, Any]:
    row = {
        "id": f"{number:032x}", "customer_id": f"c{number}", "trigger": "plan_ending",
        "queue": "calls", "why": "route", "text": EVIL, "state": "open", "due": at,
        "created_at": at, "updated_at": at,
    }  # fmt: skip
    return row | more


def inbound_row(number: int, at: datetime, **more: Any) -> dict[str, Any]:
    row = {
        "provider": "twilio", "provider_ref": f"SM{number:032x}", "channel": "sms",
        "address_hash": "0" * 32, "raw": {"Body": EVIL}, "received_at": at, "state": "read",
    }  # fmt: skip
    return row | more


def troubled(engine: Engine) -> None:
    """Something of everything that whoever is on duty may find."""
    apply(engine, FILES, EVIL)
    pause(engine, ["trigger:plan_ending", "channel:email"], by=EVIL, why=EVIL)

    def work(connection: Connection) -> None:
        now = read_now(connection)
        _failed(connection, now)
        _messages(connection, now)
        raised = [
            Raised(Alarm.EVENT_SET_ASIDE, EVIL, EVIL, 3),
            Raised(Alarm.SENDER_FAILING, "outbox:sms", "503; tried again soon"),
        ]
        raise_alerts(connection, raised, now=now)
        store(connection, workers, id="w1", role="send", seen_at=now, bundle="f" * 32, note=EVIL)
        store(connection, workers, id="w2", role=EVIL, seen_at=now)
        store(connection, throttles, name="sender:outbox:sms", broken_until=now + HOUR, why=EVIL,
              failures=5, breaks=2)  # fmt: skip
        store(connection, throttles, name=f"sender:{EVIL}", failures=4, breaks=1)
        note_action(connection, EVIL, {"of": EVIL}, by=EVIL, now=now)

    in_transaction(engine, work)


def _failed(connection: Connection, now: datetime) -> None:
    for number in range(3):
        evil = {"id": f"{EVIL}{number}", "source": EVIL, "type": EVIL, "customer_id": EVIL}
        aside = event_row(number, now - 3 * HOUR, state="set_aside", tries=3, error=EVIL, **evil)
        store(connection, events, **aside)
        store(
            connection, refused_events, door="file", received_at=now, source=EVIL, id=EVIL,
            type=EVIL, raw=EVIL, raw_hash=f"{number:032x}", state="refused",
            reasons=[{"pointer": EVIL, "detail": EVIL}],
        )  # fmt: skip
    store(connection, events, **event_row(9, now - HOUR, state="new"))


def _messages(connection: Connection, now: datetime) -> None:
    for number in range(1, 7):
        at = now - timedelta(minutes=number)
        store(connection, events, **event_row(100 + number, at))
        store(connection, decisions, **decision_row(number, at))
        state = {1: "parked", 2: "parked", 3: "unknown"}.get(number, "delivered")
        why = {1: EVIL, 2: "unknown"}.get(number)
        asked = {"trigger": EVIL, "look_at": now, "unknown_at": at} if number < 4 else {}
        store(connection, messages, **message_row(number, at, state=state, why=why, **asked))
        ended = "unknown" if state != "delivered" else "delivered"
        store(connection, attempts, **attempt_row(number, at, state=ended))
        store(connection, handoffs, **handoff_row(number, at))
        store(connection, inbound, **inbound_row(number, at))
        waits = {"trigger": EVIL} if number == 1 else {}
        due = occurrence_row(number + 50, now + number * 5 * HOUR, reason="quiet", **waits)
        store(connection, occurrences, **due)
    store(connection, occurrences, **occurrence_row(80, now - HOUR))
    assert utc_now() >= now - HOUR
