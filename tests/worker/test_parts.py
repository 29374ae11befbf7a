"""Do PostgreSQL's parts come ahead of their month, and go when all in them is old?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Thread
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy import Connection, Engine, text

from tests.worker.parting import drop_months
from tests.worker.small_world import NOON
from triggers.keeping import Retention
from worker.steps.forget import forget
from worker.store import partitions
from worker.store.clock import read_now
from worker.store.engine import in_transaction, make_engine, reading
from worker.store.migrations import _config, upgrade
from worker.store.tables import decisions, events, facts

DAY = timedelta(days=1)
BEFORE = "0016"
"""The last schema in which every table was one."""

EVENT = {"source": "shop", "type": "cart.left", "time": NOON, "customer_id": "c1", "data": {},
         "hops": 0, "history": False, "writes_customer": False, "door": "http", "state": "read",
         "tries": 0}  # fmt: skip
DECISION = {"trigger": "t", "customer_id": "c1", "key": "k", "verdict": "noted", "facts": [],
            "bundle": "b"}  # fmt: skip
FACT = {"customer_id": "c1", "path": "event.data.cart", "key": "k", "type": "cart.left",
        "time": NOON, "source": "shop", "received_at": NOON, "data": {"n": 1}, "hops": 0,
        "history": False}  # fmt: skip


@pytest.fixture
def bare(bare_postgres_url: str) -> Iterator[Engine]:
    made = make_engine(bare_postgres_url)
    yield made
    made.dispose()


@pytest.fixture
def whole(bare: Engine) -> Engine:
    """A database of the version before, with rows in it."""
    with bare.begin() as connection:
        command.upgrade(_config(connection), BEFORE)
    in_transaction(bare, _fill)
    return bare


def _fill(connection: Connection) -> None:
    for number in range(200):
        at = NOON - number * DAY
        row = EVENT | {"id": f"e{number}", "received_at": at}
        connection.execute(sa.insert(events).values(row))
        connection.execute(sa.insert(decisions).values(DECISION | {"at": at}))
        mine = FACT | {"customer_id": f"c{number}", "id": f"e{number}"}
        connection.execute(sa.insert(facts).values(mine))


def heard(engine: Engine, at: datetime, **more: Any) -> str:
    """The part in which an event is that came then."""
    row = EVENT | {"id": f"{at:%Y%m%d}", "received_at": at, **more}

    def work(connection: Connection) -> str:
        seq = connection.execute(sa.insert(events).values(row).returning(events.c.seq)).scalar()
        where = text("SELECT CAST(CAST(tableoid AS regclass) AS text) FROM events WHERE seq = :seq")
        return str(connection.execute(where, {"seq": seq}).scalar_one())

    return in_transaction(engine, work)


def names(engine: Engine, table: sa.Table = events) -> list[str]:
    return sorted(one.name for one in reading(engine, partial(partitions.parts_of, table=table)))


def contents(engine: Engine) -> list[list[Any]]:
    """Every row of the three tables."""
    asked = [sa.select(one).order_by(*one.primary_key) for one in (events, decisions, facts)]
    return reading(engine, lambda c: [list(map(tuple, c.execute(query))) for query in asked])


def test_a_filled_database_keeps_its_rows_and_gets_parts_for_the_months_ahead(
    whole: Engine,
) -> None:
    before = contents(whole)

    upgrade(whole)

    assert contents(whole) == before
    now = in_transaction(whole, read_now)
    for table in (events, decisions):
        first, *ahead = reading(whole, partial(partitions.parts_of, table=table))
        assert (first.name, first.since, first.until > now) == (f"{table.name}_before", None, True)
        assert len(ahead) == partitions.AHEAD
        assert not reading(whole, partial(partitions.left_over, table=table))
    spread = text("SELECT COUNT(DISTINCT tableoid) FROM facts")
    assert reading(whole, lambda c: c.scalar(spread)) == 8


def test_the_version_before_writes_and_reads_the_new_tables_by_its_own_statements(
    whole: Engine,
) -> None:
    """Numbers go on where they were, a key that is named in ON CONFLICT is there, and seq finds."""
    upgrade(whole)

    def work(connection: Connection) -> tuple[Any, ...]:
        row = EVENT | {"id": "new", "received_at": NOON, "state": "new"}
        seq = connection.scalar(sa.insert(events).values(row).returning(events.c.seq))
        again = (
            "INSERT INTO facts SELECT * FROM facts WHERE customer_id = 'c7'"
            " ON CONFLICT (customer_id, path, key, type, time, source, id) DO NOTHING"
        )
        twice = connection.exec_driver_sql(again).rowcount
        read = sa.update(events).where(events.c.seq == seq, events.c.state == "new")
        return seq, twice, connection.execute(read.values(state="read")).rowcount

    assert in_transaction(whole, work) == (201, 0, 1)


def test_indexes_that_were_prepared_are_taken(whole: Engine) -> None:
    def prepare(connection: Connection) -> int:
        connection.exec_driver_sql(
            "CREATE UNIQUE INDEX pk_events_before ON events (seq, received_at)"
        )
        return connection.scalar(text("SELECT CAST('pk_events_before' AS regclass)::oid")) or 0

    prepared = in_transaction(whole, prepare)

    upgrade(whole)

    key = text("SELECT conindid FROM pg_constraint WHERE conname = 'pk_events_before'")
    assert reading(whole, lambda c: c.scalar(key)) == prepared


def test_back_to_one_table_no_row_is_lost(whole: Engine) -> None:
    before = contents(whole)
    upgrade(whole)

    with whole.begin() as connection:
        command.downgrade(_config(connection), BEFORE)
    assert contents(whole) == before

    upgrade(whole)
    assert contents(whole) == before


def test_each_month_has_its_part_before_it_begins(bare: Engine) -> None:
    upgrade(bare)
    now = in_transaction(bare, read_now)
    there = names(bare)

    assert in_transaction(bare, lambda c: partitions.make_ahead(c, now)) == []
    made = in_transaction(bare, lambda c: partitions.make_ahead(c, now + 62 * DAY))

    assert 2 <= len([one for one in made if one.startswith("events_")]) <= 3
    assert set(names(bare)) == {*there, *(one for one in made if one.startswith("events_"))}
    assert heard(bare, now + 62 * DAY) == f"events_{now + 62 * DAY:%Y_%m}"


def test_what_came_for_a_month_without_a_part_is_kept_and_moved_into_it(
    postgres_database_url: str,
) -> None:
    engine = make_engine(postgres_database_url)
    # a test before this one may have looked ahead from another day
    drop_months(engine)
    assert heard(engine, NOON) == "events_default"
    assert reading(engine, lambda c: partitions.left_over(c, events))
    before = contents(engine)

    made = in_transaction(engine, lambda c: partitions.make_ahead(c, NOON))

    assert f"events_{NOON:%Y_%m}" in made
    assert contents(engine) == before
    assert not reading(engine, lambda c: partitions.left_over(c, events))
    drop_months(engine)
    engine.dispose()


@pytest.fixture
def months(postgres_database_url: str) -> Iterator[Engine]:
    """Events and decisions in four parts, from November on."""
    made = make_engine(postgres_database_url)
    in_transaction(made, lambda c: partitions.make_ahead(c, NOON))
    for number in range(4):
        heard(made, NOON + number * 30 * DAY)
    yield made
    drop_months(made)
    made.dispose()


def november(engine: Engine) -> bool:
    return f"events_{NOON:%Y_%m}" in names(engine)


def test_a_part_goes_whole_once_all_of_it_is_old(months: Engine) -> None:
    """November ends four weeks after noon of its second: until then pages take what is old."""
    ages = Retention(events=60 * DAY)

    assert forget(months, ages, now=NOON + 61 * DAY) == {"events": 1}
    assert november(months)
    assert forget(months, ages, now=NOON + 120 * DAY) == {"events": 1}
    assert not november(months)
    assert len(contents(months)[0]) == 2


@pytest.mark.parametrize("state", ["new", "set_aside"])
def test_what_nobody_has_read_keeps_its_part(months: Engine, state: str) -> None:
    heard(months, NOON + DAY, state=state)

    gone = forget(months, Retention(events=60 * DAY), now=NOON + 120 * DAY)

    assert november(months)
    assert gone == {"events": 2}
    assert state in {row[events.c.keys().index("state")] for row in contents(months)[0]}


def test_a_part_that_somebody_reads_is_left_until_another_night(months: Engine) -> None:
    """Who waits for its lock would have everybody else wait behind him."""
    with months.begin() as reader:
        reader.execute(sa.select(events)).all()
        gone = forget(months, Retention(events=60 * DAY), now=NOON + 120 * DAY)
    assert november(months)
    assert gone == {"events": 2}, "its rows go all the same"

    forget(months, Retention(events=60 * DAY), now=NOON + 150 * DAY)
    assert not november(months)


def test_an_event_may_come_in_while_a_part_is_made(months: Engine) -> None:
    with months.begin() as publisher:
        row = EVENT | {"id": "meanwhile", "received_at": NOON}
        publisher.execute(sa.insert(events).values(row))
        maker = Thread(
            target=in_transaction,
            args=(months, lambda c: partitions.make_ahead(c, NOON + 40 * DAY)),
        )
        maker.start()
        maker.join(20)
        assert not maker.is_alive(), "it waits for whoever publishes"

    assert "events_2027_03" in names(months)


def test_the_nightly_tick_makes_what_is_lacking_even_where_nothing_is_forgotten(
    months: Engine,
) -> None:
    forget(months, Retention(), now=NOON + 62 * DAY)

    lacking = reading(months, lambda c: partitions.lacking(c, events, NOON + 62 * DAY))
    assert lacking == []


def test_a_december_is_followed_by_a_january() -> None:
    now = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)

    assert [f"{one:%Y-%m}" for one in partitions.months(now)] == [
        "2026-12", "2027-01", "2027-02", "2027-03",
    ]  # fmt: skip


def settings_of(engine: Engine) -> dict[str, str]:
    query = text(
        "SELECT relname, array_to_string(reloptions, ', ') FROM pg_class"
        " WHERE relkind = 'r' AND reloptions IS NOT NULL"
    )
    return dict(reading(engine, lambda c: [tuple(row) for row in c.execute(query)]))


def test_what_is_written_often_is_vacuumed_often_and_every_part_of_it(bare: Engine) -> None:
    upgrade(bare)
    now = in_transaction(bare, read_now)
    in_transaction(bare, lambda c: partitions.make_ahead(c, now + 62 * DAY))

    found = settings_of(bare)

    parts = reading(bare, partitions.all_parts)
    assert parts <= found.keys()
    assert {
        "occurrences", "messages", "attempts", "receipts", "callbacks", "customers", "event_ids",
        "spent", "folds", "tallies", "throttles", "workers",
    } <= found.keys()  # fmt: skip
    for name in ("occurrences", "messages", "events_before", f"events_{now + 62 * DAY:%Y_%m}"):
        assert "autovacuum_vacuum_scale_factor=0.02" in found[name], name
    for name in ("tallies", "throttles", "workers"):
        assert "fillfactor=50" in found[name], name
