"""Who may not be written to for now, and who is asked again once he may?"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from triggers.definitions import Priority
from triggers.objections import PAUSE_ASKED_AGAIN
from worker.store import customers
from worker.store.actions import note_action
from worker.store.alerts import Alarm, close_again
from worker.store.clock import read_now
from worker.store.engine import in_transaction, reading
from worker.store.pauses import WALKS, Sleeper, add_pauses, remove_pauses, sleepers, wake

Walk = tuple[str, Priority]


@dataclass(frozen=True, slots=True)
class Resumed:
    """The scopes that were paused until now, and how many they had put off that ask at once."""

    scopes: tuple[str, ...]
    woken: int


def pause(
    engine: Engine,
    scopes: Collection[str],
    *,
    by: str,
    why: str | None = None,
    now: datetime | None = None,
) -> tuple[str, ...]:
    """From this commit on no claim passes them; the scopes that were not paused before.

    Scopes are spelled as `triggers.pausing.scopes_of` does.
    """

    def work(connection: Connection) -> tuple[str, ...]:
        at = now or read_now(connection)
        rows = [{"scope": one, "by": by, "why": why, "at": at} for one in set(scopes)]
        added = add_pauses(connection, rows)
        if added:
            note_action(connection, "pause", {"scopes": added}, by=by, now=at, result={"why": why})
        return tuple(added)

    return in_transaction(engine, work)


def resume(
    engine: Engine,
    scopes: Collection[str],
    *,
    by: str,
    now: datetime | None = None,
    limit: int = 500,
) -> Resumed:
    """End these pauses, and let what they had put off ask again at once."""

    def work(connection: Connection) -> tuple[tuple[str, ...], datetime]:
        at = now or read_now(connection)
        gone = remove_pauses(connection, scopes)
        if gone:
            note_action(connection, "resume", {"scopes": gone}, by=by, now=at)
            triggers = [one.partition(":")[2] for one in gone if one.startswith("trigger:")]
            close_again(connection, Alarm.FUSE_BLOWN, triggers, now=at)
        return tuple(gone), at

    gone, at = in_transaction(engine, work)
    if not gone:
        return Resumed((), 0)
    return Resumed(gone, sum(_wake(engine, walk, set(gone), now=at, limit=limit) for walk in WALKS))


def _wake(engine: Engine, walk: Walk, scopes: set[str], *, now: datetime, limit: int) -> int:
    """A page at a time; what a claim puts off meanwhile, or somebody holds, asks within a minute.

    Nothing that a pause has put off is due later than that.
    """
    woken, after = 0, (now, "")
    while page := reading(engine, _page(walk, after, now, limit)):
        wanted = [one for one in page if one.scope is None or one.scope in scopes]
        woken += in_transaction(engine, _waking(walk[0], wanted, now))
        after = (page[-1].due, page[-1].id)
    return woken


def _page(
    walk: Walk, after: tuple[datetime, str], now: datetime, limit: int
) -> Callable[[Connection], list[Sleeper]]:
    until = now + PAUSE_ASKED_AGAIN
    return lambda connection: sleepers(connection, walk, after=after, until=until, most=limit)


def _waking(table: str, wanted: Collection[Sleeper], now: datetime) -> Callable[[Connection], int]:
    def work(connection: Connection) -> int:
        ids = sorted({one.customer for one in wanted})
        held = customers.hold(connection, ids, most=len(ids))
        mine = [one.id for one in wanted if one.customer in held]
        wake(connection, table, mine, now=now)
        return len(mine)

    return work
