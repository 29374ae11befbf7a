"""Which months have their parts on PostgreSQL, and which part is old enough to go as a whole?

SQLite has no parts: there is nothing to make ahead, and retention takes rows by pages alone.
Nobody waits long for any of this: what cannot have its lock at once is done another day.
"""
# ruff: noqa: S608 - names of tables and parts, from tables.py and the database's own catalogue

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import ColumnElement, Connection, Engine, Table, func, select, text
from sqlalchemy.exc import OperationalError

from worker.store.engine import in_transaction, sqlstate
from worker.store.parted import month_column
from worker.store.tables import decisions, events, facts

AHEAD = 3
"""So many months after this one have their part: whoever cannot make them has a season to see."""

BY_MONTH = (events, decisions)
IN_PARTS = (*BY_MONTH, facts)

PATIENCE = "SET LOCAL lock_timeout = '300ms'"
"""What we wait for a lock everybody else waits behind us."""

SETTINGS = {
    "events": "autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000,"
    " autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.1",
    "decisions": "autovacuum_analyze_scale_factor = 0.02,"
    " autovacuum_vacuum_insert_scale_factor = 0.1",
}
"""Of a table in parts each part has its own, for PostgreSQL takes none for the whole."""

_PARTS = text(
    "SELECT part.relname AS name, pg_get_expr(part.relpartbound, part.oid) AS bound"
    " FROM pg_inherits JOIN pg_class AS part ON part.oid = pg_inherits.inhrelid"
    " WHERE pg_inherits.inhparent = to_regclass(:table) ORDER BY part.relname"
)
_BOUND = re.compile(r"FROM \((?P<since>[^)]*)\) TO \((?P<until>[^)]*)\)")


LOCKED = "55P03"
"""PostgreSQL's name for a lock that could not be had in time."""


class Held(Exception):
    """Somebody has what would have to be locked."""


@dataclass(frozen=True, slots=True)
class Part:
    """It holds what is from `since` (None: from ever) to before `until`."""

    name: str
    since: datetime | None
    until: datetime

    def holds(self, month: datetime) -> bool:
        return (self.since is None or self.since <= month) and month < self.until


def in_peace(engine: Engine, work: Callable[[Connection], object]) -> bool:
    """Whether it is done; not, where others would wait for it: another night finds them away."""
    try:
        return in_transaction(engine, partial(_at_once, work)) is not False
    except Held:
        return False


def _at_once(work: Callable[[Connection], object], connection: Connection) -> object:
    try:
        return work(connection)
    except OperationalError as error:
        if sqlstate(error) == LOCKED:
            raise Held from None
        raise


def in_parts(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def all_parts(connection: Connection) -> set[str]:
    """Every part of every table, by name."""
    if not in_parts(connection):
        return set()
    found = (connection.execute(_PARTS, {"table": table.name}) for table in IN_PARTS)
    return {row.name for rows in found for row in rows}


def parts_of(connection: Connection, table: Table) -> Sequence[Part]:
    """Those that hold months, oldest first: not the one for whatever has no other."""
    rows = connection.execute(_PARTS, {"table": table.name})
    found = [_part(row.name, bound) for row in rows if (bound := _BOUND.search(row.bound))]
    return sorted(found, key=lambda one: one.until)


def lacking(connection: Connection, table: Table, now: datetime) -> Sequence[datetime]:
    """Months, this and the next, that have no part yet."""
    there = parts_of(connection, table)
    return [month for month in months(now) if not any(one.holds(month) for one in there)]


def left_over(connection: Connection, table: Table) -> bool:
    """Whether rows are in the part that should be empty: they came when their month had none."""
    found = connection.execute(text(f"SELECT 1 FROM {table.name}_default LIMIT 1"))
    return found.first() is not None


def make_ahead(connection: Connection, now: datetime) -> Sequence[str]:
    """The parts that were lacking, by name; what came for them before is in them now."""
    if not in_parts(connection):
        return ()
    # one at a time: each service may bring its database to this version
    connection.execute(text("SELECT pg_advisory_xact_lock(5551)"))
    wanted = [(table, month) for table in BY_MONTH for month in lacking(connection, table, now)]
    if wanted:
        connection.execute(text(PATIENCE))
    return [_make(connection, table, month) for table, month in wanted]


def _make(connection: Connection, table: Table, month: datetime) -> str:
    """Attached, and not made in its place: that would lock out whoever reads or writes."""
    part, rest = f"{table.name}_{month:%Y_%m}", f"{table.name}_default"
    column, until = month_column(table), month_after(month)
    span = f"{column} >= '{month.isoformat()}' AND {column} < '{until.isoformat()}'"
    # made for the day that somebody had forgotten it: its rows are moved while nobody adds any
    steps = [
        f"CREATE TABLE {part} (LIKE {table.name} INCLUDING DEFAULTS) WITH ({SETTINGS[table.name]})",
        f"LOCK TABLE {rest} IN ACCESS EXCLUSIVE MODE",
        f"WITH moved AS (DELETE FROM {rest} WHERE {span} RETURNING *)"
        f" INSERT INTO {part} SELECT * FROM moved",
        f"ALTER TABLE {table.name} ATTACH PARTITION {part}"
        f" FOR VALUES FROM ('{month.isoformat()}') TO ('{until.isoformat()}')",
    ]
    for step in steps:
        connection.exec_driver_sql(step)
    return part


def past(connection: Connection, table: Table, before: datetime) -> Sequence[Part]:
    """Parts of which all is older."""
    if table not in BY_MONTH or not in_parts(connection):
        return ()
    return [one for one in parts_of(connection, table) if one.until <= before]


def count_in(connection: Connection, part: Part) -> int:
    found: int = connection.execute(text(f"SELECT COUNT(*) FROM {part.name}")).scalar_one()
    return found


def drop(connection: Connection, table: Table, part: Part, unless: ColumnElement[bool]) -> bool:
    """Drop it, unless a row of it is still needed; nobody adds one between the look and the end."""
    connection.execute(text(PATIENCE))
    connection.execute(text(f"LOCK TABLE ONLY {table.name} IN ACCESS EXCLUSIVE MODE"))
    connection.execute(text(f"LOCK TABLE ONLY {part.name} IN ACCESS EXCLUSIVE MODE"))
    if needed(connection, table, part, unless):
        return False
    connection.execute(text(f"DROP TABLE {part.name}"))
    return True


def needed(connection: Connection, table: Table, part: Part, unless: ColumnElement[bool]) -> bool:
    moment = table.c[month_column(table) or ""]
    span = [moment < part.until, *([] if part.since is None else [moment >= part.since])]
    found = select(func.count()).select_from(
        select(table.c.seq).where(unless, *span).limit(1).subquery()
    )
    return bool(connection.scalar(found))


def look_over(connection: Connection) -> None:
    """Let the planner know the whole of each: PostgreSQL itself looks only at their parts."""
    if in_parts(connection):
        for table in IN_PARTS:
            connection.execute(text(f"ANALYZE {table.name}"))


def _part(name: str, bound: re.Match[str]) -> Part:
    since, until = bound["since"], bound["until"]
    return Part(name, None if since == "MINVALUE" else _moment(since), _moment(until))


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written.strip("'"))


def months(now: datetime) -> Iterator[datetime]:
    month = month_of(now)
    for _ in range(AHEAD + 1):
        yield month
        month = month_after(month)


def month_of(moment: datetime) -> datetime:
    return moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def month_after(month: datetime) -> datetime:
    return month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
