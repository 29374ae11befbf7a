"""Does what waits for the next journey arrive whole, in its order, and at the end at the latest?"""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import monotonic
from types import FrameType
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DataError, IntegrityError, NotSupportedError, OperationalError

from tests.servers import ON_POSTGRES
from tests.worker.repeats import Repeats
from worker.store.bulk import Insertion
from worker.store.direct import ask, later
from worker.store.engine import in_transaction, make_engine, reading
from worker.store.tables import house

pytestmark = ON_POSTGRES

PUT = text("INSERT INTO house VALUES (:name, :value)")
ALL = text("SELECT name FROM house WHERE value = 'v' ORDER BY name")
END = text("SELECT pg_terminate_backend(:pid)")
SIGN = text("UPDATE house SET value = value || :sign WHERE name = :name")
PID = text("SELECT pg_backend_pid() AS pid")


def put(connection: Connection, *names: str) -> None:
    for name in names:
        later(connection, PUT, {"name": name, "value": "v"})


def kept(engine: Engine) -> list[str]:
    return [row.name for row in reading(engine, lambda c: ask(c, ALL, {}))]


def test_what_waits_goes_before_what_is_asked_next_by_whichever_way(engine: Engine) -> None:
    def work(connection: Connection) -> tuple[int, int]:
        put(connection, "a", "b")
        short = len(ask(connection, ALL, {}))
        put(connection, "c")
        return short, len(connection.execute(ALL).all())

    assert in_transaction(engine, work) == (2, 3)


def test_what_still_waits_at_the_end_is_committed_with_it(engine: Engine) -> None:
    in_transaction(engine, lambda connection: put(connection, "a", "b"))

    assert kept(engine) == ["a", "b"]


def test_what_fails_on_its_way_takes_all_of_its_transaction_with_it(engine: Engine) -> None:
    with pytest.raises(IntegrityError) as at_the_end:
        in_transaction(engine, lambda connection: put(connection, "a", "b", "a", "c"))
    with pytest.raises(IntegrityError, match="INSERT INTO house"):
        in_transaction(engine, lambda c: (put(c, "a", "a"), ask(c, PID, {})))

    assert "INSERT" not in str(at_the_end.value.statement)
    assert kept(engine) == []
    in_transaction(engine, lambda connection: put(connection, "a"))
    assert kept(engine) == ["a"]


def test_a_deadlock_of_which_only_the_end_tells_is_done_again(engine: Engine) -> None:
    in_transaction(engine, lambda connection: put(connection, "a", "b"))
    repeats, both, tried = Repeats(), Barrier(2), list[str]()

    def sign(mine: str, other: str) -> None:
        def work(connection: Connection) -> None:
            ask(connection, SIGN, {"name": mine, "sign": mine})
            if mine not in tried:
                both.wait(10)
            tried.append(mine)
            later(connection, SIGN, {"name": other, "sign": mine})

        in_transaction(engine, work)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(sign, *names) for names in ("ab", "ba")]:
            done.result()

    assert repeats.by_cause() == {"40P01": 1}
    assert sorted(tried) in (["a", "a", "b"], ["a", "b", "b"])
    signed = reading(engine, lambda c: ask(c, text("SELECT value FROM house"), {}))
    assert {"".join(sorted(row.value)) for row in signed} == {"abv"}


def test_a_statement_whose_table_has_changed_under_it_is_prepared_anew(engine: Engine) -> None:
    def do(ddl: str) -> None:
        in_transaction(engine, lambda c: c.exec_driver_sql(ddl))

    def look() -> list[tuple[int, ...]]:
        whole = text("SELECT * FROM changing")
        return [tuple(row) for row in in_transaction(engine, lambda c: ask(c, whole, {}))]

    do("CREATE TEMP TABLE changing AS SELECT 7 AS a")
    assert look() == [(7,)]
    do("ALTER TABLE changing ADD b int DEFAULT 8")

    with pytest.raises(NotSupportedError, match="must not change result type"):
        look()

    assert look() == look() == [(7, 8)]


