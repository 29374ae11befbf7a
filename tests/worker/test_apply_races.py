"""Does an apply come out right beside another, and when its recompute dies in the middle?"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import count
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy import event as hooks

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
from triggers.changes import changed_triggers
from triggers.configuration import bundle_hash, read_configuration
from worker.following import Following
from worker.steps.apply import Applied, apply, approve, propose_files
from worker.steps.evaluate import SURE, Report, evaluate
from worker.steps.recompute import FOLLOWED, Recomputed, recompute
from worker.store import customers
from worker.store.clock import read_now
from worker.store.engine import in_transaction, make_engine
from worker.store.tables import activations, bundles, occurrences

LOCKED = POLICY + "approval: required\n"
WAITS = ["1h", "2h", "3h", "4h", "5h", "6h"]
GIVEN = [files(TRIGGERS["cart"].replace("1h", wait)) for wait in WAITS]


class Killed(BaseException):
    """The process is gone: nothing answers it."""


def at_once(*work: Callable[[], Any]) -> list[Any]:
    barrier = Barrier(len(work))

    def begin(one: Callable[[], Any]) -> Any:
        barrier.wait()
        return one()

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(begin, work))


def test_applies_at_once_follow_each_other(engine: Engine) -> None:
    done = at_once(*(lambda given=one: apply(engine, given, "dana") for one in GIVEN))

    kept = [row.bundle for row in rows(engine, activations, "seq")]
    assert sorted(kept) == sorted(bundle_hash(one) for one in GIVEN)
    read = {bundle_hash(one): read_configuration(one) for one in GIVEN}
    told = {one.hash: one.changed for one in done}
    before = [None, *(read[digest] for digest in kept)]
    for earlier, digest in zip(before, kept, strict=False):
        assert told[digest] == tuple(sorted(changed_triggers(earlier, read[digest])))


def test_the_same_applied_at_once_comes_into_force_once(engine: Engine) -> None:
    done = at_once(*(lambda: apply(engine, files(), "dana") for _ in range(6)))

    assert sorted(one.anew for one in done) == [False] * 5 + [True]
    assert len(rows(engine, activations, "seq")) == len(rows(engine, bundles)) == 1


def test_two_who_approve_at_once_approve_once(engine: Engine) -> None:
    apply(engine, files(policy=LOCKED), "dana")
    new = files(policy=LOCKED + "grace: 5m\n")
    propose_files(engine, new, "dana")
    digest = bundle_hash(new)

    done = at_once(*(lambda name=one: approve(engine, digest, name) for one in ("omer", "noa")))

    assert Applied(digest, (), anew=False) in done
    assert len(rows(engine, activations, "seq")) == 2


@pytest.mark.parametrize("commits", [1, 2, 3, 4])
def test_a_recompute_killed_in_the_middle_is_taken_up_by_the_next(
    engine: Engine, commits: int
) -> None:
    """Given ten carts that wait, recomputed three at a time by who dies at a commit."""
    apply(engine, GIVEN[0], "dana")
    now = in_transaction(engine, read_now)
    left = [event("cart.left", str(n), customer=str(n), cart="k") for n in range(10)]
    publish(engine, [incoming(one) for one in left], now=now)
    read_all(engine, read_configuration(GIVEN[0]))
    apply(engine, GIVEN[1], "dana")
    rules = read_configuration(GIVEN[1])
    left_to_live = [commits]

    def die(connection: object) -> None:
        left_to_live[0] -= 1
        if not left_to_live[0]:
            raise Killed

    hooks.listen(engine, "commit", die)
    with pytest.raises(Killed):
        recompute(engine, rules, HASHER, limit=3)
    hooks.remove(engine, "commit", die)
    moved = [row.moment for row in rows(engine, occurrences) if row.bundle == rules.hash]
    assert len(moved) == 3 * (commits - 1)

    recompute(engine, rules, HASHER, now=now + 2 * FOLLOWED, limit=3)

    found = {(row.state, row.moment, row.bundle) for row in rows(engine, occurrences)}
    assert found == {("pending", NOON + timedelta(hours=2), rules.hash)}
    assert [row.recomputed_at is not None for row in rows(engine, activations, "seq")] == [True] * 2


def test_a_worker_follows_what_another_process_applied_and_rolled_back(engine: Engine) -> None:
    following = Following(engine, gap=timedelta(0))

    for given in (GIVEN[0], GIVEN[1], GIVEN[0]):
        apply(engine, given, "dana")
        found = following.active()
        assert found is not None
        assert found.hash == bundle_hash(given)


def test_what_every_worker_read_by_the_new_rules_is_not_asked_again(engine: Engine) -> None:
    apply(engine, GIVEN[0], "dana")
    rules, now = read_configuration(GIVEN[0]), in_transaction(engine, read_now)
    _left(engine, now, "early", "late")
    read_all(engine, rules, now=now + FOLLOWED / 2, limit=1)
    _left(engine, now + 2 * FOLLOWED, *"abcdef")
    read_all(engine, rules, now=now + 2 * FOLLOWED)

    done = recompute(engine, rules, HASHER, now=now + 3 * FOLLOWED, limit=3)

    assert done == Recomputed(2, done=True)


def test_of_whom_others_hold_only_he_is_asked_again(postgres_database_url: str) -> None:
    """Given eight whose carts were read as the rules came into force, and who holds one of them."""
    engine = make_engine(postgres_database_url)
    apply(engine, GIVEN[0], "dana")
    rules, now = read_configuration(GIVEN[0]), in_transaction(engine, read_now)
    _left(engine, now, *"abcdefgh")
    read_all(engine, rules, now=now)
    with engine.begin() as connection:
        customers.hold(connection, ["c"], most=1)

        done = recompute(engine, rules, HASHER, now=now + 2 * FOLLOWED, limit=3)

    assert done == Recomputed(7, done=False)
    assert not any(row.recomputed_at for row in rows(engine, activations))
    assert recompute(engine, rules, HASHER, now=now + 3 * FOLLOWED) == Recomputed(8, done=True)
    engine.dispose()


@pytest.mark.parametrize("known", [True, False])
def test_whoever_reads_so_long_that_he_is_not_asked_again_reads_by_no_replaced_rules(
    engine: Engine, known: bool
) -> None:
    """He began before the apply, and would commit after all that was read has been asked again."""
    apply(engine, GIVEN[0], "dana")
    rules = [read_configuration(one) for one in GIVEN[:2]]
    now = in_transaction(engine, read_now)
    if known:
        publish(engine, [incoming(event("cart.paid", "paid", customer="a", cart="other"))], now=now)
        read_all(engine, rules[0], now=now)
    _left(engine, now, "a")
    apply(engine, GIVEN[1], "dana")

    late = evaluate(engine, rules[0], HASHER, now=now, seconds=_slow())

    assert late == Report(0, 0, more=True)
    assert rows(engine, occurrences) == []
    assert evaluate(engine, rules[1], HASHER, now=now, seconds=_slow()).read == 1
    assert [row.bundle for row in rows(engine, occurrences)] == [rules[1].hash]


def _slow() -> Callable[[], float]:
    """Tells that a call takes longer than its rules are trusted."""
    return count(step=2 * SURE).__next__


def _left(engine: Engine, received: datetime, *people: str) -> None:
    for one in people:
        left = event("cart.left", one, customer=one, cart="k")
        publish(engine, [incoming(left)], now=received)
