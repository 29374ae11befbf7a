"""Does the door hold where two come through it at the same moment?"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from worker.steps.signing_in import FREE_TRIES, Asking, NotNow, Wrong, add_user, sign_in
from worker.store import console_users as store
from worker.store.clock import read_now
from worker.store.console_users import Role
from worker.store.engine import make_engine, reading

NAME, PASSWORD = "dana", "correct horse battery"


@pytest.fixture
def engine(postgres_database_url: str) -> Iterator[Engine]:
    """SQLite has one writer."""
    engine = make_engine(postgres_database_url)
    add_user(engine, NAME, Role.OPERATOR, PASSWORD, by="test")
    yield engine
    engine.dispose()


def waits(connection: Connection, work: Future[Any]) -> bool:
    """Once the work waits for a row; False when it ends without having waited."""
    asked = (
        "SELECT count(*) FROM pg_locks"
        " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    )
    while not work.done():
        if connection.exec_driver_sql(asked).scalar():
            return True
    return False


def test_who_signs_in_while_he_is_removed_or_gets_a_new_password_has_no_session(
    engine: Engine,
) -> None:
    """The removal is written and not yet committed as he comes."""
    asking = Asking(NAME, PASSWORD, "192.0.2.1")
    with ThreadPoolExecutor(1) as pool:
        with engine.begin() as removal:
            now = read_now(removal)
            store.change_user(removal, NAME, removed_at=now)
            store.close_sessions(removal, NAME)
            coming = pool.submit(sign_in, engine, asking)
            waited = waits(removal, coming)
        found = coming.result()

    assert (waited, found) == (True, Wrong())


def test_of_many_guesses_at_once_one_is_looked_at(engine: Engine) -> None:
    """All come as the wait is over; without an order among them each would see it so."""
    guess = Asking(NAME, "a wrong password", "192.0.2.1")
    now = reading(engine, read_now)
    for _ in range(FREE_TRIES):
        assert sign_in(engine, guess, now=now - timedelta(seconds=10)) == Wrong()
    with ThreadPoolExecutor(1) as pool:
        with engine.begin() as first:
            # the first of them is just being counted
            store.count_attempts(first, guess.counted_as, now=now)
            second = pool.submit(sign_in, engine, guess, now=now)
            waited = waits(first, second)
        found = second.result()

    assert waited
    assert isinstance(found, NotNow)
