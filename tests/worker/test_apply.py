"""Does a configuration come into force whole, and does what waits follow it?"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from tests.worker.small_world import (
    BUNDLE,
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
    told,
)
from triggers.configuration import Configuration, ConfigurationRefused, read_configuration
from worker.steps.apply import Applied, apply
from worker.steps.evaluate import evaluate
from worker.steps.recompute import FOLLOWED, Recomputed, recompute
from worker.store.bundles import active_bundle, bundle_files
from worker.store.clock import read_now
from worker.store.engine import in_transaction, reading
from worker.store.tables import (
    activations,
    bundles,
    decisions,
    occurrences,
    trigger_births,
)

LONGER = TRIGGERS["cart"].replace("wait: 1h", "wait: 2h")
LETTERS = """
trigger: letters
on: cart.left
key: event.data.cart
wait: 3h
send: [{message: hello, by: [sms]}]
limits: {category: service}
"""
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def in_force(engine: Engine, *changed: str, without: tuple[str, ...] = ()) -> Configuration:
    """Apply these files and read them."""
    given = files(*changed, without=without)
    apply(engine, given, "a test")
    return read_configuration(given)


def follow(engine: Engine, rules: Configuration, *, late: bool = True) -> Recomputed:
    """As a worker does, by default long enough after the apply."""
    now = in_transaction(engine, read_now)
    return recompute(engine, rules, HASHER, now=now + FOLLOWED * 2 if late else now)


def leave(engine: Engine, *ids: str) -> None:
    """Carts left at noon, one customer each, received now."""
    now = in_transaction(engine, read_now)
    batch = [incoming(event("cart.left", id_, customer=id_, cart="k")) for id_ in ids]
    publish(engine, batch, now=now)


def waits(engine: Engine) -> dict[tuple[str, str], tuple[str, str | None, datetime]]:
    found = rows(engine, occurrences, "id")
    return {(r.trigger, r.customer_id): (r.state, r.reason, r.moment) for r in found}


def test_an_applied_configuration_is_kept_and_active(engine: Engine) -> None:
    given = files()

    applied = apply(engine, given, "dana")

    assert applied == Applied(read_configuration(given).hash, ("cart", "checks", "plan"), anew=True)
    assert reading(engine, active_bundle) == applied.hash
    assert reading(engine, lambda c: bundle_files(c, applied.hash)) == given
    [row] = rows(engine, activations, "seq")
    assert (row.bundle, row.by, row.recomputed_at) == (applied.hash, "dana", None)
    assert {row.trigger for row in rows(engine, trigger_births)} == {"cart", "checks", "plan"}


def test_nothing_is_active_before_the_first(engine: Engine) -> None:
    assert reading(engine, active_bundle) is None
    with pytest.raises(KeyError):
        reading(engine, lambda c: bundle_files(c, BUNDLE))


def test_the_same_files_again_change_nothing(engine: Engine) -> None:
    first = apply(engine, files(), "dana")

    again = apply(engine, files(), "omer")

    assert again == Applied(first.hash, (), anew=False)
    assert len(rows(engine, activations, "seq")) == 1


def test_a_wrong_configuration_leaves_the_last_good_one(engine: Engine) -> None:
    first = apply(engine, files(), "dana")

    with pytest.raises(ConfigurationRefused):
        apply(engine, files("\ntrigger: cart\non: no.such.event\n"), "dana")

    assert reading(engine, active_bundle) == first.hash
    assert len(rows(engine, bundles)) == 1


@pytest.mark.parametrize(
    ("given", "changed"),
    [
        (files(LONGER), ("cart",)),
        (files(LETTERS), ("letters",)),
        (files(without=["plan"]), ("plan",)),
        (files(TRIGGERS["cart"] + "about: only said\n"), ()),
        (files(policy=POLICY + "grace: 5m\n"), ("cart", "checks", "plan")),
    ],
    ids=["changed", "new", "removed", "only words", "policy"],
)
def test_the_changed_triggers_are_named(
    engine: Engine, given: dict[str, str], changed: tuple[str, ...]
) -> None:
    apply(engine, files(), "dana")

    assert apply(engine, given, "dana").changed == changed


def test_a_trigger_is_born_once_though_it_goes_and_comes_back(engine: Engine) -> None:
    in_force(engine)
    before = rows(engine, trigger_births, "trigger")
    in_force(engine, without=("plan",))

    in_force(engine)

    assert rows(engine, trigger_births, "trigger") == before


def test_a_changed_wait_moves_what_waits(engine: Engine) -> None:
    rules = in_force(engine)
    leave(engine, "a", "b", "c")
    read_all(engine, rules)
    longer = in_force(engine, LONGER)

    assert recompute(engine, longer, HASHER, now=NOON, limit=2) == Recomputed(3, done=True)

    moved = ("pending", None, NOON + 2 * HOUR)
    assert waits(engine) == {("cart", name): moved for name in "abc"}
    assert {row.bundle for row in rows(engine, occurrences)} == {longer.hash}
    verdicts = [row.verdict for row in rows(engine, decisions, "seq")]
    assert sorted(verdicts[3:]) == ["moved"] * 3


def test_what_did_not_change_is_not_asked_again(engine: Engine) -> None:
    rules = in_force(engine)
    told(engine, event("plan.changed", "p", plan="p", ends="2026-12-01"))
    follow(engine, rules)
    leave(engine, "a")
    read_all(engine, rules)

    assert follow(engine, in_force(engine, LETTERS), late=False) == Recomputed(0, done=True)


def test_what_waits_of_a_removed_trigger_is_called_off(engine: Engine) -> None:
    rules = in_force(engine)
    leave(engine, "a")
    read_all(engine, rules)

    follow(engine, in_force(engine, without=("cart",)))

    assert waits(engine) == {("cart", "a"): ("called_off", "trigger_removed", NOON + HOUR)}
    last = rows(engine, decisions, "seq")[-1]
    assert (last.verdict, last.reason) == ("called_off", "trigger_removed")


def test_what_a_changed_trigger_no_longer_starts_is_called_off(engine: Engine) -> None:
    rules = in_force(engine)
    leave(engine, "a")
    read_all(engine, rules)
    strict = TRIGGERS["cart"].replace("wait:", 'when: event.data.cart == "other"\nwait:')

    follow(engine, in_force(engine, strict))

    assert waits(engine)["cart", "a"][:2] == ("called_off", "trigger_changed")


def test_applying_the_earlier_one_again_lets_it_wait_again(engine: Engine) -> None:
    rules = in_force(engine)
    leave(engine, "a")
    read_all(engine, rules)
    now = in_transaction(engine, read_now)
    in_transaction(engine, lambda c: c.execute(occurrences.update().values(expires=now + HOUR)))
    follow(engine, in_force(engine, without=("cart",)))

    follow(engine, in_force(engine))

    assert waits(engine)["cart", "a"][:2] == ("pending", None)


def test_it_is_marked_once_every_worker_follows(engine: Engine) -> None:
    rules = in_force(engine)

    assert follow(engine, rules, late=False).done
    assert rows(engine, activations, "seq")[0].recomputed_at is None

    assert follow(engine, rules).done
    assert rows(engine, activations, "seq")[0].recomputed_at is not None


def test_a_worker_that_does_not_follow_yet_recomputes_nothing(engine: Engine) -> None:
    old = in_force(engine)
    leave(engine, "a")
    read_all(engine, old)
    in_force(engine, LONGER)

    follow(engine, old)

    assert waits(engine)["cart", "a"][2] == NOON + HOUR
    assert rows(engine, activations, "seq")[-1].recomputed_at is None


def test_an_event_read_by_who_did_not_follow_yet_starts_the_new_trigger_too(
    engine: Engine,
) -> None:
    old = in_force(engine)
    new = in_force(engine, LETTERS)
    leave(engine, "a")
    evaluate(engine, old, HASHER)

    follow(engine, new)

    assert waits(engine)["letters", "a"] == ("pending", None, NOON + 3 * HOUR)


def test_a_new_trigger_does_not_see_what_was_received_before_its_apply(engine: Engine) -> None:
    rules = in_force(engine)
    leave(engine, "a")
    read_all(engine, rules)

    follow(engine, in_force(engine, LETTERS))

    assert waits(engine).keys() == {("cart", "a")}
