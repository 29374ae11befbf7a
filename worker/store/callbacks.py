"""Which systems are still to be told of which events, and when is it tried again?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, or_, select, text

from worker.lifecycle import CallbackState
from worker.store.bulk import Insertion, Values
from worker.store.direct import ask
from worker.store.tables import callbacks
from worker.store.types import Moment

_ADD = Insertion(callbacks)
_IS_WAITING = callbacks.c.state == CallbackState.WAITING.value
# one step of the index for each subscription, however many events wait for it
_WAITING = text(
    "WITH RECURSIVE named(name) AS ("
    "SELECT min(subscription) FROM callbacks WHERE state = 'waiting' UNION ALL"
    " SELECT (SELECT min(subscription) FROM callbacks"
    " WHERE state = 'waiting' AND subscription > named.name)"
    " FROM named WHERE named.name IS NOT NULL)"
    " SELECT name FROM named WHERE name IS NOT NULL"
)
_OLDEST = (
    text(
        "SELECT id, due, lease_until FROM callbacks"
        " WHERE state = 'waiting' AND subscription = :name AND due <= :now"
        " ORDER BY due LIMIT :each"
    )
    .bindparams(bindparam("now", type_=Moment))
    .columns(callbacks.c.id, callbacks.c.due, callbacks.c.lease_until)
)


def add_callbacks(connection: Connection, rows: Iterable[Values]) -> None:
    """One for an event and a subscription, whoever asks again."""
    _ADD.run(connection, rows)


def lease_callbacks(
    connection: Connection, *, now: datetime, until: datetime, most: int, each: int
) -> Sequence[Row[Any]]:
    """Those that are due and nobody else is telling, ours until then; each counts a try.

    Of a subscription only the oldest `each` are under way at once, whoever tells them: who answers
    slowly holds up himself alone.
    """
    names = [row.name for row in ask(connection, _WAITING, {})]
    if not names:
        return ()
    oldest = [connection.execute(_OLDEST, _given(name, now, each)).all() for name in names]
    free = sorted(
        (rank, row.due, row.id)
        for rows in oldest
        for rank, row in enumerate(rows)
        if row.lease_until is None or row.lease_until <= now
    )
    # locked before it is written: of two who chose the same, neither waits for the other
    still = (
        select(callbacks.c.id)
        .where(callbacks.c.id.in_([id_ for *_, id_ in free[:most]]), _IS_WAITING)
        .where(or_(callbacks.c.lease_until.is_(None), callbacks.c.lease_until <= now))
        .with_for_update(skip_locked=True)
    )
    leased = callbacks.update().where(callbacks.c.id.in_(still)).returning(*callbacks.columns)
    terms = {"lease_until": until, "tries": callbacks.c.tries + 1, "updated_at": now}
    return connection.execute(leased.values(**terms)).all() if free else ()


def settle_callback(connection: Connection, seen: Row[Any], changed: Values) -> bool:
    """Whether it was still ours: a try that came back too late says nothing any more."""
    mine = callbacks.update().where(
        callbacks.c.id == seen.id,
        callbacks.c.tries == seen.tries,
        _IS_WAITING,
    )
    return connection.execute(mine.values(lease_until=None, **changed)).rowcount == 1


def _given(name: str, now: datetime, each: int) -> dict[str, Any]:
    return {"name": name, "now": now, "each": each}
