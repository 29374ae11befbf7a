"""Is this database a demonstration's, and was it empty before it became one?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Row, Select, event, func, inspect, select, type_coerce

from worker.lifecycle import MessageState, OccurrenceState
from worker.store.bulk import Insertion
from worker.store.house_key import MADE
from worker.store.partitions import all_parts
from worker.store.standing import SALT
from worker.store.tables import attempts, house, links, messages, metadata, occurrences

MARK = "demo"
"""The row of `house` that says so; nothing ever takes it away."""

FILLING, FILLED = "filling", "filled"
_INSERT = Insertion(house)
_MARKED = select(house.c.value).where(house.c.name == MARK)


class Fixed(NamedTuple):
    """What else is drawn by chance in a new database: by these, the same month is the same."""

    hashing_key: str
    salt: str


def is_demo(connection: Connection) -> bool:
    return connection.scalar(_MARKED) is not None


def demo_state(connection: Connection) -> str | None:
    """FILLED, FILLING where that was broken off or goes on; None for any other database."""
    found = connection.scalar(_MARKED)
    return None if found is None else str(found)


def is_empty(connection: Connection) -> bool:
    """Whether there is nothing but tables of ours, as far as there are any, and no row in them."""
    there = set(inspect(connection).get_table_names()) - {"alembic_version"}
    there -= all_parts(connection)
    if there - set(metadata.tables):
        return False
    ours = (metadata.tables[name] for name in sorted(there))
    return not any(connection.execute(select(1).select_from(one).limit(1)).all() for one in ours)


def mark(connection: Connection, fixed: Fixed | None) -> None:
    """Let it be a demonstration's for ever. `fixed` None: it is filled now."""
    if fixed is None:
        connection.execute(house.update().where(house.c.name == MARK).values(value=FILLED))
        return
    rows = {MARK: FILLING, MADE: fixed.hashing_key, SALT: fixed.salt}
    _INSERT.run(connection, [{"name": name, "value": value} for name, value in rows.items()])


def hurry(engine: Engine) -> None:
    """Let commits of this engine be safe from every crash but the machine's: what is broken off is
    thrown away."""
    sqlite = engine.dialect.name == "sqlite"
    words = "PRAGMA synchronous=OFF" if sqlite else "SET synchronous_commit TO off"

    def relax(connection: Any, _record: Any) -> None:
        connection.execute(words)
        if not sqlite:
            connection.commit()

    event.listen(engine, "connect", relax)
    engine.dispose()


def next_moment(connection: Connection) -> datetime | None:
    """When something is due, to be tried again, to be looked for, or given up."""
    found = [connection.scalar(one) for one in _NEXT]
    return min((one for one in found if one is not None), default=None)


def read_left(connection: Connection, ids: Iterable[str]) -> list[Row[Any]]:
    """Of these messages what their readers go by: whose, of which trigger, about what."""
    of = messages.c
    chosen = (of.id, of.trigger, of.key, of.customer_id, of.message, of.attempt, of.channel)
    query = select(*chosen, attempts.c.address_hash).join_from(
        messages,
        attempts,
        (attempts.c.message_id == of.id) & (attempts.c.number == of.attempt),
    )
    return list(connection.execute(query.where(of.id.in_(set(ids))).order_by(of.id)))


def read_links(connection: Connection, ids: Iterable[str]) -> dict[str, dict[str, str]]:
    """By message, the tokens of its short links by their names."""
    found: dict[str, dict[str, str]] = {}
    query = select(links.c.message_id, links.c.name, links.c.token)
    query = query.where(links.c.message_id.in_(set(ids)))
    for message, name, token in connection.execute(query.order_by(links.c.token)):
        found.setdefault(message, {})[name] = token
    return found


def _first(column: Any, state: Any, value: str) -> Select[Any]:
    return select(type_coerce(func.min(column), column.type)).where(state == value)


_NEXT = (
    _first(occurrences.c.due, occurrences.c.state, OccurrenceState.PENDING.value),
    _first(messages.c.due, messages.c.state, MessageState.PLANNED.value),
    _first(messages.c.look_at, messages.c.state, MessageState.UNKNOWN.value),
)
