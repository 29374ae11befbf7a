"""What came in since a moment, a page at a time, and who were the customers then?

Only keyset pages by primary keys, in transactions that lock nothing: the hot path does not notice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Executable, bindparam, func, select, text

from triggers.events import Event
from worker.store.addresses import Address
from worker.store.bulk import Reading
from worker.store.tables import customer_history, customers, events, suppressions
from worker.store.types import Moment

_COLUMNS = ("seq", "writes_customer", "source", "id", "type", "time", "customer_id", "data",
            "received_at", "subject", "history", "hops")  # fmt: skip
_PAGE = text(
    f"SELECT {', '.join(_COLUMNS)} FROM events"  # noqa: S608 - our own names
    " WHERE seq > :after AND received_at >= :since AND (state = 'read' OR state = 'new')"
    " ORDER BY seq LIMIT :most"
).bindparams(bindparam("since", type_=Moment))
_PAGES: Mapping[str, Executable] = {
    # its driver answers with moments in UTC and JSON that is read already
    "postgresql": _PAGE,
    "sqlite": _PAGE.columns(*(events.c[name] for name in _COLUMNS)),
}
_PROFILES = Reading(customers, by=("id",), columns=("id", "profile"))
_CHANGES = Reading(
    customer_history, by=("customer_id",), columns=("seq", "customer_id", "at", "changes")
)
_REFUSALS = Reading(
    suppressions,
    by=("address_hash", "channel"),
    columns=("address_hash", "channel", "category", "at", "lifted_at"),
)


class PastEvent(NamedTuple):
    """`speaks_of_customer`: whoever published it may write profiles."""

    seq: int
    event: Event
    speaks_of_customer: bool


class Refusal(NamedTuple):
    """A word against being written to, while it stood."""

    category: str
    at: datetime
    lifted_at: datetime | None


def seq_before(connection: Connection, since: datetime) -> int:
    """A number below those of all events received since then, found without reading the others."""
    low, high = 0, (connection.scalar(select(func.max(events.c.seq))) or 0) + 1
    while low + 1 < high:
        middle = (low + high) // 2
        newer = select(events.c.seq, events.c.received_at).where(events.c.seq >= middle)
        row = connection.execute(newer.order_by(events.c.seq).limit(1)).first()
        if row is None or row.received_at >= since:
            high = middle
        else:
            low = row.seq
    return low


def past_events(
    connection: Connection, *, after: int, since: datetime, most: int
) -> list[PastEvent]:
    """The next page, oldest number first."""
    given = {"after": after, "since": since, "most": most}
    rows = connection.execute(_PAGES[connection.dialect.name], given)
    return [PastEvent(seq, Event(*event), writes) for seq, writes, *event in rows]


def profiles_at(
    connection: Connection, ids: Iterable[str], moment: datetime
) -> dict[str, Mapping[str, Any]]:
    """As they are now, but for what has changed since the moment."""
    keys = sorted(set(ids))
    found = {row.id: dict(row.profile) for row in _PROFILES.run(connection, _keys("id", keys))}
    changes = _CHANGES.run(connection, _keys("customer_id", keys))
    for row in sorted(changes, key=lambda row: row.seq, reverse=True):
        if row.at >= moment and row.customer_id in found:
            _undo(found[row.customer_id], row.changes)
    return dict(found)


def _undo(profile: dict[str, Any], changes: Mapping[str, Mapping[str, Any]]) -> None:
    for name, change in changes.items():
        profile[name] = change["from"]
        if profile[name] is None:
            del profile[name]


def _keys(name: str, values: Sequence[str]) -> list[dict[str, str]]:
    return [{name: value} for value in values]


def refusals(connection: Connection, addresses: Iterable[Address]) -> list[tuple[Address, Refusal]]:
    """All that was ever refused at these addresses."""
    keys = [{"address_hash": one.hash, "channel": one.channel} for one in addresses]
    return [
        (Address(row.address_hash, row.channel), Refusal(row.category, row.at, row.lifted_at))
        for row in _REFUSALS.run(connection, keys)
    ]
