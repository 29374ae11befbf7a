"""Do both databases keep and find many rows alike, by one statement?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy import event as hooks

from tests.worker.small_world import NOON, event, incoming, publish, rows
from worker.store.bulk import Deletion, Insertion, Reading, Update
from worker.store.clock import read_now
from worker.store.engine import in_transaction, reading
from worker.store.tables import decisions, event_ids, house, throttles

READ = Reading(house, by=("name",))


def names(engine: Engine) -> list[str]:
    return [row.name for row in rows(engine, house, "name")]


def put(engine: Engine, *given: str) -> list[str]:
    """Insert these names; those that went in."""
    insertion = Insertion(house, returning=("name",))
    found = [{"name": name, "value": "v"} for name in given]
    return [row.name for row in in_transaction(engine, lambda c: insertion.run(c, found))]


def test_what_stands_is_left_alone_and_what_went_in_is_answered(engine: Engine) -> None:
    assert sorted(put(engine, "b", "a")) == ["a", "b"]
    assert put(engine, "c", "a") == ["c"]
    assert names(engine) == ["a", "b", "c"]


def test_rows_go_in_by_their_key_whatever_their_order(engine: Engine) -> None:
    sent: list[str] = []
    hooks.listen(engine, "before_cursor_execute", lambda *given: sent.append(str(given[3])))

    put(engine, "c", "a", "b")

    [statement] = [one for one in sent if '"name"' in one]
    assert statement.index('"a"') < statement.index('"b"') < statement.index('"c"')


def test_what_conflicts_may_be_written_over(engine: Engine) -> None:
    put(engine, "a", "b")
    insertion = Insertion(house, conflict="(name) DO UPDATE SET value = excluded.value")

    in_transaction(engine, lambda c: insertion.run(c, [{"name": "a", "value": "new"}]))

    assert [row.value for row in rows(engine, house, "name")] == ["new", "v"]


def test_rows_are_found_by_any_of_many_keys(engine: Engine) -> None:
    put(engine, *"abcd")

    found = reading(engine, lambda c: READ.run(c, [{"name": name} for name in "bdx"]))

    assert sorted(row.name for row in found) == ["b", "d"]


def test_an_update_is_a_compare_and_set(engine: Engine) -> None:
    put(engine, "a", "b")
    update = Update(
        house, by=("name",), columns=("value",), only="house.value = 'v'", returning=("name",)
    )
    given = [{"name": "a", "value": "w"}, {"name": "x", "value": "w"}]

    answers = [
        [row.name for row in in_transaction(engine, lambda c: update.run(c, given))]
        for _ in range(2)
    ]

    assert answers == [["a"], []]
    assert [row.value for row in rows(engine, house, "name")] == ["w", "v"]


def test_only_what_is_named_is_deleted(engine: Engine) -> None:
    put(engine, *"abc")

    in_transaction(engine, lambda c: Deletion(house, by=("name",)).run(c, [{"name": "b"}]))

    assert names(engine) == ["a", "c"]


@pytest.mark.parametrize("statement", [Insertion(house), READ, Deletion(house, by=("name",))])
def test_nothing_to_do_asks_nothing(engine: Engine, statement: Any) -> None:
    sent: list[str] = []
    hooks.listen(engine, "before_cursor_execute", lambda *given: sent.append(given[2]))

    assert in_transaction(engine, lambda c: statement.run(c, [])) == ()
    assert [one for one in sent if not one.startswith("BEGIN")] == []


@pytest.mark.parametrize(
    "value",
    [
        {}, [], {"a": None}, {"n": [1, 1.5, -0.25, 2**53, True, None]}, {"he": "שלום \u202b'\"\\"},
        {"deep": {"er": [{"est": ""}]}}, {"": "empty"}, {"sql": "'; DROP TABLE events; --"},
        {"emoji": "👩‍👧"}, {"json": '{"a": 1}'}, {"line": "a\nb\tc"}, [["shop", "id"]],
    ],
)  # fmt: skip
def test_json_comes_back_as_it_was(engine: Engine, value: Any) -> None:
    row = {"at": NOON, "trigger": "t", "customer_id": "c", "key": "k", "verdict": "noted",
           "facts": value, "bundle": "b"}  # fmt: skip
    in_transaction(engine, lambda c: Insertion(decisions).run(c, [row]))

    [found] = rows(engine, decisions)

    assert found.facts == value
    assert (found.epoch, found.moment) == (None, None)


@pytest.mark.parametrize(
    "moment",
    [
        NOON,
        NOON + timedelta(microseconds=1),
        datetime(2026, 11, 2, 14, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=2))),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2200, 12, 31, 23, 59, 59, tzinfo=UTC),
    ],
)
def test_moments_are_kept_to_the_microsecond_in_utc(engine: Engine, moment: datetime) -> None:
    row = {"name": "n", "broken_until": moment}
    in_transaction(engine, lambda c: Insertion(throttles).run(c, [row]))

    [found] = rows(engine, throttles)

    assert found.broken_until == moment
    assert found.broken_until.utcoffset() == timedelta()


def test_moments_written_in_bulk_and_alone_compare_as_moments(engine: Engine) -> None:
    publish(engine, [incoming(event("cart.left", "a"))], now=NOON + timedelta(microseconds=500))

    def between(connection: Connection) -> int:
        query = event_ids.select().where(
            event_ids.c.received_at > NOON, event_ids.c.received_at < NOON + timedelta(seconds=1)
        )
        return len(connection.execute(query).all())

    assert reading(engine, between) == 1


def test_a_moment_without_a_zone_is_refused(engine: Engine) -> None:
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(Exception, match="without a zone"):
        reading(
            engine, lambda c: c.execute(event_ids.select().where(event_ids.c.received_at > naive))
        )


def test_the_databases_clock_runs_on_and_has_a_zone(engine: Engine) -> None:
    first, second = (in_transaction(engine, read_now) for _ in range(2))

    assert first <= second
    assert first.utcoffset() == timedelta()


def test_a_failed_transaction_leaves_nothing(engine: Engine) -> None:
    def work(connection: Connection) -> None:
        Insertion(house).run(connection, [{"name": "a", "value": "v"}])
        raise LookupError

    with pytest.raises(LookupError):
        in_transaction(engine, work)

    assert names(engine) == []


def test_many_threads_add_up_without_losing_one(engine: Engine) -> None:
    put(engine, "sum")
    in_transaction(engine, lambda c: c.execute(house.update().values(value="0")))

    def add(_number: int) -> None:
        in_transaction(engine, _added)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(40)))

    assert rows(engine, house)[0].value == "40"


def _added(connection: Connection) -> None:
    lock = " FOR UPDATE" if connection.dialect.name == "postgresql" else ""
    query = text(f"SELECT value FROM house WHERE name = 'sum'{lock}")
    value = int(connection.execute(query).scalar_one())
    connection.execute(house.update().values(value=str(value + 1)))
