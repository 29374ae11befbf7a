"""How often did a trigger speak in each hour of its past, as tests need it?"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from math import exp

from triggers.usual import HOUR, PAST, WEEK, Hour

# a Tuesday
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
Past = dict[datetime, Hour]


def by_day(hour: datetime) -> float:
    """A service's week: busy from eight to eight, little at night, less at the weekend."""
    busy = 20.0 if 8 <= hour.hour < 20 else 1.0
    return busy * (0.3 if hour.weekday() in (4, 5) else 1.0)


def level_of(level: float, hour: datetime) -> float:
    return level * by_day(hour)


def drawn(chance: random.Random, mean: float) -> int:
    """Poisson's."""
    if mean > 30:
        return max(0, round(chance.gauss(mean, mean**0.5)))
    limit, product, number = exp(-mean), chance.random(), 0
    while product > limit:
        product *= chance.random()
        number += 1
    return number


def history(
    mean: Callable[[datetime], float],
    *,
    end: datetime = NOON,
    length: timedelta = PAST + WEEK,
    seed: int = 1,
    spread: float = 0.0,
) -> Past:
    """So many an hour, drawn; whole days are busier or calmer by `spread`."""
    chance = random.Random(seed)
    days: dict[date, float] = {}
    past: Past = {}
    hour = end - length
    while hour < end:
        day = days.setdefault(hour.date(), chance.lognormvariate(0, spread))
        past[hour] = Hour(drawn(chance, mean(hour) * day))
        hour += HOUR
    return past


def hushed(past: Past, since: datetime, end: datetime = NOON) -> Past:
    return {
        hour: one._replace(spoke=0) if since <= hour < end else one for hour, one in past.items()
    }


def steady(number: int) -> Past:
    return history(lambda _: 0.0) | {
        NOON - n * HOUR: Hour(number) for n in range(1, int((PAST + WEEK) / HOUR) + 1)
    }
