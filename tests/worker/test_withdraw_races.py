"""Does a withdrawal come to the same, whoever reads, claims, applies or dies beside it?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, delete, update
from sqlalchemy import event as hooks

from tests.worker.operators import in_force, on_record
from tests.worker.repeats import Repeats
from tests.worker.sending import HOUR, MINUTE, Post, dana, left, trigger
from tests.worker.small_world import HASHER, NOON, rows, told
from worker.steps.recompute import FOLLOWED, recompute
from worker.steps.withdraw import NotWithdrawn, Withdrawal, Withdrawn
from worker.store import customers
from worker.store.engine import in_transaction, make_engine
from worker.store.tables import activations, events, messages, occurrences
from worker.store.tables import facts as fact_rows
from worker.store.withdrawal import Named

SHOP = Named("shop", NOON + timedelta(days=365), type="cart.left")
CROWD = 24


class Killed(Exception):
    """Stands for a process that dies here."""


@pytest.fixture
def repeats() -> Repeats:
    return Repeats()


def crowd(engine: Engine, *triggers: str) -> Post:
    post = in_force(engine, *triggers)
    for n in range(CROWD):
        told(
            engine,
            dana(f"c{n:02}", phone=f"+9725012345{n:02}", email=None),
            writes_customer=True,
        )
    told(engine, *(left(f"c{n:02}") for n in range(CROWD)))
    return post


def taken_back(post: Post, **more: Any) -> Withdrawn:
    given = {"by": "dana", "now": NOON + MINUTE, "limit": 5, **more}
    return Withdrawal(post.engine, post.configuration, HASHER, SHOP, **given).run()


def at_once(*work: Callable[[], Any]) -> list[Any]:
    begin = Barrier(len(work))

    def run(one: Callable[[], Any]) -> Any:
        begin.wait(60)
        return one()

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(run, work))


def is_undone(engine: Engine) -> bool:
    taken = {row.state for row in rows(engine, events) if row.type == "cart.left"}
    kept = {row.type for row in rows(engine, fact_rows)}
    waits = {row.state for row in rows(engine, occurrences)} & {"pending"}
    return taken == {"withdrawn"} and "cart.left" not in kept and not waits


def test_two_at_once_do_it_once(engine: Engine, repeats: Repeats) -> None:
    post = crowd(engine, trigger(wait="1h", unless="cart.paid"))
    post.read()

    done = at_once(*[lambda: taken_back(post)] * 3)

    assert is_undone(engine)
    assert sum(one.events.total() for one in done) == CROWD
    assert sum(one.undone.called_off["hi"] for one in done) == CROWD
    assert repeats.by_cause() == {}


def test_beside_reading_nothing_of_it_is_left_waiting(engine: Engine, repeats: Repeats) -> None:
    post = crowd(engine, trigger(wait="1h", unless="cart.paid"))

    at_once(post.read, lambda: taken_back(post), lambda: taken_back(post))
    post.read()

    assert is_undone(engine)
    assert repeats.by_cause() == {}


def test_beside_claims_each_message_was_called_off_or_is_told_as_left(
    engine: Engine, repeats: Repeats
) -> None:
    post = crowd(engine, trigger())
    post.read()

    def claim() -> None:
        while letters := post.claim(NOON + MINUTE, limit=3).letters:
            post.deliver(letters, NOON + MINUTE)

    done = at_once(claim, lambda: taken_back(post))[1]
    claim()

    left_ = {id_ for ids in done.undone.left.values() for id_ in ids}
    assert left_ == {row.id for row in rows(engine, messages)}
    assert len(left_) + done.undone.called_off["hi"] == CROWD
    assert is_undone(engine)
    assert repeats.by_cause() == {}


@pytest.fixture
def dying(engine: Engine) -> Iterator[None]:
    """The third batch dies after its facts are gone, before its commit."""
    seen: list[str] = []

    def strike(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("DELETE FROM facts"):
            seen.append(statement)
            if len(seen) == 3:
                raise Killed

    hooks.listen(engine, "before_cursor_execute", strike)
    yield
    hooks.remove(engine, "before_cursor_execute", strike)


@pytest.mark.usefixtures("dying")
def test_one_that_dies_half_way_is_begun_again(engine: Engine) -> None:
    post = crowd(engine, trigger(wait="1h", unless="cart.paid"))
    post.read()
    with pytest.raises(Killed):
        taken_back(post)
    assert not is_undone(engine)
    assert len(on_record(engine)) == 2, "what was done is on record"

    again = taken_back(post)

    assert again.events == {"read": CROWD - 10}
    assert is_undone(engine)


def test_who_is_held_by_others_all_the_time_is_told_of(postgres_database_url: str) -> None:
    engine = make_engine(postgres_database_url)
    post = crowd(engine, trigger(wait="1h"))
    post.read()
    with engine.begin() as connection:
        customers.hold(connection, ["c00"], most=1)
        with pytest.raises(NotWithdrawn, match="1 customers are held"):
            taken_back(post, looks=2)

    assert taken_back(post).events == {"read": 1}
    assert is_undone(engine)
    engine.dispose()


def test_an_apply_that_catches_up_does_not_bring_its_facts_back(engine: Engine) -> None:
    post = crowd(engine, trigger(wait="1h", unless="cart.paid"))
    began = NOON - MINUTE
    post.read(began + FOLLOWED / 2)
    in_transaction(engine, lambda c: c.execute(update(activations).values(at=began)))
    done: list[Withdrawn] = []

    def between(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        """After the apply has read which events came, before it keeps their facts."""
        if "ORDER BY seq DESC LIMIT" in statement and "state = 'read'" in statement:
            done.append(taken_back(post))

    hooks.listen(engine, "after_cursor_execute", between)
    recompute(engine, post.configuration, HASHER, now=NOON + HOUR)
    hooks.remove(engine, "after_cursor_execute", between)

    assert [one.events.total() for one in done] == [CROWD]
    assert is_undone(engine)


def test_an_apply_that_catches_up_keeps_the_facts_of_what_stands(engine: Engine) -> None:
    post = crowd(engine, trigger(wait="1h", unless="cart.paid"))
    began = NOON - MINUTE
    post.read(began + FOLLOWED / 2)
    in_transaction(engine, lambda c: c.execute(update(activations).values(at=began)))
    in_transaction(engine, lambda c: c.execute(delete(fact_rows)))

    recompute(engine, post.configuration, HASHER, now=NOON + HOUR)

    assert len(rows(engine, fact_rows)) == CROWD
