"""How does a migration turn a table of PostgreSQL into parts by month, with the rows it has?

For 0018 and 0019, and changed no more. What is there becomes the first part as it lies on the
disk: the lock lasts as long as it takes to index the numbers of its rows and to look each over.
"""
# ruff: noqa: S608 - names of tables, written in the migrations

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from alembic import op

AHEAD = 3


@dataclass(frozen=True, slots=True)
class Months:
    """`indexes`: what stands after each one's name and the table's; `settings`: of each part.

    `added`: the one among the indexes that is new with it.
    """

    table: str
    column: str
    indexes: Mapping[str, str]
    settings: str
    added: str | None = None


def part(months: Months) -> None:
    table, first = months.table, f"{months.table}_before"
    key = f"(seq, {months.column})"
    # whoever waits for a lock has everybody else wait behind it
    op.execute("SET LOCAL lock_timeout = '30s'")
    op.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
    if months.added is not None:
        kind = months.indexes[months.added]
        op.execute(f"CREATE INDEX IF NOT EXISTS ix_{table}_{months.added} ON {table} {kind}")
    op.execute(f"CREATE UNIQUE INDEX IF NOT EXISTS pk_{first} ON {table} {key}")
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT pk_{table}")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT pk_{first} PRIMARY KEY USING INDEX pk_{first}")
    op.execute(f"ALTER TABLE {table} RENAME TO {first}")
    for name in months.indexes:
        op.execute(f"ALTER INDEX ix_{table}_{name} RENAME TO ix_{first}_{name}")
    op.execute(
        f"CREATE TABLE {table} (LIKE {first} INCLUDING DEFAULTS)"
        f" PARTITION BY RANGE ({months.column})"
    )
    op.execute(f"ALTER SEQUENCE {table}_seq_seq OWNED BY {table}.seq")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT pk_{table} PRIMARY KEY {key}")
    _indexes(months)
    _parts(months)
    op.execute(f"ANALYZE {table}")


def _indexes(months: Months) -> None:
    for name, kind in months.indexes.items():
        op.execute(f"CREATE INDEX ix_{months.table}_{name} ON {months.table} {kind}")


def _parts(months: Months) -> None:
    """The first ends with the month of its newest row, or with this one; then those ahead."""
    table, settings = months.table, months.settings
    newest = f"date_trunc('month', GREATEST(MAX({months.column}), now()), 'UTC')"
    month = op.get_bind().scalar(sa.text(f"SELECT {newest} FROM {table}_before"))
    until = _after(month)
    op.execute(f"ALTER TABLE {table}_before SET ({settings})")
    op.execute(
        f"ALTER TABLE {table} ATTACH PARTITION {table}_before"
        f" FOR VALUES FROM (MINVALUE) TO ('{until.isoformat()}')"
    )
    for _ in range(AHEAD):
        since, until = until, _after(until)
        op.execute(
            f"CREATE TABLE {table}_{since:%Y_%m} PARTITION OF {table}"
            f" FOR VALUES FROM ('{since.isoformat()}') TO ('{until.isoformat()}') WITH ({settings})"
        )
    op.execute(f"CREATE TABLE {table}_default PARTITION OF {table} DEFAULT WITH ({settings})")


def _after(month: datetime) -> datetime:
    return month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)


def whole(months: Months) -> None:
    """One table again, with all its rows."""
    table = months.table
    op.execute(f"ALTER TABLE {table} RENAME TO {table}_parts")
    op.execute(f"CREATE TABLE {table} (LIKE {table}_parts INCLUDING DEFAULTS)")
    op.execute(f"INSERT INTO {table} SELECT * FROM {table}_parts")
    op.execute(f"ALTER SEQUENCE {table}_seq_seq OWNED BY {table}.seq")
    op.execute(f"DROP TABLE {table}_parts")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT pk_{table} PRIMARY KEY (seq)")
    _indexes(months)
