"""How often has each trigger spoken, hour by hour, and to how many?

To speak is what ends an occurrence at the gates with something to say, whether it left or was held
back by holdout, ramp or shadow: so none of those looks like silence.
"""
# ruff: noqa: S608 - table and column names are written here, values only as parameters

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, Integer, Text, bindparam, func, select, text
from sqlalchemy.sql.selectable import TextualSelect

from triggers.usual import Hour
from worker.store.bulk import Insertion, as_json, recordset
from worker.store.tables import trigger_births, trigger_hours
from worker.store.types import Moment

SPOKEN = "'claimed', 'handed_over', 'held_out', 'shadowed', 'parked'"
_SPAN = (Column("trigger", Text), Column("since", Moment), Column("until", Moment))
_WATCHED = Insertion(trigger_hours)
# Seen once in which it could not speak: then it could not, all of that hour.
_DEAF = Insertion(
    trigger_hours, conflict='("trigger", hour) DO UPDATE SET watched = excluded.watched'
)
_COUNTED = Insertion(
    trigger_hours,
    conflict='("trigger", hour) DO UPDATE SET spoke = excluded.spoke,'
    " repeats = excluded.repeats, day = excluded.day",
)


class Span(NamedTuple):
    trigger: str
    since: datetime
    until: datetime


class Spoken(NamedTuple):
    """Messages and calls of a span, and to how many customers they were."""

    number: int
    people: int


def read_spoken(connection: Connection, spans: Iterable[Span]) -> dict[Span, Spoken]:
    """Of each span; a message that was claimed more than once is one."""
    asked = list(spans)
    if not asked:
        return {}
    given = {
        "rows": as_json([one._asdict() for one in asked]),
        "first": min(one.since for one in asked),
        "last": max(one.until for one in asked),
    }
    rows = connection.execute(_spoken(connection.dialect.name), given)
    return {Span(name, since, until): Spoken(*found) for name, since, until, *found in rows}


def note_watched(
    connection: Connection,
    hour: datetime,
    triggers: Iterable[str],
    *,
    deaf: Iterable[str],
    late: bool,
) -> None:
    """That somebody listens in this hour; who was `late` for it cannot tell of all of it. The
    `deaf` cannot speak."""
    _WATCHED.run(connection, [_row(name, hour, watched=not late) for name in triggers])
    _DEAF.run(connection, [_row(name, hour, watched=False) for name in deaf])


def note_spoken(connection: Connection, counted: Iterable[dict[str, Any]]) -> None:
    """trigger, hour, and what was heard in it."""
    rows = [
        _row(one["trigger"], one["hour"])
        | {name: one.get(name) for name in ("spoke", "repeats", "day")}
        for one in counted
    ]
    _COUNTED.run(connection, rows)


def last_counted(connection: Connection) -> dict[str, datetime]:
    """The newest hour of each trigger that was counted."""
    of = trigger_hours.c
    query = select(of.trigger, func.max(of.hour).label("newest")).where(of.spoke.is_not(None))
    rows = connection.execute(query.group_by(of.trigger))
    return {row.trigger: row.newest for row in rows}


def read_births(connection: Connection) -> dict[str, datetime]:
    rows = connection.execute(select(trigger_births.c.trigger, trigger_births.c.born_at))
    return {row.trigger: row.born_at for row in rows}


def read_hours(
    connection: Connection, triggers: Sequence[str], since: datetime
) -> dict[str, dict[datetime, Hour]]:
    of = trigger_hours.c
    query = select(of.trigger, of.hour, of.spoke, of.watched, of.repeats, of.day)
    found: dict[str, dict[datetime, Hour]] = {name: {} for name in triggers}
    for name, hour, *heard in connection.execute(query.where(of.hour >= since)):
        if name in found:
            found[name][hour] = Hour(*heard)
    return found


def forget_hours(connection: Connection, before: datetime) -> None:
    connection.execute(trigger_hours.delete().where(trigger_hours.c.hour < before))


def _row(trigger: str, hour: datetime, watched: bool | None = None) -> dict[str, Any]:
    counted = dict.fromkeys(("spoke", "repeats", "day"))
    return {"trigger": trigger, "hour": hour, "watched": watched, **counted}


@cache
def _spoken(dialect: str) -> TextualSelect:
    # what waited for people's say or was tried again is one message, whenever it was claimed
    one = "COALESCE(decisions.message_id, CAST(decisions.seq AS TEXT))"
    made = text(
        f"SELECT given.trigger AS trigger, given.since AS since, given.until AS until,"
        f" COUNT(DISTINCT CASE WHEN decisions.seq IS NOT NULL THEN {one} END) AS number,"
        " COUNT(DISTINCT decisions.customer_id) AS people"
        f" FROM {recordset(dialect, _SPAN)} LEFT JOIN decisions"
        ' ON decisions."trigger" = given."trigger" AND decisions.at >= given.since'
        f" AND decisions.at < given.until AND decisions.verdict IN ({SPOKEN})"
        # by these PostgreSQL leaves out the parts of other months
        " AND decisions.at >= :first AND decisions.at < :last"
        " GROUP BY given.trigger, given.since, given.until"
    ).bindparams(bindparam("first", type_=Moment), bindparam("last", type_=Moment))
    return made.columns(*_SPAN, number=Integer, people=Integer)
