"""Which alarms does a batch of claims raise or end, and which have ended by themselves?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from sqlalchemy import Connection

from triggers.clock import stamp
from triggers.fuses import HOUR
from triggers.objections import PAUSE_ASKED_AGAIN
from triggers.verdicts import Reason
from worker.steps.spending import Purse
from worker.steps.standing import Desk
from worker.store.actions import note_action
from worker.store.alerts import (
    Alarm,
    Raised,
    close_alert,
    close_old_alerts,
    close_settled_alerts,
    closed_since,
    is_any_standing,
    raise_alerts,
    standing_alerts,
)
from worker.store.parked import parked_unknown
from worker.store.pauses import add_pauses
from worker.store.spending import read_held_back
from worker.store.standing import read_pauses

log = structlog.get_logger(__name__)

TOLD_AGAIN = timedelta(hours=1)
"""Whoever of the workers finds it first tells it; it is told again after this, with new figures."""

OVER_AFTER = 2 * TOLD_AGAIN
"""What is raised again as long as it goes on and was not for so long is over."""

FUSE = "fuse"
"""Who pauses a trigger that wants more than its fuse allows."""

ALL = "total"
"""The subject of what concerns the spending of all triggers."""


class _Told(NamedTuple):
    """What stands: kind and subject, and when it was told last."""

    connection: Connection
    last: dict[tuple[str, str], datetime]
    now: datetime

    def stands(self, kind: Alarm, subject: str) -> bool:
        return (kind.value, subject) in self.last

    def is_news(self, kind: Alarm, subject: str) -> bool:
        last = self.last.get((kind.value, subject))
        return last is None or last + TOLD_AGAIN <= self.now


def tell_of_batch(connection: Connection, desk: Desk, *, now: datetime) -> None:
    """Of fuses that have blown and of what has been spent; their throttles must be held."""
    purses = desk.purses.purses
    if not desk.blown and not purses:
        return
    last = {(row.kind, row.subject): row.last_at for row in standing_alerts(connection)}
    told = _Told(connection, last, now)
    raised = [*_fuses(told, desk)]
    for purse in purses.values():
        raised += _spending(told, purse)
        _spent_less(told, purse)
    raise_alerts(connection, raised, now=now)


def end_alarms(connection: Connection, *, now: datetime) -> None:
    """What nobody has found again, and what somebody has mended."""
    if not is_any_standing(connection):
        return
    close_old_alerts(connection, [Alarm.CLAIM_FAILED], before=now - OVER_AFTER, now=now)
    close_settled_alerts(connection, now=now)
    _tell_of_paused(connection, now)
    for one in standing_alerts(connection):
        if one.kind == Alarm.UNKNOWN_PARKED and not parked_unknown(connection, one.subject):
            kind, subject = Alarm.UNKNOWN_PARKED, one.subject
            close_alert(connection, kind, subject, now=now, last_at=one.last_at)


def _fuses(told: _Told, desk: Desk) -> Iterator[Raised]:
    """Pause what has blown its fuse; whoever was resumed goes on as its window has room."""
    if not desk.blown:
        return
    rate = desk.purses.policy.fuse_trigger
    lately = told.now - (rate.per if rate else HOUR)
    resumed = closed_since(told.connection, Alarm.FUSE_BLOWN, lately)
    for trigger in sorted(desk.blown - resumed):
        scope = f"trigger:{trigger}"
        why = f"more than {rate}" if rate else "more than its fuse allows"
        row = {"scope": scope, "by": FUSE, "why": why, "at": told.now}
        if not add_pauses(told.connection, [row]):
            continue
        target, result = {"scopes": [scope]}, {"why": why}
        note_action(told.connection, "pause", target, by=FUSE, now=told.now, result=result)
        log.error("fuse_blown", trigger=trigger)
        waits = _waiting(told.connection, Reason.FUSE, trigger, told.now)
        yield Raised(Alarm.FUSE_BLOWN, trigger, waits)


def _tell_of_paused(connection: Connection, now: datetime) -> None:
    """Whose fuse has blown stays paused until a person ends it: what lapses meanwhile is told."""
    blown = [one for one in standing_alerts(connection) if one.kind == Alarm.FUSE_BLOWN]
    old = [one for one in blown if one.last_at + TOLD_AGAIN <= now]
    paused = read_pauses(connection) if old else frozenset()
    again = []
    for one in old:
        if f"trigger:{one.subject}" in paused:
            log.error("fuse_blown", trigger=one.subject)
            # whatever a pause has put off is asked again within this
            asked = now + PAUSE_ASKED_AGAIN
            waits = _waiting(connection, Reason.PAUSED, one.subject, asked)
            again.append(Raised(Alarm.FUSE_BLOWN, one.subject, waits))
        elif one.last_at < now - OVER_AFTER:
            close_alert(connection, Alarm.FUSE_BLOWN, one.subject, now=now, last_at=one.last_at)
    raise_alerts(connection, again, now=now)


def _spending(told: _Told, purse: Purse) -> Iterator[Raised]:
    kind, subject = purse.standing, purse.trigger or ALL
    if kind is None or not told.is_news(kind, subject):
        return
    if kind is Alarm.SPEND_REACHED:
        log.error("spend_reached", trigger=subject)
        yield Raised(
            kind, subject, _waiting(told.connection, Reason.SPEND, purse.trigger, told.now)
        )
    else:
        log.warning("spend_near", trigger=subject)
        yield Raised(kind, subject, f"{purse.spent} of {purse.budget}")


def _spent_less(told: _Told, purse: Purse) -> None:
    """What was reached is over where a batch could pay for all it wanted."""
    over = {None: (Alarm.SPEND_NEAR, Alarm.SPEND_REACHED), Alarm.SPEND_NEAR: (Alarm.SPEND_REACHED,)}
    for kind in over.get(purse.standing, ()):
        subject = purse.trigger or ALL
        if told.stands(kind, subject):
            close_alert(told.connection, kind, subject, now=told.now)


def _waiting(connection: Connection, reason: Reason, trigger: str, now: datetime) -> str:
    """How many are held back, or will be, and when they lapse."""
    found = read_held_back(connection, reason, trigger=trigger, now=now)
    if found.first is None or found.last is None:
        return "none wait"
    return (
        f"{found.number} wait; the first lapses at {stamp(found.first)[:16]}Z,"
        f" the last at {stamp(found.last)[:16]}Z"
    )