def test_what_waited_for_a_transaction_that_failed_is_sent_by_nobody(engine: Engine) -> None:
    def fail(connection: Connection) -> None:
        put(connection, "a")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        in_transaction(engine, fail)
    in_transaction(engine, lambda connection: put(connection, "b"))

    assert kept(engine) == ["b"]


def test_each_answer_is_that_of_its_question(engine: Engine) -> None:
    def work(connection: Connection) -> list[Any]:
        asked = [
            later(connection, text("SELECT :one AS one, '%' AS sign"), {"one": one})
            for one in ("a", 7, 2**40, None)
        ]
        return [tuple(row) for one in reversed(asked) for row in one.rows()]

    assert in_transaction(engine, work) == [
        (None, "%"), (2**40, "%"), (7, "%"), ("a", "%"),
    ]  # fmt: skip


def test_more_than_a_socket_holds_goes_both_ways(engine: Engine) -> None:
    wide = "x" * 3_000_000
    echo = text("SELECT CAST(:given AS text) AS given")

    def work(connection: Connection) -> int:
        asked = [later(connection, echo, {"given": wide}) for _ in range(4)]
        return sum(one.rows()[0].given == wide for one in asked)

    assert in_transaction(engine, work) == 4


def test_a_sign_that_no_text_may_hold_cuts_nothing_off(engine: Engine) -> None:
    with pytest.raises(DataError):
        in_transaction(engine, lambda c: put(c, "a\x00b"))

    assert kept(engine) == []


def test_rows_are_there_for_whoever_asks_next_in_the_same_transaction(engine: Engine) -> None:
    insertion = Insertion(house)

    def work(connection: Connection) -> int:
        insertion.run(connection, [{"name": "a", "value": "v"}])
        return len(connection.execute(house.select()).all())

    assert in_transaction(engine, work) >= 1
    assert kept(engine) == ["a"]


def test_a_connection_whose_server_hung_up_meanwhile_is_given_to_nobody(engine: Engine) -> None:
    other = make_engine(engine.url)
    try:
        for way in (in_transaction, reading):
            [row] = way(engine, lambda c: ask(c, PID, {}))
            [row] = way(engine, lambda c: ask(c, PID, {}))
            in_transaction(other, lambda c, pid=row.pid: ask(c, END, {"pid": pid}))
            gone = text(f"SELECT 1 FROM pg_stat_activity WHERE pid = {row.pid}")
            until = monotonic() + 10
            while in_transaction(other, lambda c, gone=gone: len(ask(c, gone, {}))):
                assert monotonic() < until, "its server does not end"

            [after] = way(engine, lambda c: ask(c, PID, {}))

            assert after.pid != row.pid
    finally:
        other.dispose()


def test_a_line_that_was_left_in_the_middle_is_used_by_nobody_again(engine: Engine) -> None:
    """As a time limit of Celery's leaves it: whoever came next would hear another's answer."""

    def leave(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, leave)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises((TimeoutError, OperationalError)):
            in_transaction(engine, lambda c: ask(c, text("SELECT pg_sleep(60)"), {}))
    finally:
        signal.signal(signal.SIGALRM, before)

    in_transaction(engine, lambda connection: put(connection, "a"))
    assert kept(engine) == ["a"]


def test_json_is_read_alike_by_whichever_way_it_was_asked(engine: Engine) -> None:
    told = text("SELECT CAST(:told AS jsonb) AS told")
    given = {"told": f'[{2**70}, "שלום", 7]'}

    def work(connection: Connection) -> list[Any]:
        return [ask(connection, told, given)[0][0], connection.execute(told, given).scalar_one()]

    # beyond 64 bits it is a float, as an event's number is wherever it is read
    assert repr(in_transaction(engine, work)) == repr([[float(2**70), "שלום", 7]] * 2)
