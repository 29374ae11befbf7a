"""When should somebody ask again who waits behind a pace or a rate, and thousands with him?

A window tells when it has room again, and everybody who waits would be asked then: of twenty
thousand behind twenty places a second each again and again, which costs more than all that leaves.
In a crowd each is asked about three times until it is his turn, whatever their number. Who is more
urgent is in none of those who are less so: he asks at the next place, and claims before them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from triggers.chance import share
from triggers.definitions import Priority, Rate
from worker.store.agenda import count_crowd

FEW = 100
"""So many are asked at each place: it is exact, and costs little."""
TIMES = 3
"""So many ask for each place: some wait no longer, and what nobody asks for is lost."""
FAR = timedelta(minutes=15)
"""By then everybody is asked, for a pace may have been raised meanwhile."""
COUNTED_AGAIN = timedelta(seconds=10)


class Who(NamedTuple):
    """An occurrence that waits."""

    trigger: str
    id: str
    priority: Priority


@dataclass(slots=True)
class Crowds:
    """What one process knows of them; only who claims asks, and of those there is one at a time."""

    _counts: Mapping[tuple[str, int], int] = field(default_factory=dict)
    _behind: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By window, the triggers of which it has put something off."""
    _at: datetime | None = None

    def moment(
        self,
        connection: Connection,
        behind: Mapping[str, Rate],
        who: Who,
        now: datetime,
    ) -> datetime:
        """When it asks again; `behind`: the windows it waits for."""
        self._count(connection, now)
        span = max((self._span(*one, who) for one in behind.items()), default=timedelta(0))
        return now + share("crowd", who.id, now.isoformat()) * span

    def _span(self, window: str, rate: Rate, who: Who) -> timedelta:
        behind = self._behind[window]
        behind.add(who.trigger)
        before = [one for one in Priority if one <= who.priority]
        crowd = sum(self._counts.get((one, each), 0) for one in behind for each in before)
        return min(FAR, rate.per * (crowd / rate.count / TIMES)) if crowd > FEW else timedelta(0)

    def _count(self, connection: Connection, now: datetime) -> None:
        if self._at is None or abs(now - self._at) >= COUNTED_AGAIN:
            self._counts = count_crowd(connection, now=now, until=now + FAR)
            self._behind.clear()
            self._at = now
