"""How does everything stand, and what of it needs a person? For `doctor` and the console."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection

from triggers.clock import stamp
from worker.clock import MOST_APART
from worker.store import checkup
from worker.store.actions import last_actions, note_action
from worker.store.alerts import Alarm, close_alert, standing_alerts
from worker.store.bundles import recent_activations
from worker.store.clock import read_now
from worker.store.demo import is_demo
from worker.store.ledger import read_differences

HEARD_OF = timedelta(minutes=1)
WEEK = timedelta(days=7)
LONGEST = {
    "unread": timedelta(minutes=5),
    "due": timedelta(minutes=15),
    "unknown": timedelta(minutes=20),
}
"""What waits longer than this waits for a person."""


class Need(NamedTuple):
    """What needs a person: `told` in words, and the same for who says it otherwise."""

    kind: str
    told: str
    of: str = ""
    number: str = ""


def check(connection: Connection, skew: timedelta) -> dict[str, Any]:
    """Every fact that `doctor` tells; `skew`: how far this machine's clock and the database's are
    apart."""
    now = read_now(connection)
    waits = {
        "unread": checkup.unread(connection),
        "set_aside": checkup.set_aside(connection),
        "due": checkup.overdue(connection, now),
        "unknown": checkup.unknown(connection),
        "parked": checkup.parked(connection),
    }
    active = next((one.bundle for one in recent_activations(connection)), None)
    facts: dict[str, Any] = {
        "at": stamp(now),
        "demo": is_demo(connection),
        "clock_off_seconds": round(skew.total_seconds(), 3),
        **{name: _waiting(one, now) for name, one in waits.items()},
        "configuration": active,
        "workers": [
            {"role": one.role, "seen": stamp(one.seen_at), "configuration": one.bundle}
            for one in checkup.at_work(connection, since=now - HEARD_OF)
        ],
        "alarms": [_alarm(one) for one in standing_alerts(connection)],
        "ledger_differences": dict(read_differences(connection, since=now - WEEK)),
        "ledger_compared": [
            {"sender": one.sender, "day": stamp(one.since), "compared": one.compared}
            for one in checkup.last_checks(connection, most=3)
        ],
        "actions": [
            {"at": stamp(one.at), "by": one.by, "action": one.action}
            for one in last_actions(connection, most=5)
        ],
    }
    return {**facts, "needs_a_person": [one.told for one in needs(facts)]}


def dismiss(connection: Connection, kind: str, subject: str, *, by: str) -> bool:
    """Close an alarm that somebody has seen to; whether it stood until now."""
    if kind not in set(Alarm):
        return False
    now = read_now(connection)
    stood = close_alert(connection, Alarm(kind), subject, now=now)
    if stood:
        note_action(connection, "dismiss", {"kind": kind, "subject": subject}, by=by, now=now)
    return stood


def _waiting(one: checkup.Waiting, now: datetime) -> dict[str, Any]:
    age = (now - one.oldest).total_seconds() if one.oldest else None
    return {"count": one.count, "oldest_seconds": None if age is None else round(age)}


def _alarm(row: Any) -> dict[str, Any]:
    first = {"kind": row.kind, "subject": row.subject, "since": stamp(row.first_at)}
    return {**first, "last": stamp(row.last_at), "times": row.times, "detail": row.detail}


def needs(facts: dict[str, Any]) -> Iterator[Need]:
    """What of these facts cannot wait for itself to pass."""
    if facts["clock_off_seconds"] > MOST_APART.total_seconds():
        yield Need("clock", "the clock of this machine is off: set it")
    for name, longest in LONGEST.items():
        if (facts[name]["oldest_seconds"] or 0) > longest.total_seconds():
            minutes = f"{longest.total_seconds() / 60:.0f}"
            yield Need("old", f"{name} for more than {minutes} minutes", name, minutes)
    for name in ("set_aside", "parked"):
        if facts[name]["count"]:
            count = str(facts[name]["count"])
            yield Need("waits", f"{name}: {count} wait for a person", name, count)
    for one in facts["alarms"]:
        which = f"{one['kind']}:{one['subject']}"
        yield Need("alarm", f"alarm {which}", one["kind"], one["subject"])
    if not facts["workers"] and any(facts[name]["count"] for name in ("unread", "due")):
        told = "something waits and no worker was heard of for a minute: does one run, and does the"
        yield Need("workers", f"{told} broker answer?")
    if any(one["configuration"] != facts["configuration"] for one in facts["workers"]):
        told = "a worker works by another configuration than the one in force"
        yield Need("configuration", told)
