"""A house with the triggers that come with it, which have written to many and held out some."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, insert

from tests.worker.http.console.world import (
    EVIL,
    HOUR,
    attempt_row,
    decision_row,
    event_row,
    inbound_row,
    message_row,
    occurrence_row,
    store,
)
from tests.worker.http.house import House
from triggers.configuration import read_configuration
from worker.folder import read_folders
from worker.steps.apply import apply
from worker.steps.pausing import pause
from worker.store.alerts import Alarm, Raised, raise_alerts
from worker.store.clock import read_now
from worker.store.engine import in_transaction
from worker.store.tables import (
    answers,
    attempts,
    clicks,
    decisions,
    events,
    inbound,
    links,
    messages,
    occurrences,
    refusals,
)

ROOT = Path(__file__).parents[4]
TRIGGER = "abandoned_checkout"
WRITTEN, HELD_OUT = 40, 8
"""Customers written to, and customers held out, three days ago or longer."""
Row = dict[str, Any]


def own_files() -> Mapping[str, str]:
    files, wrong = read_folders(ROOT / "config", ROOT / "templates")
    assert wrong == []
    # contacts are counted within a day, so that the time of these customers is over
    policy = files["config/outreach.yaml"]
    return {**files, "config/outreach.yaml": policy.replace("within: 7d", "within: 1d")}


def busy(house: House) -> None:
    files = own_files()
    house.current = read_configuration(files)
    apply(house.engine, files, "dana")
    pause(house.engine, ["trigger:low_checkbook"], by="dana", why="the price changes on Monday")
    in_transaction(house.engine, _fill)


def _fill(connection: Connection) -> None:
    now = read_now(connection)
    tables: tuple[tuple[Table, Iterator[Row]], ...] = (
        (decisions, _decisions(now)),
        (messages, _messages(now)),
        (attempts, (_attempt(one, now) for one in range(WRITTEN))),
        (events, _contacts(now)),
        (links, (_link(one, now) for one in range(12))),
        (clicks, (_click(one, now) for one in range(12))),
        (occurrences, _pending(now)),
    )
    for table, rows in tables:
        connection.execute(insert(table), list(rows))
    for number in range(3):
        text = {"meaning": "unclear", "message_id": _id(number), "customer_id": f"c{number}"}
        store(connection, inbound, **inbound_row(number, now, **text))
    score = {"survey": "service_call", "channel": "sms", "text": EVIL, "score": 4, "at": now}
    store(connection, answers, message_id=_id(500), trigger="service_call_survey",
          customer_id="c500", **score)  # fmt: skip
    refused = {"category": "*", "said": "refused", "source": "reply", "proof": {}}
    store(connection, refusals, address_hash="0" * 32, channel="sms",
          at=now - timedelta(days=2, hours=20), **refused)  # fmt: skip
    raised = [Raised(Alarm.SILENCE, TRIGGER, EVIL), Raised(Alarm.SENDER_FAILING, TRIGGER, "no")]
    raise_alerts(connection, raised, now=now)


def _id(number: int) -> str:
    return f"{number + 7_000:032x}"


def _when(number: int, now: datetime) -> datetime:
    return now - timedelta(days=3 + number % 3, minutes=number)


def _decisions(now: datetime) -> Iterator[Row]:
    blank = {"trigger": TRIGGER, "reason": None, "detail": None, "moment": None, "message_id": None}
    for number in range(60):
        yield decision_row(number, _when(number, now), **blank) | {"verdict": "started"}
    for number in range(WRITTEN):
        yield decision_row(number, _when(number, now), **blank) | {"verdict": "claimed"}
    for number in range(WRITTEN, WRITTEN + HELD_OUT):
        held = {"verdict": "held_out", "reason": "holdout"}
        yield decision_row(number, _when(number, now), **blank) | held
    for number in range(5):
        off = {"verdict": "called_off", "reason": "called_off"}
        yield decision_row(50 + number, _when(number, now), **blank) | off
    for number in range(3):
        cap = {"verdict": "skipped", "reason": "cap"}
        yield decision_row(55 + number, _when(number, now), **blank) | cap


def _messages(now: datetime) -> Iterator[Row]:
    for number in range(WRITTEN):
        state = {0: "failed", 1: "sent"}.get(number, "delivered")
        own = {"id": _id(number), "occurrence_id": _id(number), "trigger": TRIGGER, "why": None}
        yield message_row(number, _when(number, now), **own, state=state)


def _attempt(number: int, now: datetime) -> Row:
    own = {"message_id": _id(number), "trigger": TRIGGER, "cost": 0.09}
    return attempt_row(number, _when(number, now), **own)


def _contacts(now: datetime) -> Iterator[Row]:
    """Of those written to four, of those held out three; and one that came too late."""
    for number in (2, 3, 4, 5, WRITTEN, WRITTEN + 1, WRITTEN + 2):
        yield _contact(number, _when(number, now) + HOUR)
    yield _contact(6, _when(6, now) + 30 * HOUR)


def _contact(number: int, at: datetime) -> Row:
    told = {"type": "support.contacted", "data": {"topic": EVIL, "channel": "call"}}
    return event_row(7_000 + number, at, customer_id=f"c{number}", **told)


def _link(number: int, now: datetime) -> Row:
    return {"token": f"t{number}", "message_id": _id(number), "name": "checkout", "url": "x",
            "created_at": now, "expires_at": now}  # fmt: skip


def _click(number: int, now: datetime) -> Row:
    at, by = _when(number, now), "scanner" if number > 9 else "person"
    return {"token": f"t{number}", "message_id": _id(number), "at": at, "by": by}


def _pending(now: datetime) -> Iterator[Row]:
    for number in range(30):
        own: Row = {"trigger": TRIGGER, "reason": None, "detail": None}
        if number == 0:
            own |= {"customer_id": EVIL, "key": EVIL, "reason": "quiet", "detail": EVIL}
        yield occurrence_row(9_000 + number, now + number * HOUR, **own)
