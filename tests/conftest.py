"""What does every test stand on? A database of each kind, a Redis, and nothing left from before."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from uuid import uuid4

import pytest
import redis
import sqlalchemy
import structlog
from sqlalchemy import Engine

from tests import servers
from worker.store.engine import make_engine
from worker.store.tables import metadata

USED = """
SELECT DISTINCT coalesce(pg_partition_root(oid), oid)::regclass::text
FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
  AND (pg_relation_size(oid) > 0 OR reltuples >= 0)
UNION SELECT pg_depend.refobjid::regclass::text
FROM pg_sequence JOIN pg_depend ON pg_depend.objid = seqrelid AND deptype IN ('a', 'i')
WHERE pg_sequence_last_value(seqrelid) IS NOT NULL
"""
"""Rows, statistics that say there are none, or numbers given to what was not kept; to empty the
others too costs four times as much."""


@pytest.fixture(autouse=True)
def no_log_is_kept() -> Iterator[None]:
    """Who keeps a log in a test has ended it: lines of it would stand in what commands print."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def session_name(worker_id: str) -> str:
    """Names what this process of the session owns on servers that others use too."""
    return f"{os.environ.get('PYTEST_XDIST_TESTRUNUID', uuid4().hex)[:12]}_{worker_id}"


@pytest.fixture(scope="session")
def postgres_server(session_name: str) -> Iterator[str]:
    """A PostgreSQL on which databases can be made."""
    yield from _started(servers.postgres(session_name.partition("_")[0]))


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis, this process's own; `broker_url` empties it between tests."""
    yield from _started(servers.valkey(tmp_path_factory.mktemp("valkey")))


@pytest.fixture(scope="session")
def postgres_url(postgres_server: str, session_name: str) -> Iterator[str]:
    """A database with every table, this process's own; `database_url` empties it between tests."""
    name = f"outreach_{session_name}"
    url = servers.fresh_database(postgres_server, name)
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
    metadata.create_all(engine)
    engine.dispose()
    yield url
    servers.drop_database(postgres_server, name)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with every table; `database_url` copies it."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    engine = sqlalchemy.create_engine(f"sqlite:///{path}")
    metadata.create_all(engine)
    engine.dispose()
    return path


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Every table and no row, on SQLite and then on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_database_url")
    return url


@pytest.fixture
def sqlite_database_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "outreach.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_database_url(postgres_url: str) -> str:
    with servers.administrator(postgres_url) as connection:
        # What a failed test left connected would otherwise hold the tables for ever.
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        used = connection.exec_driver_sql(USED).scalars().all()
        if used:
            connection.exec_driver_sql(f"TRUNCATE {', '.join(used)} RESTART IDENTITY CASCADE")
    return postgres_url


@pytest.fixture(params=["sqlite", "postgres"])
def bare_database_url(request: pytest.FixtureRequest) -> str:
    """Not even a table, on SQLite and then on PostgreSQL: for migrations and whole processes."""
    url: str = request.getfixturevalue(f"bare_{request.param}_url")
    return url


@pytest.fixture
def bare_sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'bare.db'}"


@pytest.fixture
def bare_postgres_url(postgres_server: str, session_name: str) -> Iterator[str]:
    name = f"bare_{session_name}"
    yield servers.fresh_database(postgres_server, name)
    servers.drop_database(postgres_server, name)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = make_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def broker_url(redis_url: str) -> str:
    """A Redis with nothing in it."""
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()
    return redis_url


def _started(server: AbstractContextManager[str]) -> Iterator[str]:
    """The server's URL; where it cannot be had, CI fails and a laptop skips."""
    try:
        url = server.__enter__()
    except (servers.ServerMissing, OSError) as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no server: {error}")
    yield url
    server.__exit__(None, None, None)
