"""How long does each page of the console take over a database that is full?

`python -m bench.console`: on the PostgreSQL named by OUTREACH_TEST_POSTGRES_URL, else on one of its
own; `--sqlite` on SQLite, `--events N` with so many. The first look, which counts a month, is told
apart. Rows are made by the database itself, so that filling takes a minute.
"""

from __future__ import annotations

import argparse
import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from statistics import median

import httpx
from sqlalchemy import Connection, Engine, text

from bench.accept_to_decided import database
from bench.results import Result, Scale, at_most
from worker.http.app import create_app
from worker.serving import HttpServer, listening
from worker.settings import Settings
from worker.steps.apply import apply
from worker.steps.signing_in import add_user
from worker.store.console_users import Role
from worker.store.engine import in_transaction, make_engine
from worker.wiring import make_parts

EVENTS = 1_000_000
CUSTOMERS = 40_000
ROUNDS = 15
MOST_MS = 100
PASSWORD = "a password of the bench"
PAGES = [
    "/console", "/console?show=came_in", "/console/duty", "/console/record",
    "/console/customers?id=c7", "/console/customers?id=c7&every=1", "/console/queue",
    "/console/queue?view=done", f"/console/queue/{10:032x}",
    "/console/triggers", "/console/triggers/trigger_7", "/console/triggers/trigger_7?days=28",
    "/console/messages?message=m", "/console/report", "/console/report?trigger=trigger_7",
]  # fmt: skip
CONFIGURATION = {
    "config/outreach.yaml": "{languages: [he, en], categories: {service: {quiet: none}}}",
    "config/customer.yaml": "type: object",
    "config/events/payment_plan.updated.yaml": "{event: payment_plan.updated, about: A plan.,"
    " data: {type: object}}",
    "templates/m/sms.he.txt": "התוכנית מסתיימת.",
    "config/triggers/all.yaml": "\n---\n".join(
        f"trigger: trigger_{number}\non: payment_plan.updated\n"
        "send: [{message: m, by: [sms]}]\nlimits: {category: service, holdout: 10%}"
        for number in range(12)
    ),
}
TOKEN = re.compile(r'name="form_token" value="(\w+)"')

