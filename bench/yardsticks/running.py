"""How are the yardsticks run beside ours: processes of their own, on the same servers?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
import redis
import sqlalchemy

from bench.dying import started
from bench.house import ROOT
from bench.measuring import Sample, Watch, steps
from bench.servers import Server, database
from bench.yardsticks.raw import GROUP, STREAM
from bench.yardsticks.rules import TABLES, told

PROCESSES = 2
STAGED, QUEUE = "staged", "celery"
PAGE = 1_000


@dataclass
class Yardstick:
    """Its processes, its database, and the servers it shares with ours."""

    processes: Sequence[subprocess.Popen[bytes]]
    engine: sqlalchemy.Engine
    redis: redis.Redis
    servers: Mapping[str, Sequence[int]]
    done: int = 0
    """Events of the rounds before."""

    def count(self, state: str) -> int:
        query = f"SELECT count(*) FROM outbox WHERE state = '{state}'"
        with self.engine.connect() as connection:
            return int(connection.exec_driver_sql(query).scalar_one())

    def _last(self) -> int:
        """Of the rows so far: counting them all would be part of their cost."""
        with self.engine.connect() as connection:
            found = connection.exec_driver_sql("SELECT max(id) FROM outbox").scalar_one()
        return int(found or 0)

    def trees(self, **more: int) -> dict[str, Sequence[int]]:
        ours = {"worker": [one.pid for one in self.processes], **self.servers}
        return ours | {kind: [pid] for kind, pid in more.items()}

    def refuse_dead(self) -> None:
        for one in self.processes:
            if one.poll() is not None:
                raise SystemExit(f"a yardstick ended with {one.returncode}")

    def timed(self, events: int, release: Callable[[], object]) -> Sample:
        """From the moment they can be taken until all are recorded; nothing was staged before."""
        with Watch(self.trees()) as watch:
            begun = clock()
            release()
            for _ in steps(300):
                if self._last() < self.done + events:
                    continue
                if self.count("new") >= self.done + events:
                    break
                self.refuse_dead()
            wall = clock() - begun
        self.done += events
        return watch.sample(events / wall, per=events)


def clock() -> float:
    return os.times().elapsed


@contextmanager
def yardstick(
    postgres: Server,
    broker: Server,
    commands: Sequence[Sequence[str]],
    number: int,
    more: Mapping[str, str] | None = None,
) -> Iterator[Yardstick]:
    """`commands`, running; ready once each has said so. `number`: of the Redis database."""
    with database(postgres) as url, tempfile.TemporaryDirectory() as folder:
        engine = sqlalchemy.create_engine(url)
        with engine.begin() as connection:
            connection.exec_driver_sql(TABLES)
        address = f"{broker.url}/{number}"
        plain = url.replace("+psycopg", "")
        told_ = {"USUAL_DATABASE_URL": url, "USUAL_BROKER_URL": address,
                 "RAW_DATABASE_URL": plain, "RAW_STREAM_URL": address, **(more or {})}  # fmt: skip
        logs = [Path(folder) / f"{number}.log" for number, _ in enumerate(commands)]
        running = [
            _started(command, told_, log) for command, log in zip(commands, logs, strict=True)
        ]
        try:
            for _ in steps(60):
                if all(any(word in log.read_text() for word in READY) for log in logs):
                    break
            client = redis.Redis.from_url(address)
            servers = {"PostgreSQL": [postgres.pid], "Redis": [broker.pid]}
            yield Yardstick(running, engine, client, servers)
        finally:
            for one in running:
                os.killpg(one.pid, signal.SIGKILL)
                one.wait()
            engine.dispose()


READY = ("ready", "startup complete")


def _started(
    command: Sequence[str], environment: Mapping[str, str], log: Path
) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return started(
            [sys.executable, "-m", *command], cwd=ROOT, env={**os.environ, **environment},
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip


USUAL = ("celery", "-A", "bench.yardsticks.usual", "worker", "--pool", "prefork",
         "--concurrency", str(PROCESSES), "--loglevel", "WARNING", "--without-gossip",
         "--without-mingle", "--without-heartbeat")  # fmt: skip
RAW = ("bench.yardsticks.raw",)


def usual_once(one: Yardstick, events: int) -> Sample:
    """They wait in the broker before the clock begins: publishing them is not in its time."""
    from bench.yardsticks.usual import decide  # noqa: PLC0415 - its broker is known only now

    decide.app.conf.broker_url = _address(one)
    for number in range(one.done, one.done + events):
        decide.apply_async((told(number),), queue=STAGED)
    return one.timed(events, lambda: one.redis.rename(STAGED, QUEUE))


def raw_once(one: Yardstick, events: int) -> Sample:
    one.redis.delete(STAGED)
    for start in range(one.done, one.done + events, PAGE):
        with one.redis.pipeline(transaction=False) as together:
            for number in range(start, min(start + PAGE, one.done + events)):
                together.xadd(STAGED, {"event": orjson.dumps(told(number))})
            together.execute()
    one.redis.xgroup_create(STAGED, GROUP, id="0")
    return one.timed(events, lambda: one.redis.rename(STAGED, STREAM))


def _address(one: Yardstick) -> str:
    words = one.redis.connection_pool.connection_kwargs
    return f"redis://{words['host']}:{words['port']}/{words['db']}"
