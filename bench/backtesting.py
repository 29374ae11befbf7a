"""How fast does `outreach backtest` go through stored events, and how much memory does it need?

`python -m bench.backtesting`: the events of `bench.simulating` in a database of their own, SQLite
or with `--postgres`, and as many addresses refused; all triggers, the command in its own process.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, insert

from bench.accept_to_decided import HASHER, database
from bench.results import Result, Scale
from bench.simulating import MONTH, OUTREACH, Run, rows, run, told, told_customers, told_events
from triggers.clock import instant
from worker.store.clock import read_now
from worker.store.engine import in_transaction, make_engine, reading
from worker.store.tables import customers, events, suppressions

EVENTS = 150_000
PAGE = 5_000
BACKTEST = (*OUTREACH, "backtest", "--all", "--since", "60d", "--format", "json")


def fill(engine: Engine, size: int) -> None:
    """As if a month of events had come in until now, each at its time."""
    now = reading(engine, read_now)
    _store(engine, customers, (_customer(one, now) for one in told_customers(size)))
    _store(engine, events, map(_event, told_events(size, start=now - MONTH)))
    _store(engine, suppressions, (_refusal(number, now) for number in range(size)))


def _store(engine: Engine, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    rest = iter(rows)
    while page := list(islice(rest, PAGE)):
        in_transaction(engine, partial(_insert, table, page))


def _insert(table: Table, rows: list[dict[str, Any]], connection: Connection) -> None:
    connection.execute(insert(table), rows)


def _customer(profile: dict[str, Any], now: datetime) -> dict[str, Any]:
    known = {name: value for name, value in profile.items() if name != "id"}
    return {"id": profile["id"], "profile": known, "field_orders": {}, "updated_at": now}


def _event(event: dict[str, Any]) -> dict[str, Any]:
    moment = instant(event["time"])
    own = {name: event[name] for name in ("id", "source", "type", "subject", "data")}
    return own | {
        "time": moment, "received_at": moment, "customer_id": event["subject"], "hops": 0,
        "history": False, "writes_customer": True, "door": "bench", "state": "read", "tries": 0,
    }  # fmt: skip


def _refusal(number: int, now: datetime) -> dict[str, Any]:
    hashed = HASHER.address("sms", f"+97250{10 * number:07}")
    return {"address_hash": hashed, "channel": "sms", "category": "*", "source": "page",
            "at": now - MONTH / 2}  # fmt: skip


def measure(size: int, *, times: int = 3, sqlite: bool = True) -> None:
    name = "SQLite" if sqlite else "PostgreSQL"
    with database(sqlite) as url, tempfile.TemporaryDirectory() as folder:
        engine = make_engine(url)
        fill(engine, size)
        engine.dispose()
        out, given = Path(folder) / "lines.jsonl", {"OUTREACH_DATABASE_URL": url}
        title = f"outreach backtest, {name}"
        told(title, size, lambda: run(BACKTEST, out, given), times)


def workload(scale: Scale) -> Iterator[Result]:
    size = scale.of(EVENTS, 10_000)
    for sqlite in (True, False):
        runs = played(size, times=scale.of(1, scale.rounds), sqlite=sqlite)
        name = "SQLite" if sqlite else "PostgreSQL"
        yield from rows("backtest", f"outreach backtest --all, {size:,}, {name}", size, runs)


def played(size: int, *, times: int, sqlite: bool) -> list[Run]:
    with database(sqlite) as url, tempfile.TemporaryDirectory() as folder:
        engine = make_engine(url)
        fill(engine, size)
        engine.dispose()
        given = {"OUTREACH_DATABASE_URL": url}
        return [run(BACKTEST, Path(folder) / "lines.jsonl", given) for _ in range(times)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--postgres", action="store_true")
    given = parser.parse_args()
    measure(given.events, times=given.times, sqlite=not given.postgres)


if __name__ == "__main__":
    main()
