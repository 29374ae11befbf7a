"""Do several publishers and workers at once, in any order, come to what one alone would?"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event as Flag
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete
from sqlalchemy import event as hooks
from sqlalchemy.exc import OperationalError

from tests.worker.repeats import Repeats
from tests.worker.small_world import (
    HASHER,
    NOON,
    configuration,
    event,
    incoming,
    publish,
    read_all,
    rows,
)
from triggers.events import Event
from worker.steps.evaluate import evaluate
from worker.store.engine import in_transaction, make_engine
from worker.store.tables import (
    customers,
    decisions,
    event_ids,
    events,
    facts,
    metadata,
    occurrences,
)

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
Standing = dict[tuple[str, str, str, str], tuple[str, datetime]]

# One customer's story: a cart that is paid and one that is not, a date that moves and is
# cancelled, a count that is reached twice with a reset between.
STORY: list[tuple[str, dict[str, Any]]] = [
    ("cart.left", {"cart": "k1"}),
    ("check.used", {"account": "a", "number": 1}),
    ("cart.left", {"cart": "k2"}),
    ("plan.changed", {"plan": "p", "ends": "2026-12-01"}),
    ("cart.paid", {"cart": "k1"}),
    ("check.used", {"account": "a", "number": 2}),
    ("plan.changed", {"plan": "p", "ends": "2026-12-15"}),
    ("check.used", {"account": "a", "number": 2}),
    ("book.ordered", {"account": "b"}),
    ("plan.changed", {"plan": "q", "ends": "2026-12-20"}),
    ("check.used", {"account": "a", "number": 3}),
    ("plan.cancelled", {"plan": "q"}),
    ("cart.left", {"cart": "k1"}),
    ("check.used", {"account": "b", "number": 1}),
]


def story(customer: str) -> list[Event]:
    return [
        event(type_, f"{customer}-{n}", customer=customer, after=n * MINUTE, **data)
        for n, (type_, data) in enumerate(STORY)
    ]


def standing(engine: Engine) -> Standing:
    """What waits and what was called off, whenever and however it came to it."""
    found = rows(engine, occurrences, "id")
    return {(r.customer_id, r.trigger, r.key, r.epoch): (r.state, r.moment) for r in found}


def empty(engine: Engine) -> None:
    def delete_all(connection: Any) -> None:
        for table in (event_ids, events, facts, occurrences, decisions, customers):
            connection.execute(delete(table))

    in_transaction(engine, delete_all)


def in_order(engine: Engine, told: Sequence[Event]) -> Standing:
    """What one publisher and one worker come to, reading after each event."""
    empty(engine)
    for one in told:
        publish(engine, [incoming(one)])
        read_all(engine, configuration())
    return standing(engine)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(chance=st.randoms(use_true_random=False), size=st.integers(1, 20))
def test_shuffled_and_doubled_events_come_to_the_same(
    engine: Engine, chance: random.Random, size: int
) -> None:
    told = story("c1")
    expected = {
        key: found for key, found in in_order(engine, told).items() if found[0] == "pending"
    }
    mixed = told + chance.sample(told, k=5)
    chance.shuffle(mixed)

    empty(engine)
    for start in range(0, len(mixed), size):
        publish(engine, [incoming(one) for one in mixed[start : start + size]])
        read_all(engine, configuration(), limit=chance.randint(1, 8))

    found = standing(engine)
    assert {key: one for key, one in found.items() if one[0] == "pending"} == expected
    assert {state for state, _ in found.values()} <= {"pending", "called_off"}


def _published(url: str, batches: Sequence[Sequence[Event]]) -> int:
    engine = make_engine(url)
    try:
        outcomes = [publish(engine, [incoming(one) for one in batch])[0] for batch in batches]
    finally:
        engine.dispose()
    return sum(outcome.accepted for outcome in outcomes)  # type: ignore[union-attr]


def _evaluated(url: str, ended: Flag) -> int:
    engine = make_engine(url)
    read = 0
    try:
        while True:
            last = ended.is_set()
            report = evaluate(engine, configuration(), HASHER, now=NOON + DAY, limit=20)
            read += report.read
            assert report.set_aside == 0
            if last and not report.read:
                return read
    finally:
        engine.dispose()


@pytest.fixture
def told() -> list[Event]:
    return [one for number in range(12) for one in story(f"c{number}")]


@pytest.fixture
def alone(tmp_path: Path, told: list[Event]) -> Iterator[Standing]:
    """What one publisher and one worker would have come to."""
    engine = make_engine(f"sqlite:///{tmp_path / 'alone.db'}")
    metadata.create_all(engine)
    publish(engine, [incoming(one) for one in told])
    read_all(engine, configuration())
    yield standing(engine)
    engine.dispose()


def test_two_publishers_and_two_workers_lose_nothing_and_do_nothing_twice(
    postgres_database_url: str, told: list[Event], alone: Standing
) -> None:
    chance = random.Random(7)
    ended = Flag()
    repeats = Repeats()
    mixed = [chance.sample(told, k=len(told)) for _ in range(2)]
    batches = [[one[start : start + 15] for start in range(0, len(told), 15)] for one in mixed]

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(_evaluated, postgres_database_url, ended) for _ in range(2)]
        accepted = sum(pool.map(_published, [postgres_database_url] * 2, batches))
        ended.set()
        results = [reader.result() for reader in readers]

    engine = make_engine(postgres_database_url)
    try:
        assert accepted == len(told) == sum(results)
        assert repeats.by_cause() == {}
        assert {row.state for row in rows(engine, events)} == {"read"}
        pending = {key: one for key, one in standing(engine).items() if one[0] == "pending"}
        assert pending == {key: one for key, one in alone.items() if one[0] == "pending"}
        started = [(r.customer_id, r.trigger, r.key, r.epoch) for r in rows(engine, occurrences)]
        assert len(started) == len(set(started))
    finally:
        engine.dispose()


def test_a_worker_passes_by_customers_that_another_holds(postgres_database_url: str) -> None:
    mine, yours = make_engine(postgres_database_url), make_engine(postgres_database_url)
    publish(mine, [incoming(one) for name in ("a", "b") for one in story(name)])
    evaluate(mine, configuration(), HASHER, now=NOON, limit=1)

    with yours.begin() as connection:
        held = customers.select().where(customers.c.id == "a").with_for_update()
        connection.execute(held)
        while evaluate(mine, configuration(), HASHER, now=NOON).read:
            pass
        unread = {row.customer_id for row in rows(mine, events) if row.state == "new"}

    assert unread == {"a"}
    read_all(mine, configuration())
    assert {row.state for row in rows(mine, events)} == {"read"}
    mine.dispose()
    yours.dispose()


def test_who_finds_the_oldest_held_fills_its_batch_with_what_comes_after(
    postgres_database_url: str,
) -> None:
    mine, yours = make_engine(postgres_database_url), make_engine(postgres_database_url)
    told = [*story("a")[:5], *story("b")[:5]]
    publish(mine, *([incoming(one)] for one in (told[0], told[5])))
    read_all(mine, configuration())
    publish(mine, *([incoming(one)] for one in (*told[1:4], *told[6:])))

    with yours.begin() as connection:
        connection.execute(customers.select().where(customers.c.id == "a").with_for_update())
        report = evaluate(mine, configuration(), HASHER, now=NOON, limit=4)

    assert report.read == 4
    assert {row.customer_id for row in rows(mine, events) if row.state == "new"} == {"a"}
    mine.dispose()
    yours.dispose()


def test_what_another_has_read_since_it_was_seen_is_not_read_again(
    postgres_database_url: str,
) -> None:
    mine, yours = make_engine(postgres_database_url), make_engine(postgres_database_url)
    told = story("a")
    publish(mine, [incoming(told[0])])
    read_all(mine, configuration())
    publish(mine, *([incoming(one)] for one in told[1:]))
    meanwhile: list[int] = []

    def read_them_first(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "FOR UPDATE" in statement and not meanwhile:
            meanwhile.append(evaluate(yours, configuration(), HASHER, now=NOON).read)

    hooks.listen(mine, "before_cursor_execute", read_them_first)
    report = evaluate(mine, configuration(), HASHER, now=NOON)

    assert (meanwhile, report.read) == ([len(told) - 1], 0)
    mine.dispose()
    yours.dispose()


def test_a_deadlock_is_done_again(postgres_database_url: str) -> None:
    engine = make_engine(postgres_database_url)
    tried = []

    def work(connection: Any) -> str:
        tried.append(1)
        if len(tried) < 3:
            connection.exec_driver_sql(
                "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40P01'; END $$"
            )
        return "done"

    assert in_transaction(engine, work) == "done"
    assert len(tried) == 3
    engine.dispose()


def test_what_fails_for_another_reason_is_not_done_again(postgres_database_url: str) -> None:
    engine = make_engine(postgres_database_url)
    tried = []

    def work(connection: Any) -> None:
        tried.append(1)
        connection.exec_driver_sql(
            "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '53100'; END $$"
        )

    with pytest.raises(OperationalError):
        in_transaction(engine, work)
    assert len(tried) == 1
    engine.dispose()
