"""What came in today, what became of it, what waits, and what needs a person?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import Connection

from triggers.clock import UTC
from triggers.resting import rests, unresting
from worker.http.console.charts import bars
from worker.http.console.duty import need_told
from worker.http.console.pages import page
from worker.http.console.shown import Shown
from worker.http.console.visits import Visit, Visiting
from worker.steps.checking import check, needs
from worker.steps.flowing import Flow, today
from worker.store.agenda import read_agenda, read_calls
from worker.store.flow import WHATS

SHOWN = 10
FIRST = "sent"
router = APIRouter()


@router.get("/console")
def today_page(visit: Visiting, show: str = FIRST) -> Response:
    """`show`: which of the counts the chart draws."""
    zone = Shown(visit).zone
    flow = today(visit.engine, zone)
    skew = visit.house.parts.skew.compare()
    facts = visit.read(lambda connection: read(connection, visit, skew, flow))
    what = show if show in WHATS else FIRST
    return page(
        visit, "today", **facts, **_quiet(visit, flow.now), flow=flow, what=what,
        chart=_chart(flow, what),
    )  # fmt: skip


def read(connection: Connection, visit: Visit, skew: timedelta, flow: Flow) -> Mapping[str, Any]:
    zone = Shown(visit).zone
    facts = check(connection, skew)
    return {
        "now": flow.now,
        "needs": [need_told(visit, one) for one in needs(facts)],
        "agenda": read_agenda(connection, moments(flow.now, zone)),
        "most": SHOWN,
        "calls": read_calls(connection, now=flow.now),
    }


def _quiet(visit: Visit, now: datetime) -> Mapping[str, Any]:
    """What is in quiet hours at the house's own place, and what leaves all the same."""
    rules = visit.rules
    if rules is None:
        return {"rests": [], "unresting": []}
    return {"rests": rests(rules.policy, now), "unresting": unresting(rules.policy)}


def moments(now: datetime, zone: ZoneInfo) -> Mapping[str, datetime]:
    """The ends of what is called today, tomorrow and this week on the house's clock."""
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)

    def days(number: int) -> datetime:
        return (midnight + timedelta(days=number)).astimezone(UTC)

    hour = now + timedelta(hours=1)
    return {"now": now, "hour": hour, "today": max(days(1), hour), "tomorrow": days(2),
            "week": days(7)}  # fmt: skip


def _chart(flow: Flow, what: str) -> Any:
    line = flow.lines[what]
    labels = tuple(f"{hour:02}" if hour % 3 == 0 else "" for hour in range(24))
    return bars(labels, tuple(line.today), tuple(line.usual))
