"""How does today compare with the usual day, hour by hour?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from triggers.clock import UTC
from worker.store import flow
from worker.store.clock import read_now
from worker.store.engine import in_transaction, reading
from worker.store.flow import HOUR, WHATS

ByClock = Mapping[str, Mapping[int, int]]

LATE = timedelta(minutes=10)
"""What an hour holds is counted so long after its end: no transaction takes longer."""

WEEKS = 4
"""The usual Sunday is the mean of so many."""

KEPT = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is counted, today: by the hour of the house's clock, 24 of each."""

    so_far: int
    usual_so_far: float | None
    usual_day: float | None
    today: Sequence[int | None]
    usual: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Flow:
    now: datetime
    weekday: int
    """Monday is 0."""
    compared: int
    """So many days of this name were there."""
    lines: Mapping[str, Line]


def today(engine: Engine, zone: ZoneInfo, *, now: datetime | None = None) -> Flow:
    """Counts of today and of the same weekday before; hours that have ended are kept."""
    moment = now or reading(engine, read_now)
    ended = _hour(moment - LATE)
    last = reading(engine, flow.last_kept)
    first = ended - timedelta(days=7 * WEEKS + 1)
    begins = first if last is None else max(last + HOUR, first)
    if begins < ended:
        in_transaction(engine, lambda c: _keep(c, begins, ended))
    return reading(engine, lambda c: _read(c, zone, moment, ended))


def _keep(connection: Connection, begins: datetime, ended: datetime) -> None:
    counted = flow.count_hours(connection, since=begins, until=ended)
    flow.keep_hours(connection, counted, list(_span(begins, ended)))
    flow.forget_hours(connection, before=ended - KEPT)


def _read(connection: Connection, zone: ZoneInfo, now: datetime, ended: datetime) -> Flow:
    day = now.astimezone(zone).date()
    begins = _midnight(day, zone)
    # whatever nobody has kept yet is counted from the rows
    fresh = flow.count_hours(connection, since=max(ended, _hour(begins)), until=_hour(now) + HOUR)
    kept = flow.read_hours(connection, since=_hour(begins), until=ended)
    mine = {what: _by_clock({**kept[what], **fresh[what]}, day, zone) for what in WHATS}
    before = [day - timedelta(days=7 * week) for week in range(1, WEEKS + 1)]
    others = [one for one in (_day(connection, date_, zone) for date_ in before) if one]
    at = now.astimezone(zone)
    lines = {what: _line(mine[what], [one[what] for one in others], at) for what in WHATS}
    return Flow(now, day.weekday(), len(others), lines)


def _day(connection: Connection, day: date, zone: ZoneInfo) -> ByClock | None:
    """By the hour of the clock; None for a day on which nothing was."""
    begins, ends = _midnight(day, zone), _midnight(day + timedelta(days=1), zone)
    found = flow.read_hours(connection, since=_hour(begins), until=ends)
    by_clock = {what: _by_clock(hours, day, zone) for what, hours in found.items()}
    return by_clock if any(sum(hours.values()) for hours in by_clock.values()) else None


def _line(mine: Mapping[int, int], others: Sequence[Mapping[int, int]], at: datetime) -> Line:
    usual: list[float | None] = [
        sum(one.get(hour, 0) for one in others) / len(others) if others else None
        for hour in range(24)
    ]
    part = at.minute / 60
    means = [one or 0.0 for one in usual]
    return Line(
        so_far=sum(mine.values()),
        usual_so_far=sum(means[: at.hour]) + means[at.hour] * part if others else None,
        usual_day=sum(means) if others else None,
        today=[mine.get(hour, 0) if hour <= at.hour else None for hour in range(24)],
        usual=usual,
    )


def _by_clock(hours: Mapping[datetime, int], day: date, zone: ZoneInfo) -> dict[int, int]:
    """An hour that the clock shows twice is one; what belongs to another day is left out."""
    found: dict[int, int] = {}
    for hour, count in hours.items():
        local = hour.astimezone(zone)
        if local.date() == day:
            found[local.hour] = found.get(local.hour, 0) + count
    return found


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _hour(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _span(begins: datetime, ends: datetime) -> Iterator[datetime]:
    while begins < ends:
        yield begins
        begins += HOUR
