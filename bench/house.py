"""How does a workload run what operators run: the real processes, on servers of its own?

Each role is the same command as in docker-compose.yml; nothing of the product is patched.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.request import Request, urlopen

import orjson
import redis
import sqlalchemy

from bench.dying import started
from bench.http_wire import request
from bench.measuring import Trees, steps
from bench.servers import Server, database, postgres, valkey
from tests.servers import free_port
from worker.folder import read_folders
from worker.steps.apply import apply
from worker.store.engine import make_engine
from worker.store.migrations import upgrade

ROOT = Path(__file__).parents[1]
OUTREACH = (sys.executable, "-m", "worker.cli.main")
KEY = "key-of-the-benchmarks"
AUTHORIZED = f"Authorization: Bearer {KEY}\r\n"
BATCH = "application/cloudevents-batch+json"
SINGLE = "application/cloudevents+json"
PATIENCE = 120.0
ROLES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "api": ("api", ("api",)),
    "events": ("worker", ("worker", "--queues", "events")),
    "inbox": ("worker", ("worker", "--queues", "inbox")),
    "send": ("sender", ("worker", "--queues", "send")),
    "beat": ("beat", ("beat",)),
    "run": ("worker", ("run",)),
}
"""Role -> its kind in the table, and its command."""


def shipped() -> Mapping[str, str]:
    return read_folders(ROOT / "config", ROOT / "templates")[0]


@dataclass
class House:
    """An installation: its database, what runs on it, and where it listens."""

    folder: Path
    database_url: str
    environment: dict[str, str]
    servers: dict[str, Server]
    engine: sqlalchemy.Engine
    port: int = field(default_factory=free_port)
    started: dict[str, list[subprocess.Popen[bytes]]] = field(default_factory=dict)

    def start(self, *roles: str, **environment: str) -> None:
        """The roles, ready; the same one again is one more of it."""
        for role in roles:
            self._start(role, environment)
        for role in roles:
            if role in ("api", "run"):
                self.until(self._ready, "the api")
            if role in ("events", "inbox", "send"):
                self.until(partial(self._alive, role), f"the worker of {role}")

    def trees(self, **more: int) -> Trees:
        """All that runs, by kind; `more`: others, such as load=pid."""
        found: dict[str, list[int]] = {}
        for role, processes in self.started.items():
            found.setdefault(ROLES[role][0], []).extend(one.pid for one in processes)
        servers = {kind: [one.pid] for kind, one in self.servers.items()}
        return found | servers | {kind: [pid] for kind, pid in more.items()}

    def stop(self, *roles: str) -> None:
        """These, or all of them; what does not end within seconds is killed."""
        ending = [one for role in roles or [*self.started] for one in self.started.pop(role, [])]
        for process in ending:
            process.send_signal(signal.SIGTERM)
        for process in ending:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def post(self, path: str, body: object, kind: str = "application/json") -> None:
        """To the api, before something is measured."""
        headers = {"Content-Type": kind, "Authorization": f"Bearer {KEY}"}
        address = f"http://127.0.0.1:{self.port}{path}"
        with urlopen(Request(address, orjson.dumps(body), headers), timeout=60) as answered:
            answered.read()

    def ask(self, query: str) -> int:
        with self.engine.connect() as connection:
            return int(connection.exec_driver_sql(query).scalar_one() or 0)

    def settle(self) -> None:
        """Let the database know its tables, as autovacuum would have, long ago.

        Planned for empty tables, the statements of a claim cost it several times as much.
        """
        settle(self.engine)

    def until(self, came: object, what: str, seconds: float = PATIENCE) -> None:
        """`came` is asked again and again; its processes must go on meanwhile."""
        assert callable(came)
        try:
            for _ in steps(seconds, every=0.05):
                if came():
                    return
                self._refuse_dead()
        except TimeoutError:
            raise TimeoutError(f"{what} did not come\n{self.log()}") from None

    def unread(self) -> bool:
        query = "SELECT count(*) FROM (SELECT 1 FROM events WHERE state = 'new' LIMIT 1) AS one"
        return self.ask(query) > 0

    def log(self) -> str:
        return "\n".join(one.read_text()[-2000:] for one in sorted(self.folder.glob("*.log")))

    def close(self) -> None:
        self.stop()
        self.engine.dispose()

    def _start(self, role: str, environment: Mapping[str, str]) -> None:
        others = self.started.setdefault(role, [])
        words = [*ROLES[role][1], *(["--port", str(self.port)] if role in ("api", "run") else [])]
        scratch = self.folder / f"{role}-{len(others)}"
        scratch.mkdir(exist_ok=True)
        given = {**self.environment, "TMPDIR": str(scratch), **environment}
        with (self.folder / f"{role}-{len(others)}.log").open("wb") as log:
            process = started(
                [*OUTREACH, *words], cwd=self.folder, env=given, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        others.append(process)

    def _ready(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answered:
                return bool(answered.status == 200)
        except OSError:
            return False

    def _alive(self, role: str) -> bool:
        """Each has said that it listens to its queue."""
        logs = self.folder.glob(f"{role}-*.log")
        return all(b"ready." in one.read_bytes() for one in logs)

    def _refuse_dead(self) -> None:
        for role, processes in self.started.items():
            for one in processes:
                if one.poll() is not None:
                    raise SystemExit(f"{role} ended with {one.returncode}\n{self.log()}")


def publishing(events: list[object], *, batch: int = 1) -> list[bytes]:
    """Requests that publish these, so many in each."""
    if batch == 1:
        return [_request(one, SINGLE) for one in events]
    groups = (events[start : start + batch] for start in range(0, len(events), batch))
    return [_request(one, BATCH) for one in groups]


def _request(body: object, kind: str) -> bytes:
    return request("/v1/events", orjson.dumps(body), kind=kind, headers=AUTHORIZED)


@contextmanager
def house(
    *,
    files: Mapping[str, str] | None = None,
    sqlite: bool = False,
    environment: Mapping[str, str] | None = None,
) -> Iterator[House]:
    """On PostgreSQL and Redis, or on SQLite and nothing else; the shipped files, or these."""
    with ExitStack() as stack:
        name = tempfile.TemporaryDirectory(prefix="outreach-bench-", ignore_cleanup_errors=True)
        folder = Path(stack.enter_context(name))
        servers: dict[str, Server] = {}
        if sqlite:
            url, settings = f"sqlite:///{folder}/outreach.db", {}
        else:
            servers = {
                "PostgreSQL": stack.enter_context(postgres()),
                "Redis": stack.enter_context(valkey()),
            }
            url = stack.enter_context(database(servers["PostgreSQL"]))
            settings = {
                "OUTREACH_BROKER_URL": f"{servers['Redis'].url}/0",
                "OUTREACH_STREAM_URL": f"{servers['Redis'].url}/1",
            }
        engine = _prepared(url, files or shipped())
        given = {**_ours(url), **settings, **(environment or {})}
        made = House(folder, url, given, servers, engine)
        stack.callback(made.close)
        yield made


def settle(engine: sqlalchemy.Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def client(made: House, number: int = 1) -> redis.Redis:
    """The Redis of the bells (0) or of the stream (1)."""
    return redis.Redis.from_url(f"{made.servers['Redis'].url}/{number}")


def _prepared(url: str, files: Mapping[str, str]) -> sqlalchemy.Engine:
    engine = make_engine(url)
    upgrade(engine)
    apply(engine, files, "bench")
    return engine


def _ours(url: str) -> dict[str, str]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OUTREACH_", "TWILIO_"))
    }
    return {
        **inherited,
        "PYTHONPATH": str(ROOT),
        "OUTREACH_DATABASE_URL": url,
        "OUTREACH_SECRET_KEY": "a signing key of the benchmarks",
        "OUTREACH_API_KEYS": KEY,
    }
