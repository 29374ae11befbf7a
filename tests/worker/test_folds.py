"""Is a key of many facts decided as if all were read, though they are not?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine, delete, update

from tests.worker.operators import in_force
from tests.worker.small_world import (
    HASHER,
    NOON,
    TRIGGERS,
    configuration,
    event,
    files,
    incoming,
    publish,
    read_all,
    rows,
    told,
)
from triggers.configuration import read_configuration
from triggers.events import Event
from worker.steps.erase import Erasure
from worker.steps.evaluate import evaluate
from worker.steps.merge import Merge, Two
from worker.steps.recompute import FOLLOWED, recompute
from worker.steps.timelines import LONG
from worker.steps.withdraw import Withdrawal
from worker.store.engine import in_transaction
from worker.store.erasure import Whose
from worker.store.folds import drop_folds
from worker.store.tables import activations, decisions, facts, folds, occurrences
from worker.store.withdrawal import Named

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
ENDS = ("2026-12-15", "2026-12-24", "2027-01-07")
MANY = 2 * LONG


def updates(
    number: int = MANY, *, customer: str = "c1", begin: int = 0, ends: str = ENDS[0]
) -> list[Event]:
    """Of one plan, all with the same date: what waits was started by the first of them."""
    return [
        event("plan.changed", f"{customer}-{n}", customer=customer, after=n * MINUTE, plan="p",
              ends=ends)
        for n in range(begin, begin + number)
    ]  # fmt: skip


def read(engine: Engine, *some: Event) -> None:
    publish(engine, *([incoming(one)] for one in some))
    read_all(engine, configuration(), now=NOON + DAY)


def started_by(engine: Engine) -> list[str]:
    found = rows(engine, occurrences, "id")
    return [row.start_id for row in found if row.state == "pending"]


def run(engine: Engine, statement: Any) -> None:
    in_transaction(engine, lambda connection: connection.execute(statement))


def drawn(chance: Random, number: int, customer: str) -> Event:
    """Most come nearly in order, some an hour late and a few by a day."""
    after = number * 10 * MINUTE - chance.choice((0, 0, 0, 0, 7, 60, 1440)) * MINUTE
    plan: dict[str, Any] = {"plan": "p", "ends": chance.choice(ENDS)}
    rare = [("cart.paid", {"cart": "k"}), ("book.ordered", {"account": "a"})]
    kinds: list[tuple[str, dict[str, Any]]] = [
        ("plan.changed", plan),
        ("plan.changed", {"plan": "p"}),
        ("plan.cancelled", {"plan": "p"}),
        *[("check.used", {"account": "a", "number": number})] * 3,
        *[("cart.left", {"cart": "k"})] * 2,
        *(rare if chance.random() < 0.2 else ()),
    ]
    type_, data = chance.choice(kinds)
    return event(type_, f"e{number}", customer=customer, source=customer, after=after, **data)


def whole(engine: Engine, customer: str) -> tuple[Sequence[Any], Sequence[Any]]:
    """All that was ever decided of him, but for his name."""
    waits = [
        (row.trigger, row.key, row.epoch, row.state, row.reason, row.start_id, row.moment, row.due)
        for row in rows(engine, occurrences, "trigger", "epoch")
        if row.customer_id == customer
    ]
    said = [
        (row.trigger, row.epoch, row.verdict, row.reason, row.moment, [id_ for _, id_ in row.facts])
        for row in rows(engine, decisions, "seq")
        if row.customer_id == customer
    ]
    return waits, said


@pytest.mark.parametrize("seed", [1, 2])
def test_late_and_shuffled_events_of_one_key_are_decided_the_same_with_folds_and_without(
    engine: Engine, seed: int
) -> None:
    chance, number = Random(seed), 0
    while number < 260:
        batch = range(number, number + chance.randrange(1, 40))
        number = batch.stop
        state = chance.getstate()
        for customer in ("folded", "unfolded"):
            chance.setstate(state)
            publish(engine, *([incoming(drawn(chance, n, customer))] for n in batch))
        in_transaction(engine, lambda connection: drop_folds(connection, ["unfolded"]))

        read_all(engine, configuration(), now=NOON + 30 * DAY)

    assert whole(engine, "folded") == whole(engine, "unfolded")
    assert {row.trigger for row in rows(engine, folds) if row.customer_id == "folded"} == {
        "cart",
        "checks",
        "plan",
    }


def test_facts_that_are_folded_are_read_no_more(engine: Engine) -> None:
    read(engine, *updates())
    [fold] = rows(engine, folds)
    run(engine, delete(facts).where(facts.c.time <= fold.until_time))

    read(engine, *updates(1, begin=MANY))

    assert started_by(engine) == ["c1-0"]


def test_an_event_older_than_what_is_folded_is_seen_all_the_same(engine: Engine) -> None:
    read(engine, *updates(begin=1))

    read(engine, event("plan.changed", "first", plan="p", ends=ENDS[0]))
    assert started_by(engine) == ["first"]
    read(engine, *updates(1, begin=MANY + 1))
    assert started_by(engine) == ["first"]


def test_a_fold_that_an_older_event_came_before_is_gone_though_few_facts_are_left(
    engine: Engine,
) -> None:
    read(engine, *updates(begin=1))
    run(engine, delete(facts).where(facts.c.time < NOON + (MANY - 3) * MINUTE))
    assert rows(engine, folds)

    read(engine, event("plan.changed", "first", plan="p", ends=ENDS[0]))
    assert not rows(engine, folds)
    read(engine, *updates(1, begin=MANY + 1))

    assert started_by(engine) == ["first"]


def test_another_configuration_is_asked_of_all_facts(engine: Engine) -> None:
    read(engine, *updates())
    run(engine, delete(facts).where(facts.c.id == "c1-0"))
    post = in_force(engine, TRIGGERS["plan"])

    told(engine, *updates(1, begin=MANY))
    evaluate(engine, post.configuration, HASHER, now=NOON + DAY)

    assert rows(engine, folds)[0].basis
    assert started_by(engine) == ["c1-1"]


def test_what_is_withdrawn_is_in_no_fold(engine: Engine) -> None:
    post = in_force(engine, TRIGGERS["plan"])
    told(engine, *updates())
    read_all(engine, post.configuration, now=NOON + DAY)

    named = Named("shop", NOON + DAY, id="c1-0")
    Withdrawal(engine, post.configuration, HASHER, named, by="dana", now=NOON + DAY).run()
    told(engine, *updates(1, begin=MANY))
    read_all(engine, post.configuration, now=NOON + DAY)

    assert started_by(engine) == ["c1-1"]


def test_what_another_id_had_is_seen_beside_what_was_folded(engine: Engine) -> None:
    post = in_force(engine, TRIGGERS["plan"])
    told(engine, *updates(begin=1))
    told(engine, *updates(1, customer="c2"))
    read_all(engine, post.configuration, now=NOON + DAY)

    two = Two("c2", "c1")
    Merge(engine, post.configuration, HASHER, two, by="noa", now=NOON + DAY).run()
    told(engine, *updates(1, begin=MANY + 1))
    read_all(engine, post.configuration, now=NOON + DAY)

    assert started_by(engine) == ["c2-0"]


def test_what_a_worker_read_that_did_not_follow_yet_is_seen_beside_what_was_folded(
    engine: Engine,
) -> None:
    post, late, now = in_force(engine, TRIGGERS["plan"]), 90 * 24 * 60, NOON + 100 * DAY
    ends = "2027-06-01"
    began = NOON + timedelta(minutes=late)
    in_transaction(engine, lambda c: c.execute(update(activations).values(at=began)))
    told(engine, *updates(1, begin=late, ends=ends))
    read_all(engine, read_configuration(files(without=("plan",))), now=began + FOLLOWED / 2)
    told(engine, *updates(begin=late + 1, ends=ends))
    read_all(engine, post.configuration, now=now)
    assert rows(engine, folds)

    while not recompute(engine, post.configuration, HASHER, now=now).done:
        pass
    told(engine, *updates(1, begin=late + MANY + 1, ends=ends))
    read_all(engine, post.configuration, now=now)

    assert started_by(engine) == [f"c1-{late}"]


def test_nothing_folded_is_left_of_who_is_erased(engine: Engine) -> None:
    read(engine, *updates())
    assert rows(engine, folds)

    Erasure(
        engine, Whose("c1", ("twilio",)), "noa", hasher=HASHER, contact="x", now=NOON + DAY
    ).run()

    assert not rows(engine, folds)
