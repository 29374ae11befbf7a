"""Triggers, events and customers for tests of deciding: short to write, nothing hidden."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from triggers.clock import instant
from triggers.definitions import Again, Limits, MessageRoute, Trigger
from triggers.durations import parse_duration
from triggers.events import Event
from triggers.paths import Path

JERUSALEM = ZoneInfo("Asia/Jerusalem")
MONDAY = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
BY_SMS = (MessageRoute("hello", ("sms",)),)


def at(text: str) -> datetime:
    """`2026-11-02 10:00` on the clock of Jerusalem, or a whole RFC 3339 moment."""
    if "T" in text:
        return instant(text)
    return datetime.fromisoformat(text).replace(tzinfo=JERUSALEM).astimezone(UTC)


def path(text: str) -> Path:
    return Path.parse(text)


def event(
    type_: str,
    time: datetime | str,
    id_: str = "",
    *,
    data: Mapping[str, Any] | None = None,
    source: str = "shop",
    customer: str = "c1",
    history: bool = False,
) -> Event:
    moment = at(time) if isinstance(time, str) else time
    return Event(
        source=source,
        id=id_ or f"{type_}@{moment.isoformat()}",
        type=type_,
        time=moment,
        customer=customer,
        data={"key": "k", **(data or {})},
        received=moment,
        subject=customer,
        history=history,
    )


def trigger(**fields: Any) -> Trigger:
    given = {
        "name": "t",
        "on": "start",
        "key": path("event.data.key"),
        "send": BY_SMS,
        "limits": Limits("service", expires=timedelta(days=1)),
        "again": Again.ONCE,
    }
    return Trigger(**{**given, **fields})


def days(text: str) -> timedelta:
    return parse_duration(text).elapsed
