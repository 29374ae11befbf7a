"""What is known of a key: which facts are kept of it, and what of it is spent?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Integer, text
from sqlalchemy.sql.selectable import TextualSelect

from triggers.events import Event, Order
from triggers.facts import FactKey, Spent
from worker.store.bulk import Insertion, Reading, as_json, recordset
from worker.store.tables import facts, spent, trigger_births

_INSERT = Insertion(facts)
_KEY = ("customer_id", "path", "key", "type")
_FACT = ("time", "source", "id", "received_at", "subject", "data", "hops", "history")
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
    """What is kept of each of these, of those of which anything is."""
    wanted = list(dict.fromkeys(keys))
    if not wanted:
        return {}
    # a number stands for the key, which would else come back with each of its facts
    numbered = [{**_key_row(key), "number": number} for number, key in enumerate(wanted)]
    given = {"rows": as_json(numbered)}
    found: dict[FactKey, list[Event]] = defaultdict(list)
    for number, *fact in connection.execute(_READ[connection.dialect.name], given).all():
        key = wanted[number]
        found[key].append(_event(key, *fact))
    return found


def _event(key: FactKey, *fact: Any) -> Event:
    time, source, id_, received, subject, data, hops, history = fact
    return Event(source, id_, key.type, time, key.customer, data, received, subject, history, hops)


def _reading(dialect: str) -> TextualSelect:
    given = recordset(dialect, [*(facts.c[name] for name in _KEY), Column("number", Integer)])
    columns = ", ".join(f'facts."{name}"' for name in _FACT)
    same = " AND ".join(f'facts."{name}" = given."{name}"' for name in _KEY)
    made = text(f"SELECT given.number, {columns} FROM {given}, facts WHERE {same}")  # noqa: S608
    return made.columns(Column("number", Integer), *(facts.c[name] for name in _FACT))


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


_READ = {dialect: _reading(dialect) for dialect in ("postgresql", "sqlite")}


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
