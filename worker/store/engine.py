"""How is the database opened, and what is one transaction?"""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, TypeVar

import orjson
from prometheus_client import Counter
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from worker.store import payments, sayings, tallies
from worker.store.direct import flush
from worker.store.line import Line

T = TypeVar("T")

TRIES = 8
BUSY_MILLISECONDS = 10_000
_AGAIN = {"40001", "40P01", "55P03"}
"""Serialization failure, deadlock, lock not available: nothing was done, so it is done again."""

OUTAGE = (OperationalError, InterfaceError, PoolExhausted)
"""The database is away or full: no row is to blame."""

_OUTAGES = frozenset({"08", "25", "40", "53", "55", "57", "58"})
"""Classes of SQLSTATE: connection, transaction, rollback, resources, state, operator, system."""

MIXED_UP = frozenset({"26000", "42P05"})
"""A prepared statement that another session made, or one of ours that is gone: a pooler's doing."""

REPEATED = Counter(
    "outreach_transactions_repeated_total",
    "Transactions done once more: deadlocks, serialization failures, a busy SQLite.",
    ["cause"],
)

# A plan made while a table was empty must not outlive its growth, and no batch is worth compiling.
_SESSION = {
    "timezone": "UTC",
    "jit": "off",
    "plan_cache_mode": "force_custom_plan",
    "idle_in_transaction_session_timeout": "60000",
}
# A machine or a firewall that drops what is sent says nothing: whoever waited for its answer would
# wait two hours, and a sender's other claims behind him.
_SILENT = {
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
# A server may be set to forget what it has committed; asking for more than `on` stays allowed.
_DURABLE = (
    "set_config('synchronous_commit', CASE"
    " WHEN current_setting('synchronous_commit') IN ('off', 'local') THEN 'on'"
    " ELSE current_setting('synchronous_commit') END, false)"
)
# Asked for once connected: a pooler passes on none of what a connection may ask at its start, and
# what the URL asks there is its owner's.
_ASKED_FIRST = "SELECT " + ", ".join(
    [*(f"set_config('{name}', '{value}', false)" for name, value in _SESSION.items()), _DURABLE]
)


def make_engine(url: str | URL) -> Engine:
    """The database at `sqlite:///path` (its folder is made) or `postgresql+psycopg://…`."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    return _postgres(parsed)


def in_transaction(engine: Engine, work: Callable[[Connection], T]) -> T:
    """What `work` answers, once committed. It may be called twice: a failed call leaves nothing."""
    for tried in range(TRIES):
        try:
            with _turn(engine), engine.begin() as connection:
                payments.begin(connection)
                tallies.begin(connection)
                sayings.begin(connection)
                answer = work(connection)
                payments.write(connection)
                tallies.write(connection)
                said = sayings.take(connection)
        except DBAPIError as error:
            if tried == TRIES - 1 or not _passes(error):
                raise
            REPEATED.labels(_cause(error)).inc()
            threading.Event().wait(random.uniform(0, 0.01 * 2**tried))  # noqa: S311
        else:
            sayings.speak(said)
            return answer
    raise AssertionError("the last try returns or raises")


def reading(engine: Engine, work: Callable[[Connection], T]) -> T:
    """What `work` reads, in a transaction that takes no lock for writing."""
    with engine.connect().execution_options(**_only_reading(engine)) as connection:
        connection.begin()
        answer = work(connection)
        if engine.dialect.name == "postgresql":
            # what is still on its way is heard of; whoever would write here fails
            flush(connection)
            # a rollback would be a journey of its own, which a commit is only if something was
            # asked; and whoever listens to commits hears of those that write
            driver: Any = connection.connection.driver_connection
            with suppress(driver.Error):
                # nothing was written, and what was read is true
                driver.commit()
            if driver.closed:
                # nobody uses this one again
                connection.invalidate()
        return answer


def _only_reading(engine: Engine) -> dict[str, Any]:
    if engine.dialect.name == "postgresql":
        return {"postgresql_readonly": True}
    return {"only_reads": True}


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """Everything as it stands now, however long it is read; whoever would write here fails."""
    options = _only_reading(engine)
    if engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    with engine.connect() as connection:
        yield connection.execution_options(**options)


def out_of_reach(error: Exception) -> bool:
    """Whether the database itself is the trouble, and not something it was given."""
    if isinstance(error, PoolExhausted):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = sqlstate(error)
    if state:
        # Whatever class the driver makes of it: a server that only reads is an "internal error".
        return state[:2] in _OUTAGES or state in MIXED_UP
    return isinstance(error, OperationalError | InterfaceError)


def sqlstate(error: Exception) -> str:
    """PostgreSQL's five signs for what went wrong; nothing elsewhere."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) or ""


def _passes(error: DBAPIError) -> bool:
    """Whether the same work may succeed when it is done once more."""
    cause = _cause(error)
    return cause in _AGAIN or cause.startswith("SQLITE_BUSY")


def _cause(error: DBAPIError) -> str:
    """The database's own name for what went wrong."""
    state = getattr(error.orig, "sqlstate", None)
    return state or getattr(error.orig, "sqlite_errorname", None) or ""


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    """SQLite has one writer; its own way of waiting is not fair among the threads of a process."""
    writers = engine.get_execution_options().get("writers", nullcontext())
    with writers:
        yield


def _sqlite(url: URL) -> Engine:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_MILLISECONDS / 1000, "check_same_thread": False},
        hide_parameters=True,
        execution_options={"writers": threading.Lock()},
    )
    event.listen(engine, "do_connect", _make_private)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_private(_dialect: Any, _record: Any, named: Sequence[str], _options: Any) -> None:
    """Its file holds addresses: only its owner reads it; SQLite's `-wal` and `-shm` follow it."""
    # O_EXCL: to open and close a file that is there would end the locks this process has on it
    with suppress(OSError):
        if named[0] and not named[0].startswith((":", "file:")):
            os.close(os.open(named[0], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # Python's own way of beginning transactions would let two readers both try to become writers
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={BUSY_MILLISECONDS}"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    only_reads = connection.get_execution_options().get("only_reads", False)
    connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")


def _postgres(url: URL) -> Engine:
    engine = create_engine(
        url,
        isolation_level="READ COMMITTED",
        pool_size=5,
        max_overflow=15,
        pool_pre_ping=True,
        pool_timeout=10,
        pool_recycle=1800,
        connect_args={"connect_timeout": 5, **_SILENT},
        hide_parameters=True,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
    )
    dialect: Any = engine.dialect
    ask_whether_alive = dialect.do_ping
    dialect.do_ping = lambda line: line.seems_alive() or ask_whether_alive(line)
    event.listen(engine, "do_connect", _connect)
    event.listen(engine, "connect", _prepare_postgres)
    return engine


def _connect(_dialect: Any, _record: Any, named: Sequence[Any], options: dict[str, Any]) -> Line:
    # psycopg itself prepares nothing: it would drop whatever is prepared at each rollback
    return Line.connect(*named, prepare_threshold=None, **options)


def _prepare_postgres(connection: Any, _record: Any) -> None:
    connection.autocommit = True
    connection.execute(_ASKED_FIRST)
    connection.autocommit = False
