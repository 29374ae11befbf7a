"""The tests share their tables of PostgreSQL: who has made parts of months takes them away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from tests.worker.small_world import NOON
from worker.store.engine import in_transaction
from worker.store.migrations import FOLDER
from worker.store.partitions import BY_MONTH, in_parts, make_ahead, parts_of


@contextmanager
def of_this_version(engine: Engine) -> Iterator[None]:
    """It says so of itself, and has parts for today and for the day of the small world."""
    version = ScriptDirectory(str(FOLDER)).get_current_head()
    for moment in (NOON, datetime.now(UTC)):
        in_transaction(engine, partial(make_ahead, now=moment))
    with engine.begin() as connection:
        said = f"CREATE TABLE alembic_version AS SELECT '{version}' AS version_num"
        connection.exec_driver_sql(said)
    yield
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE alembic_version")
    drop_months(engine)


def drop_months(engine: Engine) -> None:
    in_transaction(engine, _drop)


def _drop(connection: Connection) -> None:
    for table in BY_MONTH if in_parts(connection) else ():
        for part in parts_of(connection, table):
            connection.exec_driver_sql(f"DROP TABLE {part.name}")
