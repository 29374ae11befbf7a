"""Does the doctor tell how the database fares, and what of it needs a person?"""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine, text

from tests.worker.operators import in_force, said
from tests.worker.sending import dana, left, trigger
from tests.worker.small_world import NOON
from tests.worker.test_doctor import change, facts, here
from worker.cli.doctor import app
from worker.cli.storage import ailing, stored
from worker.store.clock import read_now
from worker.store.engine import in_transaction, make_engine, reading
from worker.store.storage import look

__all__ = ["here"]

TABLE = {"table": "occurrences", "bytes": 5 << 20, "rows": 700_000, "dead": 0, "read_whole": 0,
         "vacuumed": None}  # fmt: skip
WELL: dict[str, Any] = {
    "kind": "postgresql", "bytes": 3 << 30, "transaction_age": 1_000_000,
    "longest_transaction_seconds": 2, "tables": [TABLE], "indexes_missing": [],
    "indexes_invalid": [], "months_without_part": [], "outside_their_months": [],
    "replicas": [{"name": "reports", "seconds": 1}], "idle_slots": [],
}  # fmt: skip
SQLITE: dict[str, Any] = {
    "kind": "sqlite", "bytes": 3 << 20, "free_bytes": 2048, "log_bytes": 100, "indexes_missing": [],
}  # fmt: skip


def test_a_database_that_fares_well_is_told_by_its_size_and_needs_nobody(
    engine: Engine, here: None
) -> None:
    post = in_force(engine, trigger())
    post.told(dana())

    found = facts()

    assert found["storage"]["bytes"] > 100_000
    assert found["storage"]["kind"] == engine.dialect.name
    assert found["needs_a_person"] == []
    assert "\ndatabase: " in said(app).stdout


def test_an_index_that_is_gone_needs_a_person(engine: Engine, here: None) -> None:
    in_force(engine, trigger())
    change(engine, text("DROP INDEX ix_messages_open"))
    try:
        assert facts()["needs_a_person"] == ["index ix_messages_open is missing"]
    finally:
        made = "CREATE INDEX ix_messages_open ON messages (state, updated_at)"
        change(engine, text(f"{made} WHERE state = 'unknown' OR state = 'parked'"))


def test_an_index_that_was_never_finished_needs_a_person(
    postgres_database_url: str, tmp_path: Any
) -> None:
    """As CREATE INDEX CONCURRENTLY leaves it where it fails."""
    engine = make_engine(postgres_database_url)
    broken = "UPDATE pg_index SET indisvalid = {} WHERE indexrelid = 'ix_messages_open'::regclass"
    change(engine, text(broken.format("false")))
    try:
        assert reading(engine, partial(look, now=NOON))["indexes_invalid"] == ["ix_messages_open"]
    finally:
        change(engine, text(broken.format("true")))
        engine.dispose()


def test_months_without_a_part_and_rows_outside_of_theirs_need_a_person(
    postgres_database_url: str,
) -> None:
    engine = make_engine(postgres_database_url)
    now = in_transaction(engine, read_now)
    post = in_force(engine, trigger())
    post.told(dana(), left())

    found = reading(engine, partial(look, now=now))

    assert found["months_without_part"][0] == f"events {now:%Y-%m}"
    assert found["outside_their_months"] == ["events", "decisions"]
    said_of_it = ailing(found)
    assert len(said_of_it) == 3
    assert all("outreach db upgrade" in one for one in said_of_it)
    engine.dispose()


def test_parts_are_told_as_the_table_they_belong_to(postgres_database_url: str) -> None:
    engine = make_engine(postgres_database_url)
    tables = {one["table"] for one in reading(engine, partial(look, now=NOON))["tables"]}
    engine.dispose()

    assert "events" in tables
    assert not {one for one in tables if one.startswith("events_")} - {"event_ids"}


AILING = [
    (WELL, []),
    (SQLITE, []),
    (WELL | {"tables": [TABLE | {"dead": 400_000}]},
     ["36% of occurrences is dead: does autovacuum keep up?"]),
    (WELL | {"tables": [TABLE | {"rows": 10, "dead": 400}]}, []),
    (WELL | {"transaction_age": 1_200_000_000},
     ["1200 million transactions since the oldest was frozen: does autovacuum run?"]),
    (WELL | {"longest_transaction_seconds": 7200}, ["a transaction is open for 7200 seconds"]),
    (WELL | {"replicas": [{"name": "reports", "seconds": 900}]},
     ["replica reports is 900 seconds behind"]),
    (WELL | {"idle_slots": [{"name": "old", "bytes": 3 << 30}]},
     ["slot old keeps 3.0 GB of log, and nobody reads it"]),
    (WELL | {"indexes_invalid": ["ix_a"]}, ["index ix_a is broken: drop it and make it anew"]),
    (SQLITE | {"log_bytes": 2 << 30}, ["the log is 2.0 GB: somebody reads and never ends"]),
]  # fmt: skip


@pytest.mark.parametrize(("found", "needs"), AILING)
def test_what_does_not_pass_by_itself_is_said(found: dict[str, Any], needs: list[str]) -> None:
    assert ailing(found) == needs


def test_sizes_are_told_in_words(engine: Engine) -> None:
    tables = [TABLE | {"dead": 70_000, "read_whole": 3, "vacuumed": NOON.isoformat()}]

    assert list(stored(WELL | {"tables": tables})) == [
        "database: 3.0 GB",
        "  occurrences: 5.0 MB, 700,000 rows, 9% dead, vacuumed 2026-11-02 12:00 UTC,"
        " read whole 3 times",
        "replica reports: 1 seconds behind",
    ]
    assert list(stored(SQLITE)) == ["database: 3.0 MB, 2.0 KB of it free; log 100 bytes"]
