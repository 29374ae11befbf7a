"""What is known of a key: which facts are kept of it, and what of it is spent?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from triggers.events import Event, Order
from triggers.facts import FactKey, Spent
from worker.store.bulk import Insertion, Reading
from worker.store.inbox import event_of
from worker.store.tables import facts, spent, trigger_births

_INSERT = Insertion(facts)
_READ = Reading(facts, by=("customer_id", "path", "key", "type"))
_READ_SPENT = Reading(
    spent,
    by=("key_hash",),
    columns=("key_hash", "epoch_hash", "epoch", "start_time", "start_source", "start_id"),
)
_READ_BIRTHS = Reading(trigger_births, by=("trigger",))


def keep_facts(connection: Connection, kept: Iterable[tuple[FactKey, Event]]) -> None:
    """Keep each event where it is listened to; what is kept already stays as it is."""
    _INSERT.run(connection, [_row(key, event) for key, event in kept])


def read_facts(connection: Connection, keys: Iterable[FactKey]) -> Mapping[FactKey, list[Event]]:
    found: dict[FactKey, list[Event]] = defaultdict(list)
    for row in _READ.run(connection, [_key_row(key) for key in set(keys)]):
        found[FactKey(row.customer_id, row.type, row.path, row.key)].append(event_of(row))
    return found


def read_spent(
    connection: Connection, key_hashes: Iterable[str]
) -> Mapping[str, Mapping[str, Spent]]:
    """Of each key's hash: hash of the epoch -> what is spent."""
    found: dict[str, dict[str, Spent]] = defaultdict(dict)
    for row in _READ_SPENT.run(connection, [{"key_hash": one} for one in set(key_hashes)]):
        start = Order(row.start_time, row.start_source or "", row.start_id or "")
        found[row.key_hash][row.epoch_hash] = Spent(row.epoch, start)
    return found


def read_births(connection: Connection, names: Iterable[str]) -> Mapping[str, datetime]:
    """Since when each trigger is asked: it sees no event received before."""
    rows = _READ_BIRTHS.run(connection, [{"trigger": one} for one in set(names)])
    return {row.trigger: row.born_at for row in rows}


def _key_row(key: FactKey) -> dict[str, str]:
    return {"customer_id": key.customer, "path": key.path, "key": key.value, "type": key.type}


def _row(key: FactKey, event: Event) -> dict[str, Any]:
    return {
        **_key_row(key),
        "time": event.time,
        "source": event.source,
        "id": event.id,
        "received_at": event.received,
        "subject": event.subject,
        "data": event.data,
        "hops": event.hops,
        "history": event.history,
    }
