"""Where the policy says so, does it take two people to put a configuration in force?"""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.worker.small_world import NOON, POLICY, TRIGGERS, files, rows
from triggers.configuration import ConfigurationRefused, bundle_hash
from worker.steps.apply import (
    Applied,
    ApprovalNeeded,
    NotApplied,
    apply,
    approve,
    kept_files,
    propose_files,
    refuse,
)
from worker.store.bundles import activate, active_bundle
from worker.store.engine import in_transaction, reading
from worker.store.proposals import last_refusal, open_proposals
from worker.store.tables import activations, bundles

LOCKED = files(policy=POLICY + "approval: required\n")
NEW = files(TRIGGERS["cart"].replace("1h", "2h"), policy=POLICY + "approval: required\n")
OTHER = files(TRIGGERS["cart"].replace("1h", "3h"))
IN_FORCE, PROPOSED = bundle_hash(LOCKED), bundle_hash(NEW)


@pytest.fixture
def locked(engine: Engine) -> Engine:
    """A policy that wants a second person is in force."""
    apply(engine, LOCKED, "dana")
    return engine


def proposed(engine: Engine, given: dict[str, str], by: str) -> str:
    found = propose_files(engine, given, by)
    assert found is not None
    return found.by


def history(engine: Engine) -> list[tuple[str, str, str | None]]:
    return [(row.bundle, row.by, row.proposed_by) for row in rows(engine, activations, "seq")]


def test_the_first_needs_nobody_else(locked: Engine) -> None:
    assert history(locked) == [(IN_FORCE, "dana", None)]


@pytest.mark.parametrize("given", [NEW, OTHER], ids=["keeps the lock", "drops the lock"])
def test_one_person_alone_changes_nothing(locked: Engine, given: dict[str, str]) -> None:
    with pytest.raises(ApprovalNeeded):
        apply(locked, given, "dana")

    assert history(locked) == [(IN_FORCE, "dana", None)]


def test_what_is_in_force_already_needs_nobody(locked: Engine) -> None:
    assert apply(locked, LOCKED, "omer") == Applied(IN_FORCE, (), anew=False)
    assert propose_files(locked, LOCKED, "omer") is None


def test_a_second_person_puts_it_in_force_and_both_are_kept(locked: Engine) -> None:
    proposed(locked, NEW, "dana")
    assert reading(locked, active_bundle) == IN_FORCE

    applied = approve(locked, PROPOSED, "omer")

    assert applied == Applied(PROPOSED, ("cart",), anew=True)
    assert history(locked)[1:] == [(PROPOSED, "omer", "dana")]
    assert reading(locked, open_proposals) == []


@pytest.mark.parametrize("name", ["dana", "Dana", " dana "])
def test_nobody_approves_his_own(locked: Engine, name: str) -> None:
    proposed(locked, NEW, "dana")

    with pytest.raises(NotApplied, match="another person"):
        approve(locked, PROPOSED, name)

    assert reading(locked, active_bundle) == IN_FORCE


def test_whoever_proposes_the_same_again_does_not_take_it_over(locked: Engine) -> None:
    proposed(locked, NEW, "dana")

    assert proposed(locked, NEW, "omer") == "dana"


def test_what_nobody_proposed_cannot_be_approved(locked: Engine) -> None:
    proposed(locked, NEW, "dana")
    approve(locked, PROPOSED, "omer")

    with pytest.raises(NotApplied, match="nobody proposed it"):
        approve(locked, IN_FORCE, "noa")


def test_a_proposal_made_upon_another_configuration_is_void(locked: Engine) -> None:
    proposed(locked, NEW, "dana")
    proposed(locked, OTHER, "dana")

    approve(locked, bundle_hash(OTHER), "omer")

    with pytest.raises(NotApplied, match="nobody proposed it"):
        approve(locked, PROPOSED, "omer")


