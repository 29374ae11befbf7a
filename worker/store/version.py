"""Are the tables in the database those of this version?

Asked at every start, so without what makes them, which is heavy.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

MIGRATIONS = Path(__file__).parent / "migrations" / "versions"


def is_current(connection: Connection) -> bool:
    """Whether the database has the tables of this version, or of a later one."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    found = known()
    applied = set(connection.scalars(text("SELECT version_num FROM alembic_version")))
    return max(found) in applied or bool(applied - found)


def known() -> set[str]:
    """Every revision: a migration's file begins with it, and the last one is the greatest."""
    return {file.name.partition("_")[0] for file in MIGRATIONS.glob("[0-9]*.py")}
