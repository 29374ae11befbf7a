"""Does a plan tell exactly what an apply then does, and leave everything as it is?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, delete
from sqlalchemy.exc import DBAPIError

from tests.worker.small_world import (
    HASHER,
    NOON,
    POLICY,
    TRIGGERS,
    event,
    files,
    incoming,
    publish,
    read_all,
    rows,
)
from triggers.configuration import ConfigurationRefused, read_configuration
from worker.steps.apply import apply
from worker.steps.planning import Plan, Planned, Sample, plan
from worker.steps.recompute import recompute
from worker.store.clock import read_now
from worker.store.engine import in_transaction, make_engine, snapshot
from worker.store.tables import decisions, house, metadata, occurrences

HOUR = timedelta(hours=1)
LONGER = TRIGGERS["cart"].replace("wait: 1h", "wait: 2h")
STRICT = TRIGGERS["cart"].replace("wait:", 'when: event.data.cart == "k"\nwait:')
LETTERS = TRIGGERS["cart"].replace("trigger: cart", "trigger: letters")


@pytest.fixture
def sqlite_engine(sqlite_database_url: str) -> Iterator[Engine]:
    made = make_engine(sqlite_database_url)
    yield made
    made.dispose()


@pytest.fixture
def postgres_engine(postgres_database_url: str) -> Iterator[Engine]:
    made = make_engine(postgres_database_url)
    yield made
    made.dispose()


def waits(engine: Engine, *carts: tuple[str, str]) -> None:
    """The house is in force, and these customers' carts were left at noon and read."""
    apply(engine, files(), "dana")
    now = in_transaction(engine, read_now)
    left = [event("cart.left", f"{c}-{k}", customer=c, cart=k) for c, k in carts]
    publish(engine, [incoming(one) for one in left], now=now)
    read_all(engine, read_configuration(files()))


def everything(engine: Engine) -> dict[str, list[Any]]:
    return {table.name: sorted(map(repr, rows(engine, table))) for table in metadata.sorted_tables}


def only(found: Plan) -> Planned:
    [one] = found.triggers
    return one


def test_a_longer_wait_moves_what_waits(engine: Engine) -> None:
    waits(engine, ("a", "k"), ("b", "k"))

    found = plan(engine, files(LONGER), HASHER, most=1)

    assert (found.active, found.hash) == tuple(
        read_configuration(one).hash for one in (files(), files(LONGER))
    )
    assert found.files == {"config/triggers/cart.yaml": "changed"}
    one = only(found)
    assert (one.trigger, one.how, one.waiting) == ("cart", "changed", 2)
    assert one.changes == {"added": 0, "moved": 2, "called_off": 0}
    [shown] = one.sample
    assert shown.customer in {"a", "b"}
    assert (shown.change, shown.before, shown.after) == ("moved", NOON + HOUR, NOON + 2 * HOUR)


def test_what_no_longer_qualifies_would_be_called_off(engine: Engine) -> None:
    waits(engine, ("a", "k"), ("b", "other"))

    one = only(plan(engine, files(STRICT), HASHER))

    assert one.changes == {"added": 0, "moved": 0, "called_off": 1}
    assert one.sample == (
        Sample("called_off", "b", "other", "once", NOON + HOUR, None, "trigger_changed"),
    )


def test_what_is_shown_stands_in_an_order(engine: Engine) -> None:
    waits(engine, *((f"c{number}", "k") for number in range(9)))

    moved = only(plan(engine, files(LONGER), HASHER, most=9)).sample
    gone = only(plan(engine, files(without=("cart",)), HASHER, most=9)).sample

    expected = [f"c{number}" for number in range(9)]
    assert [[one.customer for one in shown] for shown in (moved, gone)] == [expected, expected]


def test_what_waits_many_times_for_one_key_is_counted_once(engine: Engine) -> None:
    each = files(TRIGGERS["cart"] + "again: each\n")
    apply(engine, each, "dana")
    now = in_transaction(engine, read_now)
    left = [event("cart.left", str(n), cart="k") for n in range(4)]
    publish(engine, [incoming(one) for one in left], now=now)
    read_all(engine, read_configuration(each))

    one = only(plan(engine, files(LONGER + "again: each\n"), HASHER, limit=1))

    assert (one.waiting, one.changes["moved"], len(one.sample)) == (4, 4, 4)


def test_a_removed_trigger_calls_off_all_that_waits_of_it(engine: Engine) -> None:
    waits(engine, ("a", "k"))

    one = only(plan(engine, files(without=("cart",)), HASHER))

    assert (one.how, one.changes["called_off"]) == ("removed", 1)
    assert one.sample[0].reason == "trigger_removed"


def test_a_new_trigger_has_nothing_waiting(engine: Engine) -> None:
    waits(engine, ("a", "k"))

    one = only(plan(engine, files(LETTERS), HASHER))

    assert (one.trigger, one.how, one.waiting) == ("letters", "new", 0)
    assert not any(one.changes.values())


