"""Does the shortest way to PostgreSQL answer, fail and show itself as SQLAlchemy's own way does?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy import event as hooks
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from tests.servers import ON_POSTGRES
from worker.store.direct import ask
from worker.store.engine import in_transaction, reading, sqlstate

pytestmark = ON_POSTGRES

ROWS = text(
    "SELECT given.id, given.key, CAST('2026-11-22 10:00+02' AS timestamptz) AS count,"
    " CAST('{\"a\": [1]}' AS jsonb) AS index, '5 %' AS \"5 %\""
    " FROM json_to_recordset(CAST(:rows AS json)) AS given(id int, key text) ORDER BY given.id"
)
GIVEN = {"rows": '[{"id": 1, "key": "a:b"}, {"id": 2}]'}
NOTHING = text("CREATE TEMPORARY TABLE one (id int PRIMARY KEY) ON COMMIT DROP")
WRONG = text("SELECT nothing FROM nowhere WHERE a = :a")


def test_rows_are_those_that_sqlalchemy_reads(engine: Engine) -> None:
    def both(connection: Connection) -> tuple[list[Any], list[Any]]:
        return list(ask(connection, ROWS, GIVEN)), list(connection.execute(ROWS, GIVEN).all())

    short, long = in_transaction(engine, both)

    assert [tuple(row) for row in short] == [tuple(row) for row in long]
    first = short[0]
    assert (first.id, first.key, first.index) == (1, "a:b", {"a": [1]})
    assert first.count == datetime(2026, 11, 22, 8, tzinfo=UTC)
    assert {**first._mapping}.keys() - {"_4"} == {**long[0]._mapping}.keys() - {"5 %"}


def test_a_statement_without_an_answer_has_no_rows(engine: Engine) -> None:
    assert in_transaction(engine, lambda c: list(ask(c, NOTHING, {}))) == []


def test_what_is_read_outside_a_transaction_of_ours_is_read_too(engine: Engine) -> None:
    assert len(reading(engine, lambda c: ask(c, ROWS, GIVEN))) == 2


def test_an_error_is_told_as_sqlalchemy_tells_it(engine: Engine) -> None:
    def twice(connection: Connection) -> None:
        ask(connection, NOTHING, {})
        for _ in range(2):
            ask(connection, text("INSERT INTO one VALUES (1)"), {})

    with pytest.raises(ProgrammingError) as wrong:
        in_transaction(engine, lambda c: ask(c, WRONG, {"a": "+972501234567"}))
    with pytest.raises(IntegrityError):
        in_transaction(engine, twice)

    assert sqlstate(wrong.value) == "42P01"
    assert "+972501234567" not in str(wrong.value)
    assert in_transaction(engine, lambda c: len(ask(c, ROWS, GIVEN))) == 2


def test_what_only_passes_is_done_again(engine: Engine) -> None:
    tried = []

    def work(connection: Connection) -> int:
        tried.append(1)
        if len(tried) == 1:
            state = "40001"
            ask(connection, text(f"DO $$ BEGIN RAISE SQLSTATE '{state}'; END $$"), {})
        return len(ask(connection, ROWS, GIVEN))

    assert in_transaction(engine, work) == 2
    assert len(tried) == 2


def test_a_connection_that_is_gone_is_an_outage_and_used_by_nobody_again(engine: Engine) -> None:
    gone = text("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(OperationalError) as told:
        in_transaction(engine, lambda c: ask(c, gone, {}))

    assert told.value.connection_invalidated
    assert in_transaction(engine, lambda c: len(ask(c, ROWS, GIVEN))) == 2


def test_what_was_read_is_answered_though_its_connection_is_gone_at_the_end(engine: Engine) -> None:
    pid, end = text("SELECT pg_backend_pid() AS pid"), text("SELECT pg_terminate_backend(:pid)")

    def read(connection: Connection) -> int:
        [row] = connection.execute(pid).all()
        in_transaction(engine, lambda c: ask(c, end, {"pid": row.pid}))
        return int(row.pid)

    first = reading(engine, read)

    [row] = reading(engine, lambda c: c.execute(pid).all())
    assert row.pid != first


def test_a_server_that_is_silent_is_given_up_within_half_a_minute(engine: Engine) -> None:
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        given = driver.info.get_parameters()

    probed = int(given["keepalives_interval"]) * int(given["keepalives_count"])
    assert int(given["keepalives_idle"]) + probed <= 30
    assert int(given["tcp_user_timeout"]) <= 30_000


def test_whoever_watches_sees_every_statement(engine: Engine) -> None:
    seen: list[str] = []
    in_transaction(engine, lambda c: ask(c, ROWS, GIVEN))

    hooks.listen(engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    in_transaction(engine, lambda c: ask(c, ROWS, GIVEN))

    assert len(seen) == 1
    assert "json_to_recordset" in seen[0]
