"""How many messages an hour are too many for one trigger?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from triggers.definitions import Policy, Rate

HOUR = timedelta(hours=1)
LEAST = 1_000
TIMES = 3


def fuse_of(policy: Policy, busiest_hour: int | None) -> Rate:
    """What the policy says; else three times the busiest hour of the trigger's backtest, where
    there was one, and never fewer than a thousand."""
    return policy.fuse_trigger or Rate(max(LEAST, TIMES * (busiest_hour or 0)), HOUR)


def busiest_hour(moments: Iterable[datetime]) -> tuple[int, datetime | None]:
    """The most of these within any sixty minutes, and when those began."""
    ordered = sorted(moments)
    most, since, first = 0, None, 0
    for number, moment in enumerate(ordered):
        while ordered[first] <= moment - HOUR:
            first += 1
        if number - first + 1 > most:
            most, since = number - first + 1, ordered[first]
    return most, since