def test_what_an_earlier_configuration_called_off_would_wait_again(engine: Engine) -> None:
    waits(engine, ("a", "k"))
    later = in_transaction(engine, read_now) + HOUR
    in_transaction(engine, lambda c: c.execute(occurrences.update().values(expires=later)))
    without = files(without=("cart",))
    apply(engine, without, "dana")
    recompute(engine, read_configuration(without), HASHER, now=later)

    one = only(plan(engine, files(), HASHER))

    assert one.changes == {"added": 1, "moved": 0, "called_off": 0}
    assert (one.sample[0].change, one.sample[0].after) == ("added", NOON + HOUR)


def test_before_anything_is_in_force_everything_is_new(engine: Engine) -> None:
    found = plan(engine, files(), HASHER)

    assert found.active is None
    assert [(one.trigger, one.how) for one in found.triggers] == [
        ("cart", "new"), ("checks", "new"), ("plan", "new"),
    ]  # fmt: skip


def test_what_is_in_force_changes_nothing(engine: Engine) -> None:
    waits(engine, ("a", "k"))

    found = plan(engine, files(), HASHER)

    assert found == Plan(found.hash, found.hash, (), {})


def test_a_changed_text_moves_nothing(engine: Engine) -> None:
    waits(engine, ("a", "k"))

    found = plan(engine, {**files(), "templates/hello/sms.en.txt": "Good day"}, HASHER)

    assert found.triggers == ()
    assert found.files == {"templates/hello/sms.en.txt": "changed"}


def test_a_mistake_is_told_and_not_planned(engine: Engine) -> None:
    with pytest.raises(ConfigurationRefused):
        plan(engine, files("\ntrigger: cart\non: no.such.event\n"), HASHER)


def test_a_plan_writes_nothing(engine: Engine) -> None:
    waits(engine, *((str(n), "k") for n in range(5)))
    before = everything(engine)

    plan(engine, files(STRICT, LETTERS, policy=POLICY + "grace: 5m\n"), HASHER, limit=2)

    assert everything(engine) == before


def test_what_a_snapshot_shows_does_not_change_while_it_is_read(engine: Engine) -> None:
    with snapshot(engine) as connection:
        before = connection.execute(house.select()).all()
        in_transaction(engine, lambda c: c.execute(house.insert().values(name="x", value="y")))
        assert connection.execute(house.select()).all() == before


def test_nobody_writes_through_a_snapshot(postgres_engine: Engine) -> None:
    with snapshot(postgres_engine) as connection, pytest.raises(DBAPIError, match="read-only"):
        connection.execute(delete(house))


WAITS = st.sampled_from(["1h", "2h", "1d at 11:00", "until 09:00"])
WHENS = st.sampled_from(['event.data.cart == "k1"', 'event.data.cart != "k2"', "", ""])
LEFT = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(["k1", "k2", "k3"]), st.integers(0, 90)),
    max_size=8,
)


def cart(wait: str, when: str, again: str) -> str:
    whole = TRIGGERS["cart"].replace("wait: 1h", f"wait: {wait}\nagain: {again}")
    return whole.replace("wait:", f"when: {when}\nwait:") if when else whole


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(left=LEFT, wait=WAITS, when=WHENS, again=st.sampled_from(["once", "each"]))
def test_what_was_planned_is_what_the_apply_does(
    sqlite_engine: Engine, left: list[tuple[str, str, int]], wait: str, when: str, again: str
) -> None:
    empty(sqlite_engine)
    apply(sqlite_engine, files(), "dana")
    now = in_transaction(sqlite_engine, read_now)
    events = [
        event("cart.left", str(n), customer=c, after=timedelta(minutes=m), cart=k)
        for n, (c, k, m) in enumerate(left)
    ]
    publish(sqlite_engine, [incoming(one) for one in events], now=now)
    read_all(sqlite_engine, read_configuration(files()))
    changed = files(cart(wait, when, again))
    read = len(rows(sqlite_engine, decisions))

    found = plan(sqlite_engine, changed, HASHER, limit=2)
    apply(sqlite_engine, changed, "dana")
    recompute(sqlite_engine, read_configuration(changed), HASHER, limit=3)

    done = [row.verdict for row in rows(sqlite_engine, decisions, "seq")[read:]]
    told = {"added": "started", "moved": "moved", "called_off": "called_off"}
    assert {told[word]: n for word, n in only(found).changes.items()} == {
        verdict: done.count(verdict) for verdict in told.values()
    }


def empty(engine: Engine) -> None:
    def delete_all(connection: Connection) -> None:
        for table in metadata.sorted_tables:
            connection.execute(delete(table))

    in_transaction(engine, delete_all)
