"""Is a trigger so far from its fuse that its last hour need not be looked through?

An hour may hold a hundred thousand messages, and every claim of the trigger would walk over them.
How many it has claimed since they were counted last is a tally's difference: while those together
cannot reach the fuse, nothing is counted. It is never less than the truth: what leaves the hour is
not taken off, and whoever claims for the trigger holds its throttle.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from worker.steps.crowds import Crowds
from worker.store.throttles import count_messages, read_claimed

COUNTED_AGAIN = timedelta(minutes=1)


class Fuse(NamedTuple):
    """So many messages in so long; a batch may add so many."""

    trigger: str
    most: int
    per: timedelta
    batch: int


class Counted(NamedTuple):
    """So many within its time, when the trigger had claimed so many in all."""

    messages: int
    claimed: float
    at: datetime
    per: timedelta


@dataclass(frozen=True, slots=True)
class Calm:
    """What one process has counted, by trigger."""

    _last: dict[str, Counted] = field(default_factory=dict)
    crowds: Crowds = field(default_factory=Crowds)

    def among(self, connection: Connection, fuses: Iterable[Fuse], *, now: datetime) -> set[str]:
        """The triggers whose fuse no batch can blow now; their throttles must be held."""
        asked = list(fuses)
        claimed = read_claimed(connection, [one.trigger for one in asked])
        return {one.trigger for one in asked if self._is_calm(connection, one, claimed, now)}

    def _is_calm(
        self, connection: Connection, fuse: Fuse, claimed: Mapping[str, float], now: datetime
    ) -> bool:
        total = claimed.get(fuse.trigger, 0.0)
        last = self._last.get(fuse.trigger)
        old = last is None or last.per != fuse.per or now - last.at > COUNTED_AGAIN
        if last is None or old or _reaches(last, fuse, total):
            last = self._count(connection, fuse, total, now)
        return not _reaches(last, fuse, total)

    def _count(self, connection: Connection, fuse: Fuse, total: float, now: datetime) -> Counted:
        found = count_messages(connection, fuse.trigger, since=now - fuse.per)
        self._last[fuse.trigger] = counted = Counted(found, total, now, fuse.per)
        return counted


def _reaches(last: Counted, fuse: Fuse, total: float) -> bool:
    return last.messages + (total - last.claimed) + fuse.batch > fuse.most
