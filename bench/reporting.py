"""How long does `outreach report` read, over a million events and a hundred thousand assignments?

`python -m bench.reporting`: SQLite, or with `--postgres`; ten triggers, fifty thousand customers,
every fifth event a contact, a click of every fourth message.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import Connection, Engine, text

from bench.accept_to_decided import database
from bench.results import Result, Scale
from triggers.clock import stamp
from triggers.configuration import read_configuration
from triggers.report import Question, Report
from worker.steps.report import report
from worker.store.engine import in_transaction, make_engine, reading

EVENTS = 1_000_000
POLICY = "{languages: [en], categories: {service: {quiet: none}}, outcome: {cost: 5}}"
START = datetime(2026, 8, 1, tzinfo=UTC)
SPREAD = timedelta(days=90)
NOW = START + timedelta(days=100)

_COUNT = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :most - 1)"
_FILL = (
    "INSERT INTO events (source, id, type, time, received_at, customer_id, data, hops, history,"
    " writes_customer, door, state, tries) {n} SELECT 'bench', 'e' || i,"
    " CASE WHEN i % 5 = 0 THEN 'support.contacted' ELSE 'other' END, {at}, {at},"
    " 'c' || (i % 50000), '{{\"topic\": \"card\"}}', 0, {no}, {no}, 'bench', 'read', 0"
    " FROM n",
    "INSERT INTO decisions (at, \"trigger\", customer_id, key, epoch, verdict, reason, facts,"
    " bundle) {n} SELECT {at}, 't' || (i / 4 % 10), 'c' || (i / 8 % 50000), 'k' || i, 'once',"
    " CASE WHEN i % 4 > 0 THEN 'started' WHEN i % 40 = 0 THEN 'held_out' ELSE 'claimed' END,"
    " CASE WHEN i % 40 = 0 THEN 'holdout' END, '[]', 'b' FROM n",
    'INSERT INTO messages (id, occurrence_id, "trigger", customer_id, key, epoch, category,'
    " message, language, channels, channel, state, attempt, claimed_at, expires, priority, bundle,"
    " start_source, start_id, hops, updated_at) {n} SELECT 'm' || i, 'o' || i, 't' || (i % 10),"
    " 'c' || (i % 50000), '', '', 'service', 'm', 'he', '[]', 'sms', 'delivered', 1, {at}, {at}, 1,"
    " 'b', '', '', 0, {at} FROM n",
    'INSERT INTO attempts (message_id, number, "trigger", category, customer_id, channel, sender,'
    " address_hash, headers, segments, state, lease_owner, claimed_at, cost) {n} SELECT 'm' || i,"
    " 1, 't' || (i % 10), 'service', 'c' || (i % 50000), 'sms', 's', 'h' || (i % 50000), '{{}}', 2,"
    " 'delivered', '', {at}, 0.08 FROM n",
    "INSERT INTO links (token, message_id, name, url, created_at, expires_at) {n}"
    " SELECT 'l' || i, 'm' || i, 'plan', '', {at}, {at} FROM n",
    "INSERT INTO clicks (token, message_id, at, \"by\") {n}"
    " SELECT 'l' || i, 'm' || i, {at}, 'person' FROM n WHERE i % 4 = 0",
    "INSERT INTO refusals (address_hash, channel, category, said, source, proof, at) {n}"
    " SELECT 'h' || i, 'sms', '*', 'refused', 'reply', '{{}}', {at} FROM n WHERE i % 100 = 0",
)  # fmt: skip


def fill(engine: Engine, size: int) -> None:
    """So many events, four tenths as many decisions, a tenth as many assignments and messages."""
    mosts = (size, size * 4 // 10, *[size // 10] * 5)
    for sql, most in zip(_FILL, mosts, strict=True):
        in_transaction(engine, partial(_run, sql=sql, most=most))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _run(connection: Connection, sql: str, most: int) -> None:
    postgres = connection.dialect.name == "postgresql"
    seconds = f"i * {SPREAD.total_seconds() / most:.6f}"
    at = (
        f"CAST('{stamp(START)}' AS timestamptz) + {seconds} * interval '1 second'"
        if postgres
        else f"strftime('%Y-%m-%dT%H:%M:%S', '{START:%Y-%m-%dT%H:%M:%S}', '+' ||"
        f" CAST({seconds} AS integer) || ' seconds') || '.000000Z'"
    )
    made = sql.format(n=_COUNT, at=at, no="false" if postgres else "0")
    connection.exec_driver_sql(
        made.replace(":most", str(most)).replace("%", "%%" if postgres else "%")
    )


def workload(scale: Scale) -> Iterator[Result]:
    size = scale.of(EVENTS // 2, 20_000)
    _, took = timed(size, times=scale.of(3, 1), sqlite=False)
    told_ = f"outreach report, PostgreSQL, {size:,} events stored"
    yield Result("report", told_, "s", took)


def measure(size: int, *, times: int = 5, sqlite: bool = True) -> None:
    found, took = timed(size, times=times, sqlite=sqlite)
    told("SQLite" if sqlite else "PostgreSQL", size, found, took)


def timed(size: int, *, times: int, sqlite: bool) -> tuple[Report, list[float]]:
    configuration = read_configuration({"config/outreach.yaml": POLICY})
    asked = Question(since=START, until=NOW, now=NOW)
    with database(sqlite) as url:
        engine = make_engine(url)
        fill(engine, size)
        took = []
        for _ in range(times):
            began = time.perf_counter()
            found = reading(engine, lambda connection: report(connection, configuration, asked))
            took.append(time.perf_counter() - began)
        engine.dispose()
    return found, took


def told(name: str, size: int, found: Report, took: list[float]) -> None:
    drawn = sum(one.drawn.messaged + one.drawn.held_out for one in found.triggers)
    print(f"outreach report, {name}, {size:,} events, {drawn:,} customers drawn")
    seconds = statistics.median(took)
    print(
        f"  {seconds:9.2f} s, median of {len(took)}   {size / seconds:9,.0f} events/s", flush=True
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--postgres", action="store_true")
    given = parser.parse_args()
    measure(given.events, times=given.times, sqlite=not given.postgres)


if __name__ == "__main__":
    main()
