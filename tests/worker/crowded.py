"""A PostgreSQL that has been busy for a year: so many rows that a plan shows what growth will cost.

They are made by the database itself, by the columns of bench/console.py and those below.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from bench.console import POSTGRES, ROWS
from worker.store import partitions
from worker.store.clock import read_now
from worker.store.engine import in_transaction

EVENTS = 200_000
MONTHS = 13
YEAR_SECONDS = 380 * 86_400

HASH = "md5(i::text)"
MORE = {
    "customers": (1.5, {
        "id": "'d' || i", "profile": "{json}", "field_orders": "{json}", "updated_at": "{at}",
        "phone": "'+9725' || lpad(i::text, 8, '0')",
    }),
    "facts": (1.0, {
        "customer_id": "'c' || (i % 40000)", "path": "'event.data.cart'", "key": "'k' || i",
        "type": "'cart.left'", "time": "{at}", "source": "'bench'", "id": "'e' || i",
        "received_at": "{at}", "data": "{json}", "hops": "0", "history": "{false}",
    }),
    "event_ids": (1.0, {
        "source": "'bench'", "id": "'e' || i", "hash": HASH, "received_at": "{at}",
    }),
    "spent": (0.3, {
        "key_hash": HASH, "epoch_hash": HASH, "trigger": "'trigger_1'", "start_time": "{at}",
        "spent_at": "{at}",
    }),
    "occurrences": (0.3, {
        "id": "'f' || substr(md5(i::text), 2)", "trigger": "'trigger_' || (i % 12)",
        "customer_id": "'c' || (i % 40000)", "key": "'s' || i", "epoch": "'once'",
        "state": "'messaged'", "start_time": "{at}", "start_source": "'bench'",
        "start_id": "'e' || i", "moment": "{at}", "due": "{at}", "expires": "{at}",
        "priority": "1", "category": "'service'", "bundle": "'b'", "created_at": "{at}",
        "updated_at": "{at}",
    }),
    "suppressions": (1.0, {
        "address_hash": HASH, "channel": "'sms'", "category": "'*'", "source": "'reply'",
        "at": "{at}",
    }),
    "refusals": (1.0, {
        "address_hash": HASH, "channel": "'sms'", "category": "'*'", "said": "'stop'",
        "source": "'reply'", "proof": "{json}", "at": "{at}",
    }),
    "address_marks": (1.0, {
        "address_hash": HASH, "channel": "'sms'", "reason": "'dead'", "at": "{at}",
    }),
    "customer_history": (0.2, {
        "customer_id": "'c' || (i % 40000)", "at": "{at}", "source": "'bench'",
        "event_id": "'e' || i", "changes": "{json}",
    }),
    "links": (0.1, {
        "token": HASH, "message_id": "{id}", "name": "'pay'", "url": "'https://bank.example/'",
        "created_at": "{at}", "expires_at": "{later}",
    }),
    "outbox": (0.1, {
        "message_id": "{id}", "attempt": "1", "channel": "'sms'", "address": "'+972500000000'",
        "text": "'hello'", "at": "{at}",
    }),
    "callbacks": (0.1, {
        "id": HASH, "subscription": "'crm'", "type": "'outreach.sent'", "body": "{json}",
        "state": "'done'", "tries": "1", "due": "{at}", "created_at": "{at}", "updated_at": "{at}",
    }),
    "refused_events": (0.05, {
        "door": "'http'", "received_at": "{at}", "raw": "'x'", "raw_hash": HASH,
        "reasons": "{list}", "state": "'dismissed'",
    }),
}  # fmt: skip


def crowd(engine: Engine) -> None:
    """A year and more of parts, rows in all of them, and what autovacuum would have looked up."""
    now = in_transaction(engine, read_now)
    for month in range(MONTHS, -1, -1):
        in_transaction(engine, partial(partitions.make_ahead, now=_ago(now, month)))
    for tables in (ROWS, MORE):
        for table, (share, columns) in tables.items():
            in_transaction(engine, partial(_fill, table=table, share=share, columns=columns))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))
        # as any disk without moving parts wants it (docs/operations.md); for connections to come
        name = engine.url.database
        connection.execute(sa.text(f"ALTER DATABASE {name} SET random_page_cost = 1.1"))
    engine.dispose()


def settled(engine: Engine, number: int) -> None:
    """So many rows in each table, none of which waits, and what autovacuum would have looked up."""
    done = {"events": "'read'", "messages": "'delivered'", "handoffs": "'done'"}
    for table, (_, columns) in {**ROWS, **MORE}.items():
        states = {"state": done[table]} if table in done else {}
        share = number / EVENTS
        work = partial(_fill, table=table, share=share, columns=columns | states)
        in_transaction(engine, work)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("ANALYZE"))


def _ago(now: datetime, months: int) -> datetime:
    return now - timedelta(days=30 * months)


def _fill(connection: Connection, table: str, share: float, columns: dict[str, str]) -> None:
    if "address_hash" in columns:
        columns = columns | {"address_hash": HASH}
    known = {"n": str(int(EVENTS * share)), "seconds": str(YEAR_SECONDS)}
    told = {name: word.format(**known) for name, word in POSTGRES.items()}
    given = ", ".join(value.format(**known, **told) for value in columns.values())
    names = ", ".join(f'"{name}"' for name in columns)
    made = f"INSERT INTO {table} ({names}) SELECT {given} FROM {told['series']}"
    connection.exec_driver_sql(made.replace("%", "%%"))
