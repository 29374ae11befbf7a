"""What waits, until when, and why does it wait? For people who look on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, text

from worker.store.tables import handoffs, occurrences
from worker.store.types import Moment

# States are written out, not bound: a partial index serves only a condition it can be held against.
_TRIGGERS = text(
    'SELECT "trigger", COUNT(*) AS number, MIN(due) AS next FROM occurrences'
    " WHERE state = 'pending' GROUP BY \"trigger\""
    ' ORDER BY number DESC, "trigger" LIMIT :most'
).columns(occurrences.c.trigger, next=Moment)
_REASONS = text(
    "SELECT reason, COUNT(*) AS number FROM occurrences WHERE state = 'pending'"
    " AND reason IS NOT NULL GROUP BY reason ORDER BY number DESC, reason"
)
_CALLS = (
    text(
        "SELECT queue, SUM(CASE WHEN state = 'open' THEN 1 ELSE 0 END) AS opened,"
        " SUM(CASE WHEN state = 'taken' THEN 1 ELSE 0 END) AS taken,"
        " SUM(CASE WHEN state = 'open' AND due < :now THEN 1 ELSE 0 END) AS late,"
        " MIN(CASE WHEN state = 'open' THEN due END) AS next"
        " FROM handoffs WHERE state IN ('open', 'taken') GROUP BY queue ORDER BY queue"
    )
    .bindparams(bindparam("now", type_=Moment))
    .columns(handoffs.c.queue, next=Moment)
)


class Until(NamedTuple):
    """So many wait for a moment before `ends`, and none of them is counted earlier."""

    name: str
    number: int


def read_untils(connection: Connection, ends: Mapping[str, datetime]) -> Sequence[Until]:
    """How many wait until each of these moments, in their order; the last is all that is later."""
    names = list(ends)
    cases = " ".join(f"WHEN due < :e{n} THEN {n}" for n in range(len(names)))
    query = text(
        f"SELECT CASE {cases} ELSE {len(names)} END AS slot, COUNT(*) AS number"  # noqa: S608
        " FROM occurrences WHERE state = 'pending' GROUP BY 1"
    ).bindparams(*(bindparam(f"e{n}", ends[name], type_=Moment) for n, name in enumerate(names)))
    found = {int(row.slot): int(row.number) for row in connection.execute(query)}
    return [Until(name, found.get(n, 0)) for n, name in enumerate([*names, "later"])]


def read_waiting_triggers(connection: Connection, *, most: int) -> Sequence[Any]:
    """trigger, number, next: those with most that waits."""
    found: Sequence[Any] = connection.execute(_TRIGGERS, {"most": most}).all()
    return found


def read_waiting_reasons(connection: Connection) -> Sequence[Any]:
    """reason, number: what has put off what waits."""
    found: Sequence[Any] = connection.execute(_REASONS).all()
    return found


def read_calls(connection: Connection, *, now: datetime) -> Sequence[Any]:
    """queue, opened, taken, late, next: calls that nobody has ended."""
    found: Sequence[Any] = connection.execute(_CALLS, {"now": now}).all()
    return found