MONTH_SECONDS = 28 * 86_400
# {n}: how many rows; the newest is of now. Each number of SERIES is one row's.
POSTGRES = {
    "series": "generate_series(1, {n}) AS one(i)",
    "at": "now() - ({n} - i) * interval '1 second' * ({seconds} / {n}.0)",
    "later": "now() + (i % 600) * interval '20 minutes'",
    "id": "lpad(to_hex(i), 32, '0')",
    "json": "'{{}}'::jsonb",
    "list": "'[]'::jsonb",
    "false": "false",
}
SQLITE = {
    "series": "(WITH RECURSIVE one(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM one WHERE i < {n})"
    " SELECT i FROM one) AS one",
    "at": "strftime('%Y-%m-%dT%H:%M:%f', 'now', '-' || (({n} - i) * ({seconds} / {n}.0))"
    " || ' seconds') || '000Z'",
    "later": "strftime('%Y-%m-%dT%H:%M:%f', 'now', '+' || ((i % 600) * 20) || ' minutes')"
    " || '000Z'",
    "id": "printf('%032x', i)",
    "json": "'{{}}'",
    "list": "'[]'",
    "false": "0",
}
CUSTOMER = f"'c' || (i % {CUSTOMERS})"
TRIGGER = "'trigger_' || (i % 12)"
# table -> (share of the events, columns and what stands in them)
ROWS = {
    "events": (1.0, {
        "source": "'bench'", "id": "'e' || i", "type": "'payment_plan.updated'", "time": "{at}",
        "received_at": "{at}", "customer_id": CUSTOMER, "data": "{json}", "hops": "0",
        "history": "{false}", "writes_customer": "{false}", "door": "'bench'", "tries": "0",
        "state": "CASE WHEN i > {n} - 40 THEN 'new' WHEN i % 50000 = 0 THEN 'set_aside'"
        " ELSE 'read' END",
    }),
    "decisions": (0.4, {
        "at": "{at}", "trigger": TRIGGER, "customer_id": CUSTOMER, "key": "'k' || i",
        "verdict": "CASE WHEN i % 4 = 0 THEN 'claimed' WHEN i % 41 = 0 THEN 'held_out'"
        " ELSE 'skipped' END",
        "reason": "CASE WHEN i % 4 = 0 THEN NULL WHEN i % 41 = 0 THEN 'holdout' ELSE 'cap' END",
        "facts": "{list}", "bundle": "'b'",
    }),
    "occurrences": (0.06, {
        "id": "{id}", "trigger": TRIGGER, "customer_id": CUSTOMER, "key": "'k' || i",
        "epoch": "'once'", "state": "'pending'", "start_time": "{at}", "start_source": "'bench'",
        "reason": "CASE WHEN i % 3 = 0 THEN 'quiet' END",
        "start_id": "'e'", "moment": "{later}", "due": "{later}", "expires": "{later}",
        "priority": "i % 3", "category": "'service'", "bundle": "'b'", "created_at": "{at}",
        "updated_at": "{at}",
    }),
    "messages": (0.2, {
        "id": "{id}", "occurrence_id": "{id}", "trigger": TRIGGER, "customer_id": CUSTOMER,
        "key": "'k' || i", "epoch": "'once'", "category": "'service'", "message": "'m'",
        "language": "'he'", "channels": "{list}", "channel": "'sms'", "attempt": "1",
        "state": "CASE WHEN i % 20000 = 0 THEN 'parked' ELSE 'delivered' END",
        "claimed_at": "{at}", "expires": "{later}", "priority": "1", "bundle": "'b'",
        "start_source": "'bench'", "start_id": "'e'", "hops": "0", "updated_at": "{at}",
    }),
    "attempts": (0.2, {
        "message_id": "{id}", "number": "1", "trigger": TRIGGER, "category": "'service'",
        "customer_id": CUSTOMER, "channel": "'sms'", "sender": "'outbox:sms'",
        "address_hash": "'0'", "headers": "{json}", "segments": "1", "state": "'delivered'",
        "lease_owner": "'a'", "claimed_at": "{at}",
    }),
    "handoffs": (0.002, {
        "id": "{id}", "customer_id": CUSTOMER, "trigger": TRIGGER, "queue": "'retention'",
        "why": "'route'", "text": "'call'", "due": "{later}", "created_at": "{at}",
        "state": "CASE WHEN i % 10 = 0 THEN 'open' ELSE 'done' END", "updated_at": "{at}",
    }),
    "inbound": (0.01, {
        "provider": "'twilio'", "provider_ref": "'SM' || i", "channel": "'sms'", "raw": "{json}",
        "address_hash": "'0'", "received_at": "{at}", "state": "'read'",
    }),
    "customers": (CUSTOMERS / EVENTS, {
        "id": "'c' || i", "profile": "{json}", "field_orders": "{json}", "updated_at": "{at}",
    }),
    "receipts": (0.2, {
        "provider": "'twilio'", "message_id": "{id}", "attempt": "1", "status": "'delivered'",
        "raw": "{json}", "received_at": "{at}", "state": "'applied'",
    }),
    "clicks": (0.05, {
        "token": "'t' || i", "message_id": "{id}", "at": "{at}", "by": "'person'",
    }),
    "answers": (0.02, {
        "message_id": "{id}", "trigger": TRIGGER, "customer_id": CUSTOMER, "survey": "'s'",
        "channel": "'sms'", "score": "i % 5", "at": "{at}",
    }),
    "actions": (0.001, {
        "at": "{at}", "by": "'dana'", "action": "'pause'", "target": "{json}", "result": "{json}",
    }),
}  # fmt: skip


