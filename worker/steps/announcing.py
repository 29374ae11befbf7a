"""What do we tell our own triggers about what became of an occurrence or a message?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import orjson
from sqlalchemy import Connection

from triggers.clock import stamp
from triggers.configuration import Configuration
from triggers.events import MAX_HOPS, OWN_SOURCE
from triggers.matching import Matcher
from triggers.subscribing import by_event
from worker.lifecycle import CallbackState, EventState
from worker.store.bulk import Insertion
from worker.store.callbacks import add_callbacks
from worker.store.messages import read_causes
from worker.store.tables import event_ids, events

DOOR = "outreach"
"""The door of events that no door let in."""

_KEY = ("source", "id")
_IDS = Insertion(event_ids, returning=_KEY)
_EVENTS = Insertion(events)


class News(StrEnum):
    """The types of the events, as the catalog names them."""

    SENT = "outreach.sent"
    DELIVERED = "outreach.delivered"
    FAILED = "outreach.failed"
    SKIPPED = "outreach.skipped"
    HANDED_OVER = "outreach.handed_over"
    REPLIED = "outreach.replied"
    OPTED_OUT = "outreach.opted_out"
    CLICKED = "outreach.clicked"
    ANSWERED = "survey.answered"


@dataclass(frozen=True, slots=True)
class Announcement:
    """One event of ours. Its id is made of `message_id` and `news`: it is told once, for ever.

    `start` is (source, id) of the event that triggered; its data becomes `cause`, and is read
    from the store where it is not given. `hops` are that event's. `said` are fields of the data.
    `which` tells apart what may be said of one message more than once.
    """

    news: News
    message_id: str
    customer: str
    trigger: str
    key: str
    start: tuple[str, str]
    hops: int
    said: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    cause: Mapping[str, Any] | None = None
    which: str = ""

    @property
    def id(self) -> str:
        told = f"{self.message_id}:{self.news.removeprefix('outreach.')}"
        return f"{told}:{self.which}" if self.which else told


@dataclass(frozen=True, slots=True)
class Hearing:
    """Who hears it: the triggers that listen, and the bundle they come from."""

    matcher: Matcher
    bundle: str | None
    subscribed: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """By type of event, the names of other systems that are told."""


def hearing_of(configuration: Configuration | None) -> Hearing:
    """Those of the configuration in force; nobody, before there is one."""
    if configuration is None:
        return Hearing(Matcher(()), None)
    subscribed = by_event(configuration.policy.webhooks.values())
    return Hearing(configuration.matcher, configuration.hash, subscribed)


def announce(
    connection: Connection, news: Iterable[Announcement], hearing: Hearing, *, now: datetime
) -> bool:
    """Store our own events, each once; whether there is one that a trigger must read.

    A chain of our own events ends after MAX_HOPS of them.
    """
    told = [one for one in news if one.hops < MAX_HOPS]
    causes = read_causes(connection, [one.start for one in told if one.cause is None])
    rows = [_row(one, causes, hearing, now) for one in told]
    new = {row.id for row in _IDS.run(connection, [_id_row(row, now) for row in rows])}
    fresh = [row for row in rows if row["id"] in new]
    _EVENTS.run(connection, fresh)
    add_callbacks(connection, [one for row in fresh for one in _callbacks(row, hearing, now)])
    return any(row["state"] == EventState.NEW for row in fresh)


def _row(
    one: Announcement, causes: Mapping[tuple[str, str], Any], hearing: Hearing, now: datetime
) -> dict[str, Any]:
    cause = one.cause if one.cause is not None else causes.get(one.start, {})
    heard = hearing.matcher.listens(one.news)
    about = {"trigger": one.trigger, "key": one.key, "message_id": one.message_id}
    data = {**(about if one.message_id else {}), **one.said}
    return {
        "source": OWN_SOURCE,
        "id": one.id,
        "type": one.news,
        "subject": one.customer,
        "time": now,
        "received_at": now,
        "customer_id": one.customer,
        "data": {**data, "cause": cause},
        "hops": one.hops + 1,
        "history": False,
        "writes_customer": False,
        "door": DOOR,
        "bundle": hearing.bundle,
        "state": EventState.NEW if heard else EventState.READ,
        "tries": 0,
        "read_at": None if heard else now,
    }


def _callbacks(row: Mapping[str, Any], hearing: Hearing, now: datetime) -> Iterator[dict[str, Any]]:
    """One for each system that is told: in the transaction that announces it, so neither alone."""
    for name in hearing.subscribed.get(row["type"], ()):
        body = {key: row[key] for key in ("id", "source", "type", "subject", "data")}
        body |= {"specversion": "1.0", "time": stamp(now), "datacontenttype": "application/json"}
        yield {
            "id": _digest([name, row["source"], row["id"]]),
            "subscription": name,
            "type": row["type"],
            "body": body,
            "state": CallbackState.WAITING,
            "tries": 0,
            "due": now,
            "created_at": now,
            "updated_at": now,
        }


def _id_row(row: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "source": row["source"],
        "id": row["id"],
        "hash": _digest([row["type"], row["subject"], row["data"]]),
        "received_at": now,
    }


def _digest(content: Sequence[Any]) -> str:
    packed = orjson.dumps(content, default=dict, option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(packed, digest_size=16).hexdigest()
