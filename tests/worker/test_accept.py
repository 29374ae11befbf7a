"""Is every event stored once, and every group whole or not at all?"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy import event as hooks

from tests.worker.repeats import Repeats
from tests.worker.small_world import BUNDLE, NOON, event, incoming, publish, rows
from worker.steps.accept import Conflict, Group, Incoming, Outcome, Stored
from worker.store.engine import make_engine
from worker.store.tables import event_ids, events

SAME, OTHER = "1" * 32, "2" * 32


def group(*told: str) -> Group:
    """`a` is an event of id a; `a!` is one of the same id with other content."""
    return [one(text) for text in told]


def one(text: str) -> Incoming:
    digest = OTHER if text.endswith("!") else SAME
    return incoming(event("cart.left", text.rstrip("!"), cart="k"), digest=digest)


def stored_ids(engine: Engine) -> list[str]:
    return [row.id for row in rows(engine, events, "seq")]


@pytest.mark.parametrize(
    ("groups", "outcomes", "kept"),
    [
        ([["a", "b"]], [Stored(2, 0)], ["a", "b"]),
        ([["b", "a"]], [Stored(2, 0)], ["b", "a"]),
        ([["a", "a"]], [Stored(1, 1)], ["a"]),
        ([["a", "a!"]], [Conflict(1)], []),
        ([["a"], ["a", "b"]], [Stored(1, 0), Stored(1, 1)], ["a", "b"]),
        ([["a"], ["b", "a!"], ["b"]], [Stored(1, 0), Conflict(1), Stored(1, 0)], ["a", "b"]),
        ([["b", "a", "b!"], ["a!"]], [Conflict(2), Stored(1, 0)], ["a"]),
        ([[], ["a"]], [Stored(0, 0), Stored(1, 0)], ["a"]),
        ([], [], []),
    ],
)
def test_a_group_is_stored_whole_or_not_at_all(
    engine: Engine, groups: list[list[str]], outcomes: list[Outcome], kept: list[str]
) -> None:
    found = publish(engine, *(group(*names) for names in groups))

    assert found == outcomes
    assert stored_ids(engine) == kept
    assert {row.id for row in rows(engine, event_ids, "id")} == set(kept)


@pytest.mark.parametrize(
    ("names", "outcome", "kept"),
    [
        (["a"], Stored(0, 1), ["a"]),
        (["b", "a"], Stored(1, 1), ["a", "b"]),
        (["b", "a!"], Conflict(1), ["a"]),
    ],
)
def test_what_was_stored_before_is_a_duplicate_or_a_conflict(
    engine: Engine, names: list[str], outcome: Outcome, kept: list[str]
) -> None:
    publish(engine, group("a"))

    assert publish(engine, group(*names)) == [outcome]
    assert stored_ids(engine) == kept


def test_the_same_id_of_another_source_is_another_event(engine: Engine) -> None:
    mine, yours = (event("cart.left", "a", source=source) for source in ("shop", "bank"))

    [outcome] = publish(engine, [incoming(mine), incoming(yours, digest=OTHER)])

    assert outcome == Stored(2, 0)


def test_an_event_is_kept_as_it_came_and_waits_to_be_read(engine: Engine) -> None:
    told = event("cart.left", "a", cart="סל-1", total=12.5, items=[1, {"deep": None}])

    publish(engine, [incoming(told, writes_customer=True)])

    [row] = rows(engine, events, "seq")
    assert (row.source, row.id, row.type, row.customer_id) == ("shop", "a", "cart.left", "c1")
    assert (row.time, row.received_at) == (NOON, NOON)
    assert row.data == {"cart": "סל-1", "total": 12.5, "items": [1, {"deep": None}]}
    assert (row.state, row.tries, row.writes_customer, row.history) == ("new", 0, True, False)
    assert (row.door, row.bundle) == ("test", BUNDLE)


def test_any_number_of_groups_costs_the_same_statements(engine: Engine) -> None:
    counted: list[str] = []
    hooks.listen(engine, "before_cursor_execute", lambda *given: counted.append(given[2]))

    publish(engine, group("a"))
    for_one, counted[:] = len(counted), []
    publish(engine, *([one(f"{g}-{n}") for n in range(20)] for g in range(20)))

    assert len(counted) == for_one


def test_publishers_of_the_same_events_in_any_order_never_wait_for_each_other(
    postgres_database_url: str,
) -> None:
    names = [f"e{number:04}" for number in range(2000)]
    orders = [names, names[::-1], names[1000:] + names[:1000], names[999::-1] + names[:999:-1]]
    repeats, ready = Repeats(), Barrier(len(orders))

    def run(order: Sequence[str]) -> Any:
        engine = make_engine(postgres_database_url)
        try:
            told = group(*order)
            stored_ids(engine)
            # connected, and all of them now: else each is done before the next has begun
            ready.wait(60)
            return publish(engine, told)[0]
        finally:
            engine.dispose()

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(run, orders))

    assert repeats.by_cause() == {}
    assert sorted(outcome.accepted for outcome in outcomes) == [0, 0, 0, 2000]
    engine = make_engine(postgres_database_url)
    assert sorted(stored_ids(engine)) == names
    engine.dispose()


def test_one_of_two_publishers_with_other_content_for_the_same_id_is_refused_whole(
    postgres_database_url: str,
) -> None:
    def run(who: str, mark: str) -> list[Any]:
        engine = make_engine(postgres_database_url)
        try:
            return [publish(engine, group(f"{who}-{n}", f"both-{n}{mark}"))[0] for n in range(60)]
        finally:
            engine.dispose()

    with ThreadPoolExecutor(2) as pool:
        mine, yours = pool.map(run, ["mine", "yours"], ["", "!"])

    for ours, theirs in zip(mine, yours, strict=True):
        assert sorted([type(ours).__name__, type(theirs).__name__]) == ["Conflict", "Stored"]
