"""Which categories are in quiet hours now, and until when, at the policy's own place?

Each customer has hours of his own; this is how it stands for one of whom nothing else is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from triggers.calendars.allowed import next_allowed, release
from triggers.calendars.windows import Whereabouts
from triggers.customers import Customer
from triggers.definitions import Policy, Quiet
from triggers.zones import zone_of

STEP, LOOKED_AHEAD = timedelta(minutes=15), timedelta(days=2)
"""A quiet shorter than a step may be passed over; one further ahead is not told."""
_KINDS = {"Sabbath": "sabbath", "holiday": "holiday", "night": "night"}


class Rest(NamedTuple):
    """Of categories with the same quiet hours. In them: `until` when, `resumes` when what was held
    back begins to leave, and `kind`, which is night, sabbath, holiday or weekday. Outside: `begins`
    when they begin next, None where that is not soon.
    """

    categories: tuple[str, ...]
    until: datetime | None = None
    resumes: datetime | None = None
    kind: str = ""
    begins: datetime | None = None


def rests(policy: Policy, now: datetime) -> list[Rest]:
    """In the policy's order; categories without quiet hours are left out."""
    where = zone_of(Customer("", {}), policy)
    return [_rest(quiet, names, now, where) for quiet, names in _together(policy)]


def unresting(policy: Policy) -> list[str]:
    """The categories that may leave at any hour."""
    return [one.name for one in policy.categories.values() if one.quiet is None or one.urgent]


def _together(policy: Policy) -> Iterator[tuple[Quiet, tuple[str, ...]]]:
    found: list[tuple[Quiet, list[str]]] = []
    for one in policy.categories.values():
        if one.quiet is None or one.urgent:
            continue
        same = next((names for quiet, names in found if quiet == one.quiet), None)
        if same is None:
            found.append((one.quiet, [one.name]))
        else:
            same.append(one.name)
    yield from ((quiet, tuple(names)) for quiet, names in found)


def _rest(quiet: Quiet, names: tuple[str, ...], now: datetime, where: Whereabouts) -> Rest:
    allowed = next_allowed(quiet, now, where=where)
    if allowed.reason is None:
        return Rest(names, begins=_begins(quiet, now, where))
    resumes = release(quiet, now, where=where) or allowed.moment
    return Rest(names, allowed.moment, max(resumes, allowed.moment), _kind(allowed.reason))


def _begins(quiet: Quiet, now: datetime, where: Whereabouts) -> datetime | None:
    """To the minute."""
    free, steps = now, int(LOOKED_AHEAD / STEP)
    for number in range(1, steps + 1):
        rests = now + number * STEP
        if next_allowed(quiet, rests, where=where).reason is not None:
            break
        free = rests
    else:
        return None
    while rests - free > timedelta(seconds=1):
        middle = free + (rests - free) / 2
        if next_allowed(quiet, middle, where=where).reason is None:
            free = middle
        else:
            rests = middle
    return (rests + timedelta(seconds=1)).replace(second=0, microsecond=0)


def _kind(reason: str) -> str:
    return next((kind for begins, kind in _KINDS.items() if reason.startswith(begins)), "weekday")
