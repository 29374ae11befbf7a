"""Do the migrations make exactly the tables that the code is held against?"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from worker.store.engine import make_engine
from worker.store.migrations import upgrade
from worker.store.partitions import all_parts
from worker.store.tables import metadata
from worker.store.version import MIGRATIONS, is_current, known


@pytest.fixture
def bare(bare_database_url: str) -> Iterator[Engine]:
    made = make_engine(bare_database_url)
    yield made
    made.dispose()


def differences(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        parts = all_parts(connection)

        def ours(_thing: Any, name: str | None, kind: str, *_rest: Any) -> bool:
            return kind != "table" or name not in parts

        told = {"compare_type": True, "target_metadata": metadata, "include_object": ours}
        context = MigrationContext.configure(connection, opts=told)
        return list(compare_metadata(context, metadata))


def partial_indexes(engine: Engine) -> dict[str, str]:
    """Name and condition, as the database wrote them down: comparing does not look at those."""
    sqlite = "SELECT name, sql, tbl_name FROM sqlite_master WHERE sql LIKE 'CREATE INDEX%WHERE%'"
    postgres = "SELECT indexname, indexdef, tablename FROM pg_indexes WHERE indexdef LIKE '%WHERE%'"
    query = text(sqlite if engine.dialect.name == "sqlite" else postgres)
    with engine.connect() as connection:
        rows, parts = connection.execute(query).all(), all_parts(connection)
    return {
        name: sql.partition("WHERE")[2].strip(" ()")
        for name, sql, table in rows
        if table not in parts
    }


def test_after_all_migrations_the_database_has_exactly_the_tables(bare: Engine) -> None:
    upgrade(bare)

    assert differences(bare) == []


def test_partial_indexes_are_those_of_the_tables(bare: Engine) -> None:
    upgrade(bare)
    migrated = partial_indexes(bare)

    metadata.drop_all(bare)
    metadata.create_all(bare)

    assert migrated == partial_indexes(bare)
    assert "ix_events_new" in migrated


def test_up_twice_is_harmless(bare: Engine) -> None:
    upgrade(bare)
    with bare.begin() as connection:
        connection.execute(text("INSERT INTO house VALUES ('kept', 'yes')"))

    upgrade(bare)

    with bare.connect() as connection:
        assert connection.execute(text("SELECT value FROM house")).scalar_one() == "yes"


def test_a_database_says_whether_it_is_current(bare: Engine) -> None:
    with bare.connect() as connection:
        assert not is_current(connection)

    upgrade(bare)

    with bare.connect() as connection:
        assert is_current(connection)


def test_a_database_of_a_later_version_is_current_and_left_alone(bare: Engine) -> None:
    upgrade(bare)
    with bare.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    upgrade(bare)

    with bare.connect() as connection:
        assert is_current(connection)


def test_the_migrations_are_known_by_their_files_and_the_last_is_the_greatest() -> None:
    scripts = ScriptDirectory(str(MIGRATIONS.parent))

    assert {one.revision for one in scripts.walk_revisions()} == known()
    assert scripts.get_current_head() == max(known())


def test_several_services_may_bring_it_up_at_once(bare: Engine) -> None:
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(upgrade, [bare] * 3))

    assert differences(bare) == []
