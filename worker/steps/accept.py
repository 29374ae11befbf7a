"""Which of these events are new, and how do they become ours for good?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import structlog
from sqlalchemy import Connection

from triggers.events import Event
from worker.lifecycle import EventState
from worker.store.bulk import Deletion, Insertion, Reading
from worker.store.clock import read_now
from worker.store.sayings import say
from worker.store.tables import event_ids, events
from worker.store.tallies import Tally, count

log = structlog.get_logger(__name__)


class EventKey(NamedTuple):
    """What one event is known by, for ever."""

    source: str
    id: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """An admitted event; `digest` says its content, `door` where it came in."""

    event: Event
    digest: str
    writes_customer: bool
    door: str

    @property
    def key(self) -> EventKey:
        return EventKey(self.event.source, self.event.id)


@dataclass(frozen=True, slots=True)
class Stored:
    """All of a group is ours; so many were new, and so many we had."""

    accepted: int
    duplicates: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """Nothing of a group is stored: the event at `index` is known with other content."""

    index: int


Outcome = Stored | Conflict
Group = Sequence[Incoming]
Digests = Mapping[EventKey, str]

_KEY = ("source", "id")
_READ_IDS = Reading(event_ids, by=_KEY, columns=("source", "id", "hash"))
_INSERT_IDS = Insertion(
    event_ids, returning=(*_KEY, "received_at"), same=("received_at",), begun=("received_at",)
)
_DELETE_IDS = Deletion(event_ids, by=_KEY)
_SAME = ("received_at", "bundle", "state", "tries")
_PLAIN = ("hops", "history", "writes_customer", "door")
"""Most often alike in all events of a commit."""
_INSERT_EVENTS = Insertion(events, same=(*_SAME, *_PLAIN))


def accept(
    connection: Connection, groups: Sequence[Group], *, now: datetime | None, bundle: str | None
) -> list[Outcome]:
    """Store each group whole or not at all; in a few statements for all of them together.

    `now` None: when the database has begun this transaction.
    """
    if now is None and connection.dialect.name == "sqlite":
        now = read_now(connection)
    known: dict[EventKey, str] = {}
    mine: dict[EventKey, str] = {}
    while True:
        outcomes, new = _decide(groups, known)
        _give_back(connection, mine, new)
        now = _claim(connection, mine, new, now)
        # most often nobody had any of them; else what is known is read, and decided again
        overtaken = new.keys() - mine.keys()
        if not overtaken:
            break
        known |= _digests(connection, overtaken)
    _keep(connection, new.values(), now, bundle)
    for door, number in sorted(Counter(one.door for one in new.values()).items()):
        count(connection, Tally.ACCEPTED, number, door=door)
        say(connection, log, "events_accepted", door=door, events=number)
    return outcomes


def _decide(
    groups: Sequence[Group], known: Digests
) -> tuple[list[Outcome], dict[EventKey, Incoming]]:
    """What becomes of each group, and which events are new, in the order they came."""
    new: dict[EventKey, Incoming] = {}
    outcomes: list[Outcome] = []
    for group in groups:
        fresh: dict[EventKey, Incoming] = {}
        conflict = _take(group, known, new, fresh)
        if conflict is None:
            new |= fresh
            outcomes.append(Stored(len(fresh), len(group) - len(fresh)))
        else:
            outcomes.append(conflict)
    return outcomes, new


def _take(
    group: Group,
    known: Digests,
    new: Mapping[EventKey, Incoming],
    fresh: dict[EventKey, Incoming],
) -> Conflict | None:
    """Fill `fresh` with the group's new events, or answer what stands against all of it."""
    for index, one in enumerate(group):
        key = one.key
        earlier = new.get(key) or fresh.get(key)
        digest = earlier.digest if earlier else known.get(key)
        if digest is None:
            fresh[key] = one
        elif digest != one.digest:
            return Conflict(index)
    return None


def _digests(connection: Connection, keys: Iterable[EventKey]) -> dict[EventKey, str]:
    rows = _READ_IDS.run(connection, map(_as_row, keys))
    return {EventKey(row.source, row.id): row.hash for row in rows}


def _give_back(
    connection: Connection, mine: dict[EventKey, str], new: Mapping[EventKey, Incoming]
) -> None:
    """Ids that were written for a group of which nothing is stored after all."""
    gone = [key for key, digest in mine.items() if key not in new or new[key].digest != digest]
    _DELETE_IDS.run(connection, map(_as_row, sorted(gone)))
    for key in gone:
        del mine[key]


def _claim(
    connection: Connection,
    mine: dict[EventKey, str],
    new: Mapping[EventKey, Incoming],
    now: datetime | None,
) -> datetime | None:
    """Write the ids of the new ones; those that nobody had written before are `mine`. Answers when
    they came in, so that events say the same."""
    rows = [
        {"source": key.source, "id": key.id, "hash": one.digest}
        for key, one in new.items()
        if key not in mine
    ]
    for row in _INSERT_IDS.run(connection, rows, {"received_at": now}):
        key = EventKey(row.source, row.id)
        mine[key] = new[key].digest
        now = row.received_at
    return now


def _as_row(key: EventKey) -> dict[str, str]:
    return key._asdict()


def _keep(
    connection: Connection, new: Collection[Incoming], now: datetime | None, bundle: str | None
) -> None:
    same: dict[str, Any] = {
        "received_at": now,
        "bundle": bundle,
        "state": EventState.NEW,
        "tries": 0,
    }
    ways = {_way(one) for one in new}
    if len(ways) == 1:
        same |= zip(_PLAIN, *ways, strict=True)
        rows = [_event_row(one) for one in new]
    else:
        rows = [_event_row(one) | dict(zip(_PLAIN, _way(one), strict=True)) for one in new]
    _INSERT_EVENTS.run(connection, rows, same)


def _way(one: Incoming) -> tuple[int, bool, bool, str]:
    return one.event.hops, one.event.history, one.writes_customer, one.door


def _event_row(incoming: Incoming) -> dict[str, Any]:
    event = incoming.event
    return {
        "source": event.source,
        "id": event.id,
        "type": event.type,
        "subject": event.subject,
        "time": event.time,
        "customer_id": event.customer,
        "data": event.data,
    }
