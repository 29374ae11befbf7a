"""Is what was asked, and goes to PostgreSQL with what comes after it, heard of however it ends?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DataError, DBAPIError, InternalError

from tests.servers import ON_POSTGRES
from tests.worker.small_world import HASHER, NOON, configuration, event, incoming, publish
from worker.steps.evaluate import evaluate
from worker.steps.replaying import Replay
from worker.store.bulk import Insertion
from worker.store.customers import register
from worker.store.direct import ask, later
from worker.store.engine import in_transaction, reading, snapshot
from worker.store.line import ENDS, PREPARED
from worker.store.tables import events, house

pytestmark = ON_POSTGRES

PUT = Insertion(house)
PUT_AND_TELL = text("INSERT INTO house VALUES (:name, 'v') RETURNING name")
HOLD = text("SELECT name FROM house WHERE name = 'held' FOR UPDATE SKIP LOCKED")
ISOLATION = text("SELECT current_setting('transaction_isolation') AS level, txid_current() AS id")
WRONG = text("SELECT 1 / 0 AS wrong")
REFUSE = (
    "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '22003'; END $$",
    "CREATE TRIGGER refused BEFORE INSERT ON facts FOR EACH ROW EXECUTE FUNCTION refuse()",
)
TAKE_BACK = ("DROP TRIGGER refused ON facts", "DROP FUNCTION refuse")


class Stopped(Exception):
    """What ends a transaction in a rollback."""


def put(name: str, connection: Connection) -> None:
    PUT.run(connection, [{"name": name, "value": "v"}])


def kept(engine: Engine) -> list[str]:
    asked = text("SELECT name FROM house WHERE value = 'v'")
    return [row.name for row in reading(engine, lambda c: c.execute(asked).all())]


@pytest.fixture
def full(engine: Engine) -> Engine:
    """A connection that holds as many statements as it may, with its BEGIN and COMMIT: the next
    one has it forget them."""

    def fill(connection: Connection) -> None:
        for number in range(PREPARED + ENDS - 2):
            ask(connection, text(f"SELECT {number} AS a"), {})

    in_transaction(engine, fill)
    return engine


def test_a_transaction_is_one_though_its_connection_forgets_its_statements(full: Engine) -> None:
    def work(connection: Connection) -> None:
        assert ask(connection, PUT_AND_TELL, {"name": "a"})[0].name == "a"
        raise Stopped

    with pytest.raises(Stopped):
        in_transaction(full, work)

    assert kept(full) == []


def test_a_row_is_held_though_the_connection_forgets_its_statements(full: Engine) -> None:
    with full.connect() as first:
        first.exec_driver_sql("INSERT INTO house VALUES ('held', 'v')")
        first.commit()
    with full.connect() as mine, full.connect() as other:
        mine.begin()
        other.begin()
        assert len(ask(mine, HOLD, {})) == 1
        assert ask(other, HOLD, {}) == []


def test_a_snapshot_is_one_though_its_connection_forgets_its_statements(full: Engine) -> None:
    with snapshot(full) as connection:
        connection.begin()
        assert ask(connection, ISOLATION, {})[0].level == "repeatable read"


def test_a_write_where_one_only_reads_is_refused_though_nothing_comes_after_it(
    engine: Engine,
) -> None:
    with pytest.raises(InternalError, match="read-only transaction"):
        reading(engine, partial(put, "a"))

    assert kept(engine) == []


def test_where_each_statement_stands_for_itself_none_waits_for_an_end(engine: Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.begin()
        put("a", connection)

    assert kept(engine) == ["a"]


def test_a_commit_that_keeps_nothing_is_told(engine: Engine) -> None:
    def work(connection: Connection) -> None:
        put("a", connection)
        with pytest.raises(DataError):
            ask(connection, WRONG, {})

    with pytest.raises(DBAPIError, match="nothing was kept"):
        in_transaction(engine, work)

    assert kept(engine) == []


def test_no_answer_is_taken_for_an_empty_one(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.begin()
        given_up = later(connection, text("SELECT 1 AS one"), {})
        connection.rollback()
        connection.begin()
        with pytest.raises(DBAPIError, match="given up"):
            given_up.rows()


@pytest.fixture
def refusing(engine: Engine) -> Iterator[Engine]:
    """PostgreSQL takes no fact, as it would a value out of its bounds."""

    def say(words: tuple[str, ...], connection: Connection) -> None:
        for one in words:
            connection.exec_driver_sql(one)

    in_transaction(engine, partial(say, REFUSE))
    yield engine
    in_transaction(engine, partial(say, TAKE_BACK))


def test_an_event_that_only_the_end_of_its_transaction_refuses_is_blamed(
    refusing: Engine,
) -> None:
    in_transaction(refusing, partial(register, ids=["c1"], now=NOON))
    publish(refusing, [incoming(event("cart.left", "left", cart="k"))])

    reports = [evaluate(refusing, configuration(), HASHER, now=NOON) for _ in range(3)]

    assert [one.set_aside for one in reports] == [0, 0, 1]


def test_who_tries_out_an_event_hears_of_what_only_the_end_would_refuse(refusing: Engine) -> None:
    publish(refusing, [incoming(event("cart.left", "left", cart="k"))])
    aside = events.update().values(state="set_aside", tries=3)
    in_transaction(refusing, lambda connection: connection.execute(aside))
    rows = reading(refusing, lambda connection: connection.execute(events.select()).all())

    [tried] = Replay(refusing, configuration(), HASHER).try_set_aside(rows)

    assert tried.effect is not None
    assert tried.effect.failed == "DataError"
