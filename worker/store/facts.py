"""What is known of a key: which facts are kept of it, and what of it is spent?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, Integer, text
from sqlalchemy.sql.selectable import TextualSelect

from triggers.clock import stamp
from triggers.events import Event, Order
from triggers.facts import FactKey, Spent
from worker.store.bulk import Insertion, Reading, as_json, recordset
from worker.store.direct import later
from worker.store.tables import customers, facts, spent, trigger_births

_INSERT = Insertion(facts)
_KEY = ("customer_id", "path", "key", "type")
_ORDER = Order._fields
_FACT = ("time", "source", "id", "received_at", "subject", "data", "hops", "history")
_READ_SPENT = Reading(
    spent,
    by=("key_hash",),
    columns=("key_hash", "epoch_hash", "epoch", "start_time", "start_source", "start_id"),
)
_READ_BIRTHS = Reading(trigger_births, by=("trigger",))


BEGINNING = Order(datetime(1900, 1, 1, tzinfo=UTC), "", "")
"""Before every event."""
_FIRST = {**BEGINNING._asdict(), "time": stamp(BEGINNING.time)}
"""As a row says it: most keys are told of from there, and to write a moment costs."""
ALL: Mapping[FactKey, Order] = MappingProxyType({})


class Background(NamedTuple):
    """Since when each trigger is asked: it sees no event received before. And the ids that each
    customer had before, of those that had any."""

    births: Mapping[str, datetime]
    former: Mapping[str, tuple[str, ...]]


def keep_facts(connection: Connection, kept: Iterable[tuple[FactKey, Event]]) -> None:
    """Keep each event where it is listened to; what is kept already stays as it is."""
    _INSERT.run(connection, [_row(key, event) for key, event in kept])


def read_facts(
    connection: Connection, keys: Iterable[FactKey], after: Mapping[FactKey, Order] = ALL
) -> Mapping[FactKey, list[Event]]:
    """What is kept of each of these, of those of which anything is; of some only what is later."""
    return ask_facts(connection, keys, after)()


def ask_facts(
    connection: Connection, keys: Iterable[FactKey], after: Mapping[FactKey, Order] = ALL
) -> Callable[[], Mapping[FactKey, list[Event]]]:
    """The same, asked with what is asked next."""
    wanted = list(dict.fromkeys(keys))
    if not wanted:
        return dict
    # a number stands for the key, which would else come back with each of its facts
    rows = [
        {**_key_row(key), "number": number, **(after[key]._asdict() if key in after else _FIRST)}
        for number, key in enumerate(wanted)
    ]
    asked = later(connection, _READ[connection.dialect.name], {"rows": as_json(rows)})

    def found() -> Mapping[FactKey, list[Event]]:
        facts: dict[FactKey, list[Event]] = defaultdict(list)
        for number, *fact in asked.rows():
            key = wanted[number]
            facts[key].append(_event(key, *fact))
        return facts

    return found


def _event(key: FactKey, *fact: Any) -> Event:
    time, source, id_, received, subject, data, hops, history = fact
    return Event(source, id_, key.type, time, key.customer, data, received, subject, history, hops)


def _reading(dialect: str) -> TextualSelect:
    keys = [facts.c[name] for name in (*_KEY, *_ORDER)]
    given = recordset(dialect, [*keys, Column("number", Integer)])
    columns = ", ".join(f'facts."{name}"' for name in _FACT)
    same = " AND ".join(f'facts."{name}" = given."{name}"' for name in _KEY)
    # texts as Python sorts them, whatever the database's own way is; their index is by its own
    plain = ' COLLATE "C"' if dialect == "postgresql" else ""
    mine, last = (f'({of}."time", {of}.source{plain}, {of}.id{plain})' for of in ("facts", "given"))
    since = f'facts."time" >= given."time" AND {mine} > {last}'
    found = f"SELECT {columns} FROM facts WHERE {same} AND {since}"  # noqa: S608
    if dialect == "postgresql":
        # key by key along their index: joined freely, all facts there are were read for a batch,
        # for as long as they were held to be few
        from_ = f"{given} CROSS JOIN LATERAL ({found} OFFSET 0) AS facts"
        made = text(f"SELECT given.number, {columns} FROM {from_}")  # noqa: S608
    else:
        made = text(f"SELECT given.number, {columns} FROM {given}, facts WHERE {same} AND {since}")  # noqa: S608
    return made.columns(Column("number", Integer), *(facts.c[name] for name in _FACT))


def ask_spent(
    connection: Connection, key_hashes: Iterable[str]
) -> Callable[[], dict[str, dict[str, Spent]]]:
    """Of each key's hash: hash of the epoch -> what is spent; asked with what is asked next."""
    asked = _READ_SPENT.later(connection, [{"key_hash": one} for one in set(key_hashes)])

    def found() -> dict[str, dict[str, Spent]]:
        spent: dict[str, dict[str, Spent]] = {}
        for row in asked.rows():
            start = Order(row.start_time, row.start_source or "", row.start_id or "")
            spent.setdefault(row.key_hash, {})[row.epoch_hash] = Spent(row.epoch, start)
        return spent

    return found


def ask_background(
    connection: Connection, triggers: Iterable[str], ids: Iterable[str]
) -> Callable[[], Background]:
    """Of these triggers and these customers; asked with what is asked next."""
    named = [{"trigger": one} for one in set(triggers)]
    if not named:
        return lambda: Background({}, {})
    given = {"rows": as_json(named), "ids": as_json({"merged_into": one} for one in set(ids))}
    asked = later(connection, _BACKGROUND[connection.dialect.name], given)
    return lambda: _background(asked.rows())


def _background(rows: Iterable[Any]) -> Background:
    births: dict[str, datetime] = {}
    former: dict[str, list[str]] = defaultdict(list)
    for name, into, born in rows:
        if into is None:
            births[name] = born
        else:
            former[into].append(name)
    return Background(births, {id_: tuple(sorted(those)) for id_, those in former.items()})


def _behind(dialect: str) -> TextualSelect:
    named = recordset(dialect, [trigger_births.c.trigger])
    held = recordset(dialect, [customers.c.merged_into], "ids")
    moment = "timestamptz" if dialect == "postgresql" else "text"
    made = text(
        f'SELECT trigger_births."trigger" AS name, CAST(NULL AS text) AS into_, born_at'  # noqa: S608
        f' FROM {named}, trigger_births WHERE trigger_births."trigger" = given."trigger"'
        f" UNION ALL SELECT customers.id, customers.merged_into, CAST(NULL AS {moment})"
        f" FROM {held}, customers WHERE customers.merged_into = given.merged_into"
        " AND customers.merged_into IS NOT NULL"
    )
    return made.columns(customers.c.id, customers.c.merged_into, trigger_births.c.born_at)


_BACKGROUND = {dialect: _behind(dialect) for dialect in ("postgresql", "sqlite")}


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
