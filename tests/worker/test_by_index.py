"""Does what a transaction is planned by end with it, and does a missing index stop nothing?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.pool import ConnectionPoolEntry

from tests.worker.small_world import NOON
from worker.store.by_index import IN_ORDER, SETTINGS, plan_by_index
from worker.store.engine import in_transaction, make_engine, reading
from worker.store.waiting import next_due

NAMES = (*SETTINGS, *IN_ORDER)
WORDS = ", ".join(f"current_setting('{name}')" for name in NAMES)


class Failed(Exception):
    """What ends a transaction in a rollback."""


@pytest.fixture
def engine(postgres_database_url: str) -> Iterator[Engine]:
    made = make_engine(postgres_database_url)
    yield made
    made.dispose()


def settings(connection: Connection) -> tuple[str, ...]:
    return tuple(connection.exec_driver_sql(f"SELECT {WORDS}").one())


def planned(connection: Connection) -> tuple[str, ...]:
    plan_by_index(connection, in_order=True)
    return settings(connection)


def fail(engine: Engine) -> None:
    def work(connection: Connection) -> None:
        planned(connection)
        raise Failed

    with pytest.raises(Failed):
        in_transaction(engine, work)


@pytest.mark.parametrize(
    "end", [lambda engine: in_transaction(engine, planned), fail, lambda e: reading(e, planned)],
    ids=["written", "failed", "only read"],
)  # fmt: skip
def test_whoever_has_the_connection_next_is_planned_for_as_usual(
    engine: Engine, end: Callable[[Engine], object]
) -> None:
    made: list[ConnectionPoolEntry] = []
    event.listen(engine, "connect", lambda _connection, entry: made.append(entry))
    usual = reading(engine, settings)
    assert in_transaction(engine, planned) == tuple((SETTINGS | IN_ORDER).values()) != usual

    end(engine)

    assert in_transaction(engine, settings) == reading(engine, settings) == usual
    assert len(made) == 1


def test_without_its_index_a_question_is_answered_all_the_same(engine: Engine) -> None:
    def ask_without(connection: Connection) -> datetime | None:
        connection.execute(text("DROP INDEX ix_occurrences_due"))
        connection.execute(text("DROP INDEX ix_messages_due"))
        now = plan_by_index(connection, NOON)
        answer = next_due(connection, now)
        connection.rollback()
        return answer

    with engine.connect() as connection:
        assert ask_without(connection) is None
