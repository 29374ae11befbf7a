"""What does a claim cost that has a long past: of payments, of messages, of what waits?

The sums are as exact as the rows they stand for, and no statement of a claim reads the past.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from tests.worker.sending import HOUR, MINUTE, POLICY, Post, rules, trigger
from tests.worker.small_world import NOON, rows
from tests.worker.test_fuse import people
from worker.lifecycle import CERTAINLY_NOT_SENT, AttemptState
from worker.steps.calm import COUNTED_AGAIN, Calm, Fuse
from worker.store import claims, payments, spending
from worker.store.clock import read_now
from worker.store.engine import in_transaction, make_engine
from worker.store.tables import attempts

DAY = timedelta(days=1)
STATES = (AttemptState.ACCEPTED, AttemptState.SENDING, AttemptState.REFUSED)
MANY = 20_000
PAST = f"""
INSERT INTO attempts (message_id, number, "trigger", category, customer_id, channel, sender,
    address_hash, headers, segments, state, lease_owner, claimed_at, cost, summed)
SELECT md5(n::text), 1, 'hi' || mod(n, 10), 'service', 'c' || n, 'sms', 'twilio:BANK',
    md5('a' || n::text), '{{}}', 1, 'accepted', '', now() - n * interval '86400 s' / {MANY}, 0.04,
    true
FROM generate_series(1, {MANY}) AS n
"""
SENT = f"""
INSERT INTO messages (id, occurrence_id, "trigger", customer_id, key, epoch, category, message,
    language, channels, channel, state, attempt, claimed_at, expires, priority, bundle,
    start_source, start_id, hops, updated_at)
SELECT md5(n::text), md5('o' || n::text), 'hi', 'c' || n, '', '', 'service', 'hello', 'en',
    '["sms"]', 'sms', 'accepted', 1, now() - n * interval '3600 s' / {MANY}, now(), 0, '',
    '', '', 0, now()
FROM generate_series(1, {MANY}) AS n
"""
WAITING = f"""
INSERT INTO occurrences (id, "trigger", customer_id, key, epoch, state, start_time, start_source,
    start_id, moment, due, expires, priority, category, bundle, created_at, updated_at)
SELECT md5(n::text), 'hi', 'c' || n, '', n::text, 'pending', now(), '', '', now(),
    now() + (n - 1000) * interval '1 s', now(), mod(n, 3), 'service', '', now(), now()
