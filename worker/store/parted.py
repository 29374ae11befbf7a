"""How is a table declared that PostgreSQL keeps in parts, and SQLite as one?

To whoever reads and writes it is one table: only what makes it differs.
docs/decisions/0028-partitions.md says why these, and why so.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import DDL, PrimaryKeyConstraint, Table, event
from sqlalchemy.ext.compiler import compiles

HASHED = 8
"""Parts of a table that has no time: each is vacuumed by itself, and each is planned every time."""

_BY = "parted_by"


def by_month(column: str) -> dict[str, Any]:
    """Parts that hold a calendar month of this moment each, in UTC."""
    return {"postgresql_partition_by": f"RANGE ({column})", "info": {_BY: column}}


def by_hash(column: str) -> dict[str, Any]:
    return {"postgresql_partition_by": f"HASH ({column})"}


def month_column(table: Table) -> str | None:
    """The moment whose months are its parts; None for a table that has no such parts."""
    found: str | None = table.info.get(_BY)
    return found


def with_parts(table: Table) -> Table:
    """Where it is made without migrations, it has the parts without which it would refuse rows."""
    if month_column(table):
        made = [f"CREATE TABLE {table.name}_default PARTITION OF {table.name} DEFAULT"]
    else:
        made = [
            f"CREATE TABLE {table.name}_{number} PARTITION OF {table.name}"
            f" FOR VALUES WITH (MODULUS {HASHED}, REMAINDER {number})"
            for number in range(HASHED)
        ]
    for one in made:
        ddl = DDL(one)  # type: ignore[no-untyped-call]
        event.listen(table, "after_create", ddl.execute_if(dialect="postgresql"))
    return table


@compiles(PrimaryKeyConstraint, "postgresql")
def _primary_key(constraint: PrimaryKeyConstraint, compiler: Any, **options: Any) -> str:
    """PostgreSQL's key of a table in parts holds what parts it; SQLite's stays its row number."""
    made: str = compiler.visit_primary_key_constraint(constraint, **options)
    column = month_column(constraint.table)
    return f"{made.removesuffix(')')}, {column})" if column else made
