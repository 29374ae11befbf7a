"""Do two versions work side by side, on the newer one's tables, and neither undo the other?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy import Engine

from tests.processes.household import FILES
from tests.worker.ringing import Bells, House, order
from triggers.configuration import bundle_hash
from worker.app import make_app
from worker.settings import Settings
from worker.steps.apply import apply
from worker.store.bundles import activate, keep_bundle
from worker.store.clock import read_now
from worker.store.engine import in_transaction, make_engine, reading
from worker.store.migrations import _config, upgrade
from worker.store.tables import (
    decisions,
    events,
    messages,
    metadata,
    occurrences,
    outbox,
    refused_events,
)
from worker.store.version import is_current
from worker.wiring import make_parts

EARLIER = "0006"
"""The last schema before versions had to share one."""
FUTURE = {**FILES, "config/triggers/late.yaml": "trigger: late\na word of the future: 1\n"}


@pytest.fixture
def bare(bare_database_url: str) -> Iterator[Engine]:
    made = make_engine(bare_database_url)
    yield made
    made.dispose()


@pytest.fixture
def house(bare: Engine, bare_database_url: str) -> Iterator[House]:
    """This version, on a database that the next one has migrated already."""
    upgrade(bare)
    migrate_further(bare)
    app = make_app(
        Settings.model_validate({"database_url": bare_database_url, "secret_key": "tests"})
    )
    import_module("worker.tasks")
    made = make_parts(app.settings, app=app)
    bells = Bells()
    parts = replace(made, ringer=bells)  # type: ignore[arg-type]
    app.parts = parts
    apply(parts.engine, FILES, by="test")
    with app.connection_for_write():
        app.set_current()
        yield House(parts, bells)
    made.close()


def migrate_further(engine: Engine) -> None:
    """What a next migration may do: it adds, and what it adds may be left out."""
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            for column in ("next_word TEXT", "next_count INTEGER NOT NULL DEFAULT 7"):
                connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {column}")
            connection.exec_driver_sql(
                f"CREATE INDEX ix_next_{table.name} ON {table.name}(next_word)"
            )
        connection.exec_driver_sql("CREATE TABLE next_things (id INTEGER PRIMARY KEY)")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")


def a_later_version_applies(engine: Engine) -> None:
    digest = bundle_hash(FUTURE)

    def work(connection: Any) -> None:
        now = read_now(connection)
        keep_bundle(connection, digest, FUTURE, now=now)
        activate(connection, digest, by="a later version", now=now)

    in_transaction(engine, work)


def test_the_whole_way_of_an_event_works_on_the_next_schema(house: House) -> None:
    assert reading(house.parts.engine, is_current)
    house.meet(1)
    house.hear("publish", [order(1), order(2, data={})])
    house.hear("recompute")
    house.hear("evaluate")
    house.hear("claim")
    for bell in ("receive", "sweep", "heartbeat", "stream"):
        house.hear(bell)

    for table in (occurrences, messages, outbox, refused_events):
        assert house.count(table) == 1, table.name
    unread = sa.select(sa.func.count()).where(events.c.state != "read")
    assert reading(house.parts.engine, lambda c: c.scalar(unread)) == 0
    assert house.count(decisions) >= 1
    query = sa.text("SELECT min(next_count), max(next_count) FROM messages")
    assert reading(house.parts.engine, lambda c: tuple(c.execute(query).one())) == (7, 7)


def test_upgrading_leaves_alone_what_a_later_version_migrated(house: House, bare: Engine) -> None:
    upgrade(bare)

    columns = {one["name"] for one in sa.inspect(bare).get_columns("messages")}
    assert "next_count" in columns


def columns_of(engine: Engine) -> dict[tuple[str, str], Any]:
    inspector = sa.inspect(engine)
    return {
        (table, column["name"]): column
        for table in inspector.get_table_names()
        for column in inspector.get_columns(table)
    }


def keys_of(engine: Engine, tables: set[str]) -> set[tuple[str, tuple[str, ...]]]:
    inspector = sa.inspect(engine)
    unique = {
        (table, tuple(one["column_names"]))
        for table in tables
        for one in [*inspector.get_unique_constraints(table), *inspector.get_indexes(table)]
        if one.get("unique", True)
    }
    primary = {
        (table, tuple(inspector.get_pk_constraint(table)["constrained_columns"]))
        for table in tables
    }
    return unique | primary


def test_what_the_version_before_writes_and_reads_is_still_there_for_it(bare: Engine) -> None:
    """Every later migration adds; what it adds has a default; what stood keeps name and type."""
    with bare.begin() as connection:
        command.upgrade(_config(connection), EARLIER)
    before = columns_of(bare)
    tables = {table for table, _ in before}
    keys = keys_of(bare, tables)

    upgrade(bare)
    after = columns_of(bare)

    assert before.keys() <= after.keys()
    for name, column in before.items():
        assert str(after[name]["type"]) == str(column["type"]), name
        assert after[name]["nullable"] >= column["nullable"], f"{name} may no longer be left out"
    for name in after.keys() - before.keys():
        if name[0] in tables:
            left_out = after[name]["nullable"] or after[name]["default"] is not None
            assert left_out, f"{name}: the version before does not write it"
    for table, columns in keys_of(bare, tables) - keys:
        wider = any(of == table and set(key) <= set(columns) for of, key in keys)
        assert wider, f"a new unique key of {table} would refuse what it writes"


def test_while_a_later_version_s_configuration_is_in_force_an_older_worker_decides_nothing(
    house: House,
) -> None:
    house.meet(1)
    house.hear("publish", [order(1)])
    house.hear("evaluate")
    house.hear("publish", [order(2)])
    a_later_version_applies(house.parts.engine)
    house.parts.following.look_again(mistake=None)

    for bell in ("evaluate", "claim", "recompute", "receive", "sweep", "stream"):
        assert house.hear(bell) == []
    assert house.count(messages) == 0
    unread = sa.select(sa.func.count()).where(events.c.state == "new")
    assert reading(house.parts.engine, lambda c: c.scalar(unread)) == 1
    assert "a word of the future" in (house.parts.configuration_mistake or "")

    apply(house.parts.engine, FILES, by="test")
    house.parts.following.look_again(mistake=None)
    house.hear("evaluate")
    house.hear("claim")
    assert house.count(messages) >= 1


STATES = [
    (events, {"state": "of_the_future"}),
    (occurrences, {"state": "of_the_future", "reason": "of_the_future"}),
    (messages, {"state": "of_the_future", "why": "of_the_future"}),
]


@pytest.mark.parametrize(("table", "values"), STATES, ids=[one.name for one, _ in STATES])
def test_a_row_in_a_state_of_a_later_version_is_left_to_it(
    house: House, table: sa.Table, values: dict[str, str]
) -> None:
    house.meet(1)
    house.meet(2)
    house.hear("publish", [order(1)])
    for bell in ("evaluate", "claim"):
        house.hear(bell)
    in_transaction(house.parts.engine, lambda c: c.execute(table.update().values(**values)))
    left = reading(house.parts.engine, lambda c: c.execute(sa.select(table)).all())

    house.hear("publish", [order(2), order(1, id="again", data={"order": "o1"})])
    for bell in ("evaluate", "claim", "receive", "sweep", "recompute"):
        house.hear(bell)

    sent = sa.select(sa.func.count()).select_from(outbox)
    assert reading(house.parts.engine, lambda c: c.scalar(sent)) == 2
    now = reading(house.parts.engine, lambda c: c.execute(sa.select(table)).all())
    assert set(map(str, left)) <= set(map(str, now))