FROM generate_series(1, {MANY}) AS n
"""


def paid(connection: Connection, number: int, at: datetime, **changed: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "message_id": f"{number:032}", "number": 1, "trigger": f"t{number % 3}",
        "category": "service", "customer_id": "c", "channel": "sms", "sender": f"s{number % 2}",
        "address_hash": "", "headers": {}, "segments": 1, "state": AttemptState.ACCEPTED,
        "lease_owner": "", "claimed_at": at, "cost": 0.1 + number / 1_000_000, "summed": True,
        **changed,
    }  # fmt: skip
    connection.execute(attempts.insert().values(**row))
    if row["summed"] and row["state"] not in CERTAINLY_NOT_SENT:
        payments.pay(connection, row["trigger"], at, row["cost"])
    return row


def test_what_the_hours_and_the_minutes_add_up_to_is_what_was_paid(engine: Engine) -> None:
    chance = Random(7)
    moments = [NOON - DAY, NOON - DAY + MINUTE, NOON - HOUR, NOON]
    moments += [NOON - chance.random() * 2 * DAY for _ in range(150)]

    def work(connection: Connection) -> list[dict[str, Any]]:
        return [
            paid(
                connection, number, at, state=chance.choice(STATES),
                summed=chance.choice([True, True, None]),
            )
            for number, at in enumerate(moments)
        ]  # fmt: skip

    made = in_transaction(engine, work)

    for per in (DAY, DAY - MINUTE / 2, HOUR, 30 * MINUTE, timedelta(seconds=30)):
        wanted: Counter[str] = Counter()
        for row in made:
            if row["claimed_at"] > NOON - per and row["state"] not in CERTAINLY_NOT_SENT:
                wanted[row["trigger"]] += round(row["cost"] * 1_000_000)
        found = in_transaction(engine, partial(spending.read_spent, since=NOON - per, now=NOON))
        assert {name: int(one * 1_000_000) for name, one in found.items()} == dict(wanted)


def test_the_payments_that_leave_first_are_those_of_all_that_are_asked_for(engine: Engine) -> None:
    def work(connection: Connection) -> list[spending.Payment]:
        for number in range(9):
            paid(connection, number, NOON - number * MINUTE, cost=0.04)
        asked = ["t0", "t1", "nobody"]
        since = NOON - 6 * MINUTE
        return list(spending.read_oldest(connection, since, triggers=asked, most=3))

    first = in_transaction(engine, work)

    assert [(NOON - one.at) // MINUTE for one in first] == [4, 3, 1]
    assert {one.amount for one in first} == {Decimal("0.04")}


def test_minutes_are_forgotten_and_a_window_that_is_older_is_as_exact(engine: Engine) -> None:
    now, per = NOON + payments.MINUTES_KEPT + 2 * HOUR, payments.MINUTES_KEPT + HOUR + 90 * MINUTE

    def work(connection: Connection) -> dict[str, Decimal]:
        for number in range(3):
            paid(connection, 3 * number, NOON - number * 20 * MINUTE, cost=0.04)
        payments.write(connection)
        payments.forget_minutes(connection, now)
        return spending.read_spent(connection, now - per, now=now)

    assert in_transaction(engine, work) == {"t0": Decimal("0.08")}


@pytest.mark.parametrize("limit", [50, 1])
def test_a_fuse_that_is_far_is_not_counted_and_holds_as_soon_as_it_is_near(
    engine: Engine, limit: int
) -> None:
    configuration = rules(trigger(), policy=POLICY + "fuse: {trigger: 5 per 1h}\n")
    workers = [Post(engine, configuration, calm=Calm()) for _ in range(2)]
    people(workers[0], 8)

    for _ in range(8):
        for worker in workers:
            worker.claim(limit=limit)

    sent = rows(engine, attempts)
    assert len(sent) == 5


def test_what_was_claimed_since_is_added_and_counted_again_after_a_while(engine: Engine) -> None:
    post, calm = Post(engine, rules()), Calm()
    fuse = Fuse("hi", most=10, per=HOUR, batch=3)

    def is_calm(now: datetime = NOON) -> bool:
        return in_transaction(engine, lambda c: bool(calm.among(c, [fuse], now=now)))

    assert is_calm()
    people(post, 7)
    post.claim()
    assert is_calm()
    people(post, 1)
    post.claim()
    assert not is_calm()
    assert is_calm(NOON + HOUR + COUNTED_AGAIN)


@pytest.fixture
def past(postgres_database_url: str) -> Iterator[Engine]:
    """PostgreSQL with a day behind it, and statistics that know of it."""
    engine = make_engine(postgres_database_url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in (PAST, SENT, WAITING, "ANALYZE attempts, messages, occurrences"):
            connection.exec_driver_sql(statement)
    yield engine
    engine.dispose()


def rows_read(engine: Engine, table: str, work: Callable[[Connection], object]) -> int:
    """How many rows of the table PostgreSQL had to look at for this."""
    seen = text(
        "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = :table"
    )

    def count(connection: Connection) -> int:
        # of what came before, some may not be told yet
        before = connection.execute(seen, {"table": table}).scalar() or 0
        work(connection)
        return int(connection.execute(seen, {"table": table}).scalar_one() - before)

    return in_transaction(engine, count)


def test_no_claim_reads_its_past(past: Engine) -> None:
    now = in_transaction(past, read_now)
    day, triggers = now - DAY, [f"hi{n}" for n in range(10)]
    calm, fuse = Calm(), Fuse("hi", most=2 * MANY, per=HOUR, batch=64)

    found = {
        "spent": rows_read(past, "attempts", lambda c: spending.read_spent(c, day, now=now)),
        "first": rows_read(
            past, "attempts", lambda c: spending.read_oldest(c, day, triggers=triggers, most=50)
        ),
        "due": rows_read(past, "occurrences", lambda c: claims.read_candidates(c, now, 128)),
        "counted": rows_read(past, "messages", lambda c: calm.among(c, [fuse], now=now)),
        "remembered": rows_read(past, "messages", lambda c: calm.among(c, [fuse], now=now)),
    }

    minute = MANY // 1440 + 1
    assert found["spent"] <= 3 * minute
    assert found["first"] <= len(triggers) * 60
    assert found["due"] <= 3 * 128
    assert found["counted"] >= MANY // 2
    assert found["remembered"] == 0
