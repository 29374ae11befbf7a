"""How many calls did the triggers prevent, as far as can be known, and what came of it else?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from weakref import WeakKeyDictionary

from fastapi import APIRouter
from fastapi.responses import Response

from triggers.configuration import Configuration
from triggers.effect import Effect, Finding, Span
from triggers.report import Bucket, Question, Report, TriggerReport
from worker.http.console.charts import intervals
from worker.http.console.pages import page
from worker.http.console.shelf import Shelves, shelf_of
from worker.http.console.visits import Visit, Visiting
from worker.steps.report import report as read_report
from worker.store.clock import read_now
from worker.store.engine import snapshot

HOME = "/console/report"
DAYS = (30, 90, 180)
KEPT = timedelta(minutes=5)
"""A report reads months: what was counted is shown for so long."""
DRAWN = 12
LOOKS = {
    Finding.FEWER_CALLS: "good",
    Finding.MORE_CALLS: "bad",
    Finding.TOO_SMALL: "warn",
    Finding.NOT_YET: "warn",
}
router = APIRouter()


_shelves: Shelves = WeakKeyDictionary()


@router.get(HOME)
def look(visit: Visiting, trigger: str = "", days: int = 90, by: str = "week") -> Response:
    """Every trigger; with `trigger` all that is known of one."""
    rules = visit.rules
    if rules is None:
        return page(visit, "wrong", status=HTTPStatus.NOT_FOUND, why="no_trigger")
    length = days if days in DAYS else 90
    bucket = Bucket(by) if by in set(Bucket) else Bucket.WEEK
    found = shelf_of(_shelves, visit.house, KEPT).get(
        (rules.hash, length, bucket),
        visit.house.now(),
        lambda: _count(visit, rules, length, bucket),
    )
    one = next((one for one in found.told.triggers if one.trigger == trigger), None)
    if trigger and one is None:
        return page(visit, "wrong", status=HTTPStatus.NOT_FOUND, why="no_trigger")
    return page(
        visit, "report_one" if one else "report", now=visit.read(read_now), at=found.at,
        report=found.told, one=one, days=length, lengths=DAYS, by=bucket, finding_looks=LOOKS,
        buckets=list(Bucket), kept=KEPT, span=_span, chart=_periods(one) if one else None,
        measured=list(_measured(found.told)), all_chart=_all(found.told),
    )  # fmt: skip


def _count(visit: Visit, rules: Configuration, days: int, by: Bucket) -> Report:
    with snapshot(visit.engine) as connection:
        now = read_now(connection)
        asked = Question(now - timedelta(days=days), now, now, None, by)
        return read_report(connection, rules, asked)


def _measured(report: Report) -> Sequence[TriggerReport]:
    """Those of which something can be drawn, the surest first."""
    known = [one for one in report.triggers if one.effect.difference is not None]
    return sorted(known, key=_width)[:DRAWN]


def _width(one: TriggerReport) -> tuple[float, str]:
    found = one.effect.difference
    return (found.high - found.low if found else 0.0), one.trigger


def _all(report: Report) -> Any:
    rows = _measured(report)
    labels = tuple(str(number) for number in range(1, len(rows) + 1))
    return intervals(labels, tuple(_points(one.effect) for one in rows)) if rows else None


def _periods(one: TriggerReport) -> Any:
    """Over time; where nothing can be compared, nothing is drawn."""
    rows = one.periods[-DRAWN:]
    spans = tuple(_points(period.effect) for period in rows)
    labels = tuple(f"{period.begins:%d.%m.}" for period in rows)
    return intervals(labels, spans) if any(spans) else None


def _points(effect: Effect) -> tuple[float, float, float] | None:
    """In points of a hundred."""
    if effect.difference is None:
        return None
    found = effect.difference.times(100)
    return found.estimate, found.low, found.high


def _span(span: Span, form: str = ",.0f", factor: float = 1) -> tuple[str, str, str]:
    """Estimate, lowest and highest, as they are read."""
    found = span.times(factor)
    return tuple(f"{one:{form}}" for one in (found.estimate, found.low, found.high))  # type: ignore[return-value]
