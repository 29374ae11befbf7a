"""Which triggers are strangely silent, and which run away? Asked every few minutes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection, Engine, Row

from triggers.clock import stamp
from triggers.configuration import Configuration
from triggers.definitions import AgentRoute, Mode, Trigger
from triggers.standing import EVERYTHING
from triggers.unusual import unusual_hours
from triggers.usual import DAY, HOUR, PAST, WEEK, runaway, silence
from worker.store.alerts import Alarm, Raised, close_alert, raise_alerts, read_alerts
from worker.store.clock import read_now
from worker.store.engine import in_transaction
from worker.store.speaking import (
    Span,
    forget_hours,
    last_counted,
    note_spoken,
    note_watched,
    read_births,
    read_hours,
    read_spoken,
)
from worker.store.standing import read_pauses
from worker.store.throttles import lock_throttles

log = structlog.get_logger(__name__)

MARGIN = timedelta(minutes=5)
"""What was decided in an hour is committed so long after its end."""
LATE = timedelta(minutes=10)
"""Whoever listens for the first time in an hour after this cannot tell of all of it."""
AT_ONCE = WEEK
"""So much of the past is counted by one call: the first calls have five weeks to catch up with."""
TOLD_AGAIN = timedelta(hours=1)
KEPT = PAST + WEEK
KINDS = (Alarm.SILENCE, Alarm.RUNAWAY)
LISTENING = "listening"
"""The throttle that who listens holds: of many, one at a time."""


def listen(engine: Engine, configuration: Configuration, *, now: datetime | None = None) -> None:
    """Count what was said since the last time, and raise or end what it shows."""

    def work(connection: Connection) -> None:
        lock_throttles(connection, [LISTENING])
        moment = now or read_now(connection)
        triggers = configuration.triggers
        deaf = set(_deaf(triggers.values(), read_pauses(connection)))
        hour = _hour(moment)
        note_watched(connection, hour, triggers, deaf=deaf, late=moment - hour > LATE)
        _count(connection, triggers, _hour(moment - MARGIN), moment)
        forget_hours(connection, moment - KEPT)
        told = [*_judged(connection, configuration, deaf, moment)]
        _tell(connection, told, moment)

    in_transaction(engine, work)


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _deaf(triggers: Iterable[Trigger], paused: Collection[str]) -> Iterator[str]:
    """Those that cannot speak, or not by every channel they have."""
    for one in triggers:
        channels = {
            channel
            for route in one.send
            if not isinstance(route, AgentRoute)
            for channel in route.by
        }
        scopes = {EVERYTHING, f"category:{one.limits.category}", f"trigger:{one.name}"}
        scopes |= {f"channel:{channel}" for channel in channels}
        if one.limits.mode is Mode.OFF or scopes & set(paused):
            yield one.name


def _count(connection: Connection, triggers: Iterable[str], end: datetime, now: datetime) -> None:
    """The full hours that nobody has counted; of the newest also who was addressed again."""
    last, births = last_counted(connection), read_births(connection)
    spans = []
    for name in triggers:
        first = max(_hour(births.get(name, now) + HOUR), end - PAST)
        begin = last[name] + HOUR if name in last else first
        until = min(end, begin + AT_ONCE)
        hours = int((until - begin) / HOUR)
        spans += [Span(name, begin + n * HOUR, begin + (n + 1) * HOUR) for n in range(hours)]
    newest = [one for one in spans if one.until == end]
    days = read_spoken(connection, [one._replace(since=end - DAY) for one in newest])
    found = read_spoken(connection, spans)
    rows = []
    for span, spoken in found.items():
        day = days.get(span._replace(since=end - DAY))
        again = {"repeats": day.number - day.people, "day": day.number} if day else {}
        rows.append({"trigger": span.trigger, "hour": span.since, "spoke": spoken.number, **again})
    note_spoken(connection, rows)


def _judged(
    connection: Connection, configuration: Configuration, deaf: Collection[str], now: datetime
) -> Iterator[tuple[Raised, datetime | None]]:
    """What is strange now, and since when where that is known."""
    policy = configuration.policy
    names = sorted(set(configuration.triggers) - set(deaf) - policy.watch.mute)
    past = read_hours(connection, names, now - KEPT)
    latest = read_spoken(connection, [Span(name, now - HOUR, now) for name in names])
    spoke = {span.trigger: found.number for span, found in latest.items()}
    odd, zone = unusual_hours(policy), ZoneInfo(policy.timezone)
    for name in names:
        end = _hour(now - MARGIN)
        heard = past[name]
        quiet = None if spoke[name] else silence(heard, end, policy.watch, odd=odd, zone=zone)
        if quiet is not None:
            since = f"nothing since {stamp(quiet.since)[:16]}Z"
            words = f"{since}; at these hours of other weeks {quiet.usual} or more"
            yield Raised(Alarm.SILENCE, name, words), quiet.since
        loud = runaway(heard, now, spoke[name], policy.watch)
        if loud is not None:
            yield Raised(Alarm.RUNAWAY, name, loud.words), None


def _tell(
    connection: Connection, found: Iterable[tuple[Raised, datetime | None]], now: datetime
) -> None:
    """What stands and is strange no more ends by itself; what a person dismissed is not told again
    while it is the same silence, nor within the hour."""
    rows = {(row.kind, row.subject): row for row in read_alerts(connection, KINDS)}
    strange = {(one.kind.value, one.subject): (one, since) for one, since in found}
    for (kind, subject), row in rows.items():
        if row.closed_at is None and (kind, subject) not in strange:
            close_alert(connection, Alarm(kind), subject, now=now, last_at=row.last_at)
    news = []
    for key, (one, since) in strange.items():
        known = rows.get(key)
        if known is None or _is_news(known, since, now):
            log.error(one.kind.value, trigger=one.subject, detail=one.detail)
            news.append(one)
    raise_alerts(connection, news, now=now)


def _is_news(row: Row[Any], since: datetime | None, now: datetime) -> bool:
    if row.closed_at is None:
        told: datetime = row.last_at
        return told + TOLD_AGAIN <= now
    closed: datetime = row.closed_at
    return closed < since if since is not None else closed + TOLD_AGAIN <= now
