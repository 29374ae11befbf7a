"""Is the database there, and of this version? If not, one line says so, and no traceback."""

from __future__ import annotations

import os
import re

import typer
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError, ProgrammingError

from worker.settings import Settings, read_settings
from worker.store.engine import MIXED_UP, make_engine, reading, sqlstate
from worker.store.version import is_current
from worker.told import CANNOT_START, Told

NO_PRIVILEGE = "42501"
ONLY_READS = "25006"
AS_WE_NEED_IT = "pool_mode = session, server_reset_query = DISCARD ALL"
NO_SUCH_TABLE = frozenset({"42P01", "42703"})
"""PostgreSQL's names for a table or a column that is not there."""


class NotOfThisVersion(Told):
    """The database has no tables, or those of another version."""

    status = CANNOT_START


class Unreachable(Told):
    """The database does not answer, or lets nobody in."""


def tell_database(settings: Settings) -> None:
    """Which one it is, where it disturbs nobody: more than one lives on most machines."""
    typer.echo(f"database: {settings.database_name}", err=True)


def check_database(settings: Settings) -> None:
    """NotOfThisVersion unless it has our tables; what does not answer raises as it always does."""
    engine = make_engine(settings.database_url)
    try:
        if not reading(engine, is_current):
            raise _not_of_this_version(settings)
    finally:
        engine.dispose()


def told_of(error: Exception) -> Told | None:
    """What to tell of an error that a command met in the database; None: it is another one."""
    match error:
        case PermissionError() if error.filename:
            return Unreachable(f"{error.filename}: {error.strerror}")
        case OperationalError() | ProgrammingError() if _lacks_a_table(error):
            return _not_of_this_version(read_settings())
        case OperationalError() if _unreached(error):
            return Unreachable(f"cannot reach {read_settings().database_name}: {_why(error)}")
        case DatabaseError() if (how := _turned_away(error)) is not None:
            return Unreachable(f"{read_settings().database_name}: {how}{_why(error)}")
    return None


def _turned_away(error: DBAPIError) -> str | None:
    """What stands before the driver's words where a database answered and would not serve."""
    if _forbidden(error):
        return "whom we enter it as may not do this: "
    if _only_reads(error):
        return "it may only be read: "
    if sqlstate(error) in MIXED_UP:
        return f"a pooler must keep a connection to its session ({AS_WE_NEED_IT}): "
    return "" if _named(error, "SQLITE_NOTADB") else None


def _not_of_this_version(settings: Settings) -> NotOfThisVersion:
    return NotOfThisVersion(
        f"{settings.database_name}: the database has no tables, or those of another version:"
        f" `outreach db upgrade` comes first{_beside(settings)}"
    )


def _beside(settings: Settings) -> str:
    """Where `make run` keeps its own, for whoever looked for it here."""
    demo = settings.data_dir / "demo" / "outreach.db"
    if "OUTREACH_DATABASE_URL" in os.environ or not demo.exists():
        return ""
    return f"; what `make run` made is in another: export OUTREACH_DATABASE_URL=sqlite:///{demo}"


def _lacks_a_table(error: DBAPIError) -> bool:
    return sqlstate(error) in NO_SUCH_TABLE or str(error.orig).startswith(
        ("no such table", "no such column")
    )


def _forbidden(error: DBAPIError) -> bool:
    return sqlstate(error) == NO_PRIVILEGE


def _only_reads(error: DBAPIError) -> bool:
    """A standby, or a file that is not ours."""
    return sqlstate(error) == ONLY_READS or _named(error, "SQLITE_READONLY")


def _unreached(error: DBAPIError) -> bool:
    """The driver has no state for a connection that never was; SQLite has one for its file."""
    if getattr(error.orig, "sqlite_errorname", None):
        return _named(error, "SQLITE_CANTOPEN")
    return not sqlstate(error) or error.connection_invalidated


def _named(error: DBAPIError, name: str) -> bool:
    """SQLite names a finer error after the rough one: SQLITE_CANTOPEN_ISDIR."""
    return str(getattr(error.orig, "sqlite_errorname", "")).startswith(name)


def _why(error: DBAPIError) -> str:
    """The driver's last words, on one line, without anybody's name."""
    first, *_ = str(error.orig).strip().splitlines()
    words = first.rpartition("failed: ")[2].removeprefix("FATAL:").strip()
    return re.sub(r'\b(user|role) "[^"]*"', r"this \1", words)