def fill(engine: Engine, size: int) -> None:
    """A month of a busy house, whose newest event came now."""
    words = POSTGRES if engine.dialect.name == "postgresql" else SQLITE

    def one(connection: Connection, table: str, share: float, columns: dict[str, str]) -> None:
        known = {"n": str(int(size * share)), "seconds": str(MONTH_SECONDS)}
        told = {name: word.format(**known) for name, word in words.items()}
        given = ", ".join(value.format(**known, **told) for value in columns.values())
        names = ", ".join(f'"{name}"' for name in columns)
        connection.exec_driver_sql(
            f"INSERT INTO {table} ({names}) SELECT {given} FROM {told['series']}".replace("%", "%%")
            if engine.dialect.name == "postgresql"
            else f"INSERT INTO {table} ({names}) SELECT {given} FROM {told['series']}"
        )

    for table, (share, columns) in ROWS.items():
        in_transaction(engine, partial(one, table=table, share=share, columns=columns))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
        if engine.dialect.name == "postgresql":
            # as autovacuum would have, long ago
            connection.execute(text("VACUUM"))


@contextmanager
def served(url: str) -> Iterator[httpx.Client]:
    """The real application on loopback, and somebody who is signed in."""
    heard_on = listening("127.0.0.1", 0)
    address = f"http://127.0.0.1:{heard_on.getsockname()[1]}"
    settings = Settings.model_validate(
        {"database_url": url, "public_url": address, "secret_key": "k" * 32}
    )
    parts = make_parts(settings)
    add_user(parts.engine, "bench", Role.ADMIN, PASSWORD, by="bench")
    apply(parts.engine, CONFIGURATION, "bench")
    server = HttpServer(create_app(parts))
    thread = threading.Thread(target=lambda: server.run(sockets=[heard_on]))
    thread.start()
    with httpx.Client(base_url=address, timeout=120) as client:
        door = client.get("/console/sign-in").text
        [token] = TOKEN.findall(door)
        given = {"form_token": token, "name": "bench", "password": PASSWORD}
        assert client.post("/console/sign-in", data=given).status_code == 303
        yield client
    server.stop()
    thread.join()
    parts.close()


def asked(client: httpx.Client, page: str) -> tuple[list[float], list[float]]:
    """Milliseconds until the answer is there, and those this process computed, client and all.

    The first look, which counts a month, comes first.
    """
    lasted, computed = [], []
    for _ in range(ROUNDS + 1):
        begun, cpu = time.perf_counter(), time.process_time()
        answer = client.get(page)
        lasted.append(1000 * (time.perf_counter() - begun))
        computed.append(1000 * (time.process_time() - cpu))
        assert answer.status_code == 200, answer.text
    return lasted, computed


def measure(client: httpx.Client, pages: Sequence[str]) -> None:
    for page in pages:
        lasted, computed = asked(client, page)
        rest = sorted(lasted[1:])
        print(
            f"  {page:28} first {lasted[0]:7.0f} ms   median {median(rest):6.1f} ms"
            f"   slowest {rest[-1]:6.1f} ms   CPU {median(computed[1:]):5.1f} ms",
            flush=True,
        )


def workload(scale: Scale) -> Iterator[Result]:
    size = scale.of(EVENTS, 20_000)
    with filled(size, sqlite=False) as client:
        found = {page: asked(client, page)[0] for page in PAGES}
    slowest = max(found, key=lambda page: median(found[page][1:]))
    told = f"console, {size:,} events stored: the slowest of {len(PAGES)} pages"
    note = f"`{slowest}`; its first look of the hour took {found[slowest][0]:.0f} ms."
    yield Result("console", told, "ms", found[slowest][1:], at_most(MOST_MS), note=note)
    medians = [median(samples[1:]) for samples in found.values()]
    yield Result("console", "console: medians of all pages", "ms", medians, at_most(MOST_MS))


@contextmanager
def filled(size: int, *, sqlite: bool) -> Iterator[httpx.Client]:
    with database(sqlite) as url:
        engine = make_engine(url)
        begun = time.perf_counter()
        fill(engine, size)
        engine.dispose()
        kind = "SQLite" if sqlite else "PostgreSQL"
        print(f"The console, {kind}, {size:,} events and what follows from them"
              f" (filled in {time.perf_counter() - begun:.0f} s)", flush=True)  # fmt: skip
        with served(url) as client:
            yield client


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--sqlite", action="store_true")
    given = parser.parse_args()
    with filled(given.events, sqlite=given.sqlite) as client:
        measure(client, PAGES)


if __name__ == "__main__":
    main()
