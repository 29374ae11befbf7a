"""Which alarms does a batch of claims raise or end, and which have ended by themselves?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from sqlalchemy import Connection

from triggers.clock import stamp
from triggers.verdicts import Reason
from worker.steps.spending import Purse
from worker.steps.standing import Desk
from worker.store.alerts import (
    Alarm,
    Raised,
    close_alert,
    close_old_alerts,
    close_settled_alerts,
    raise_alerts,
    standing_alerts,
)
from worker.store.parked import parked_unknown
from worker.store.spending import read_held_back

log = structlog.get_logger(__name__)

TOLD_AGAIN = timedelta(hours=1)
"""Whoever of the workers finds it first tells it; it is told again after this, with new figures."""

OVER = (Alarm.FUSE_BLOWN, Alarm.CLAIM_FAILED)
OVER_AFTER = 2 * TOLD_AGAIN
"""These are raised again as long as it goes on; what was not raised for so long is over."""

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
    raised = [*_fuses(told, desk.blown)]
    for purse in purses.values():
        raised += _spending(told, purse)
        _spent_less(told, purse)
    raise_alerts(connection, raised, now=now)


def end_alarms(connection: Connection, *, now: datetime) -> None:
    """What nobody has found again, and what somebody has mended."""
    close_old_alerts(connection, OVER, before=now - OVER_AFTER, now=now)
    close_settled_alerts(connection, now=now)
    for one in standing_alerts(connection):
        if one.kind == Alarm.UNKNOWN_PARKED and not parked_unknown(connection, one.subject):
            kind, subject = Alarm.UNKNOWN_PARKED, one.subject
            close_alert(connection, kind, subject, now=now, last_at=one.last_at)


def _fuses(told: _Told, blown: Iterable[str]) -> Iterator[Raised]:
    for trigger in sorted(blown):
        if told.is_news(Alarm.FUSE_BLOWN, trigger):
            log.error("fuse_blown", trigger=trigger)
            yield Raised(Alarm.FUSE_BLOWN, trigger, _waiting(told, Reason.FUSE, trigger))


def _spending(told: _Told, purse: Purse) -> Iterator[Raised]:
    kind, subject = purse.standing, purse.trigger or ALL
    if kind is None or not told.is_news(kind, subject):
        return
    if kind is Alarm.SPEND_REACHED:
        log.error("spend_reached", subject=subject)
        yield Raised(kind, subject, _waiting(told, Reason.SPEND, purse.trigger))
    else:
        log.warning("spend_near", subject=subject)
        yield Raised(kind, subject, f"{purse.spent} of {purse.budget}")


def _spent_less(told: _Told, purse: Purse) -> None:
    """What was reached is over where a batch could pay for all it wanted."""
    over = {None: (Alarm.SPEND_NEAR, Alarm.SPEND_REACHED), Alarm.SPEND_NEAR: (Alarm.SPEND_REACHED,)}
    for kind in over.get(purse.standing, ()):
        subject = purse.trigger or ALL
        if told.stands(kind, subject):
            close_alert(told.connection, kind, subject, now=told.now)


def _waiting(told: _Told, reason: Reason, trigger: str) -> str:
    """How many are held back, or will be, and when they lapse."""
    found = read_held_back(told.connection, reason, trigger=trigger, now=told.now)
    if found.first is None or found.last is None:
        return "none wait"
    return (
        f"{found.number} wait; the first lapses at {stamp(found.first)[:16]}Z,"
        f" the last at {stamp(found.last)[:16]}Z"
    )
