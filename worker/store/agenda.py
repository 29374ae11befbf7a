"""What waits, until when, and why does it wait? For people who look on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, text

from worker.store.tables import handoffs, occurrences
from worker.store.types import Moment

# States are written out, not bound: a partial index serves only a condition it can be held against.
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


_SOON = (
    text(
        'SELECT "trigger", SUM(CASE WHEN due < :hour THEN 1 ELSE 0 END) AS in_hour,'
        " COUNT(*) AS in_day, SUM(CASE WHEN expires < :day THEN 1 ELSE 0 END) AS lapse"
        " FROM occurrences WHERE state = 'pending' AND due < :day GROUP BY \"trigger\""
    )
    .bindparams(bindparam("hour", type_=Moment), bindparam("day", type_=Moment))
    .columns(occurrences.c.trigger)
)
# each priority is said, so that the index of what is due is walked no further than to the moment
_CROWD = (
    text(
        "SELECT \"trigger\", priority, COUNT(*) AS number FROM occurrences WHERE state = 'pending'"
        " AND priority IN (0, 1, 2) AND due <= :until"
        " AND (due <= :now OR reason = 'pace' OR reason = 'rate')"
        ' GROUP BY "trigger", priority'
    )
    .bindparams(bindparam("now", type_=Moment), bindparam("until", type_=Moment))
    .columns(occurrences.c.trigger)
)


class Soon(NamedTuple):
    """What is due within the hour, within a day, and of that what is past its use by then."""

    in_hour: int
    in_day: int
    lapse: int


class Until(NamedTuple):
    """So many wait for a moment before its end, and none of them is counted earlier."""

    name: str
    number: int


class Of(NamedTuple):
    """So many of a trigger, or put off for a reason, wait; the first of them until `next`."""

    name: str
    number: int
    next: datetime


class Agenda(NamedTuple):
    """Everything that waits: until when, of which triggers and for which reasons, most first."""

    untils: Sequence[Until]
    triggers: Sequence[Of]
    reasons: Sequence[Of]


def read_agenda(connection: Connection, ends: Mapping[str, datetime]) -> Agenda:
    """`ends`: the names of spans and where each ends, in their order; then comes `later`.

    One pass over what waits; it answers a row for each trigger, reason and span.
    """
    names = list(ends)
    cases = " ".join(f"WHEN due < :e{n} THEN {n}" for n in range(len(names)))
    query = text(
        f'SELECT "trigger", reason, CASE {cases} ELSE {len(names)} END AS slot,'  # noqa: S608
        " COUNT(*) AS number, MIN(due) AS next FROM occurrences WHERE state = 'pending'"
        ' GROUP BY "trigger", reason, slot'
    ).bindparams(*(bindparam(f"e{n}", ends[name], type_=Moment) for n, name in enumerate(names)))
    rows = connection.execute(query.columns(occurrences.c.trigger, next=Moment)).all()
    slots: Counter[int] = Counter()
    for row in rows:
        slots[int(row.slot)] += int(row.number)
    untils = [Until(name, slots[n]) for n, name in enumerate([*names, "later"])]
    return Agenda(untils, _most(rows, "trigger"), _most(rows, "reason"))


def _most(rows: Sequence[Any], column: str) -> Sequence[Of]:
    numbers: Counter[str] = Counter()
    nexts: dict[str, datetime] = {}
    for row in rows:
        name = getattr(row, column)
        if name is not None:
            numbers[name] += int(row.number)
            nexts[name] = min(nexts.get(name, row.next), row.next)
    ordered = sorted(numbers.items(), key=lambda one: (-one[1], one[0]))
    return [Of(name, number, nexts[name]) for name, number in ordered]


def read_calls(connection: Connection, *, now: datetime) -> Sequence[Any]:
    """queue, opened, taken, late, next: calls that nobody has ended."""
    found: Sequence[Any] = connection.execute(_CALLS, {"now": now}).all()
    return found


def read_soon(connection: Connection, *, now: datetime) -> dict[str, Soon]:
    """By trigger, of those for which something is due within a day."""
    given = {"hour": now + timedelta(hours=1), "day": now + timedelta(days=1)}
    rows = connection.execute(_SOON, given)
    return {row.trigger: Soon(int(row.in_hour), int(row.in_day), int(row.lapse)) for row in rows}


def count_crowd(
    connection: Connection, *, now: datetime, until: datetime
) -> dict[tuple[str, int], int]:
    """By trigger and priority: due, or put off by a pace or a rate and asked again until then."""
    rows = connection.execute(_CROWD, {"now": now, "until": until})
    return {(row.trigger, int(row.priority)): int(row.number) for row in rows}
