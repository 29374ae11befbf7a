"""When is the next claim rung for? At once, or at the first second in which something is due.

So nobody has to look each second whether a moment has come: whoever has made something due, or
looked for it in vain, sets an alarm clock of its own process. One that is lost with its process is
made up for by the next sweep.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from worker.bells import Bell
from worker.store.by_index import plan_by_index
from worker.store.engine import reading
from worker.store.waiting import Soonest, ask_soonest
from worker.wiring import Parts

SOON = 1.0
"""Seconds after a claim that found work; whoever made what comes next has not told."""


def ring_for_due(parts: Parts, seen: Soonest | None = None) -> None:
    """After something was planned: now if it is due, or when it will be."""
    now, due = seen or reading(parts.engine, _look)
    if due is not None and due <= now:
        parts.ring(Bell.CLAIM)
    elif due is not None:
        parts.ringer.ring_in(Bell.CLAIM, until_second(due, now))


def look_ahead(parts: Parts) -> None:
    """After a claim that found nothing, be it that what is due waits for something to be read."""
    now, due = reading(parts.engine, _look)
    if due is not None:
        parts.ringer.ring_in(Bell.CLAIM, until_second(due, now))


def until_second(due: datetime, now: datetime) -> float:
    """Seconds until the first whole one after `now` that is not before `due`."""
    second = max(due, now + timedelta.resolution)
    whole = second.replace(microsecond=0)
    return ((whole if whole == second else whole + timedelta(seconds=1)) - now).total_seconds()


def _look(connection: Connection) -> Soonest:
    return ask_soonest(connection, plan_by_index(connection))()
