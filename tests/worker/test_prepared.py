"""Does a connection keep the statements that it has prepared?"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy import event as hooks
from sqlalchemy.exc import InternalError

from tests.servers import ON_POSTGRES
from tests.worker.plans import Kept
from tests.worker.small_world import configuration
from worker.steps.accepting import accept_or_refuse
from worker.store.clock import read_now
from worker.store.direct import ask
from worker.store.engine import in_transaction, make_engine, reading
from worker.store.line import ENDS, PREPARED

pytestmark = ON_POSTGRES

OFTEN = 6
"""More often than whoever prepares what is asked often would ask before."""
HELD = "SELECT count(*) FROM pg_prepared_statements WHERE strpos(statement, 'clock_') > 0"


class Failed(Exception):
    """What ends a transaction in a rollback."""


def prepared(connection: Connection) -> int:
    return int(connection.exec_driver_sql(HELD).scalar_one())


def fail(engine: Engine) -> None:
    def work(connection: Connection) -> None:
        connection.exec_driver_sql("DROP TABLE IF EXISTS nothing")
        raise Failed

    with pytest.raises(Failed):
        in_transaction(engine, work)


def only_read(engine: Engine) -> None:
    reading(engine, lambda connection: connection.exec_driver_sql("SELECT 1").all())


@pytest.mark.parametrize("end", [only_read, fail])
def test_a_transaction_forgets_no_statement_however_it_ends(
    engine: Engine, end: Callable[[Engine], None]
) -> None:
    in_transaction(engine, read_now)
    assert in_transaction(engine, prepared) == 1

    for _ in range(OFTEN):
        end(engine)
        in_transaction(engine, read_now)

    assert in_transaction(engine, prepared) == 1


def test_whoever_only_reads_cannot_write(engine: Engine) -> None:
    with pytest.raises(InternalError, match="read-only transaction"):
        reading(engine, lambda c: c.exec_driver_sql("INSERT INTO house VALUES ('a', 'v')"))

    in_transaction(engine, lambda c: c.exec_driver_sql("INSERT INTO house VALUES ('a', 'v')"))


def test_as_many_statements_are_kept_as_a_role_has_and_no_more(engine: Engine) -> None:
    def ask_each(connection: Connection, *, numbers: range) -> list[int]:
        asked = [text(f"SELECT {number} AS one, clock_timestamp()") for number in numbers]
        return [ask(connection, one, {})[0].one for one in asked]

    kept, more = range(PREPARED), range(PREPARED, PREPARED + ENDS)

    assert in_transaction(engine, partial(ask_each, numbers=kept)) == [*kept]
    assert in_transaction(engine, prepared) == PREPARED
    assert in_transaction(engine, partial(ask_each, numbers=more)) == [*more]
    assert 0 < in_transaction(engine, prepared) <= len(more)


def test_a_door_finds_by_index_what_it_planned_for_an_empty_database(engine: Engine) -> None:
    given = [{"specversion": "1.0", "id": "a", "source": "s", "type": "cart.left", "subject": "c",
              "data": {"cart": "k"}}]  # fmt: skip
    kept = Kept()

    hooks.listen(engine, "before_cursor_execute", kept.look)
    first, again = (
        accept_or_refuse(engine, configuration(), given, door="test", may_write_customers=False)
        for _ in range(2)
    )

    assert (first.accepted, again.duplicates) == (1, 1)
    assert kept.faults() == []


def test_a_statement_goes_on_when_a_table_it_names_has_got_another_column(engine: Engine) -> None:
    def names(connection: Connection) -> list[str]:
        found = connection.exec_driver_sql("SELECT * FROM grown").all()
        return [*found[0]._mapping]

    in_transaction(engine, lambda c: c.exec_driver_sql("CREATE TABLE grown AS SELECT 1 AS one"))
    chosen = "SELECT one FROM grown"
    for _ in range(OFTEN):
        in_transaction(engine, lambda c: c.exec_driver_sql(chosen).all())
    other = make_engine(engine.url)
    try:
        in_transaction(other, lambda c: c.exec_driver_sql("ALTER TABLE grown ADD two integer"))

        assert in_transaction(engine, lambda c: c.exec_driver_sql(chosen).all()) == [(1,)]
        assert in_transaction(engine, names) == ["one", "two"]
    finally:
        in_transaction(other, lambda c: c.exec_driver_sql("DROP TABLE grown"))
        other.dispose()