def test_a_proposal_is_void_though_a_version_that_knows_none_put_something_in_force(
    locked: Engine,
) -> None:
    proposed(locked, NEW, "dana")
    in_transaction(locked, lambda c: activate(c, bundle_hash(OTHER), by="noa", now=NOON))

    with pytest.raises(NotApplied, match="propose it anew"):
        approve(locked, PROPOSED, "omer")
    assert reading(locked, active_bundle) == bundle_hash(OTHER)


def test_approved_twice_is_approved_once(locked: Engine) -> None:
    proposed(locked, NEW, "dana")
    approve(locked, PROPOSED, "omer")

    assert approve(locked, PROPOSED, "noa") == Applied(PROPOSED, (), anew=False)
    assert len(history(locked)) == 2


def test_a_rollback_needs_a_second_person_too(locked: Engine) -> None:
    proposed(locked, NEW, "dana")
    approve(locked, PROPOSED, "omer")
    _, earlier = kept_files(locked, IN_FORCE[:8])

    with pytest.raises(ApprovalNeeded):
        apply(locked, earlier, "dana")
    proposed(locked, dict(earlier), "dana")
    approve(locked, IN_FORCE, "omer")

    assert reading(locked, active_bundle) == IN_FORCE


def test_once_the_lock_is_dropped_by_two_one_is_enough(locked: Engine) -> None:
    proposed(locked, OTHER, "dana")
    approve(locked, bundle_hash(OTHER), "omer")

    assert apply(locked, files(), "dana").anew


def test_a_lock_holds_though_this_version_cannot_read_the_rest(locked: Engine) -> None:
    broken = {**LOCKED, "config/triggers/cart.yaml": "trigger: cart\na word of the future: 1\n"}
    in_transaction(locked, lambda c: c.execute(bundles.update().values(files=broken)))

    with pytest.raises(ApprovalNeeded):
        apply(locked, files(), "dana")


def test_a_kept_configuration_is_found_by_its_first_digits(engine: Engine) -> None:
    apply(engine, files(), "dana")
    digest = bundle_hash(files())

    assert kept_files(engine, digest[:6]) == (digest, files())
    with pytest.raises(NotApplied, match="no configuration begins"):
        kept_files(engine, "0" * 32)


@pytest.mark.parametrize(
    "digits", ["", "none", "%", "_" * 32, "abcde", "ABCDEF", "0" * 33, "abc\n123"]
)
def test_what_is_too_little_of_a_hash_or_none_names_no_configuration(
    engine: Engine, digits: str
) -> None:
    apply(engine, files(), "dana")

    with pytest.raises(NotApplied, match="6 or more of its digits"):
        kept_files(engine, digits)


def test_five_digits_are_too_few_though_they_fit_only_one(engine: Engine) -> None:
    apply(engine, files(), "dana")

    with pytest.raises(NotApplied, match="6 or more"):
        kept_files(engine, bundle_hash(files())[:5])


def test_two_configurations_that_begin_alike_are_told_apart(engine: Engine) -> None:
    same = [
        {"hash": f"aaaaaa{n}".ljust(32, "0"), "files": {}, "created_at": NOON} for n in range(2)
    ]
    in_transaction(engine, lambda c: c.execute(bundles.insert(), same))

    with pytest.raises(NotApplied, match="more than one"):
        kept_files(engine, "aaaaaa")


def test_a_refused_apply_is_kept_until_the_next_that_succeeds(engine: Engine) -> None:
    apply(engine, files(), "dana")
    wrong = files("\ntrigger: cart\non: cart.lost\n")
    for name in ("omer", "noa"):
        with pytest.raises(ConfigurationRefused) as refused:
            apply(engine, wrong, name)
        refuse(engine, refused.value.mistakes, name)

    kept = reading(engine, last_refusal)
    assert kept is not None
    assert kept.by == "noa"
    assert kept.mistakes[0].startswith("config/triggers/cart.yaml:2:1: ")

    apply(engine, files(), "dana")
    assert reading(engine, last_refusal) is None
