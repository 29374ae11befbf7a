"""Does a process say that what was meant to be in force is not, and stop saying so?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import Engine
from sqlalchemy import event as hooks

from tests.worker.small_world import TRIGGERS, files
from triggers.configuration import ConfigurationRefused, bundle_hash
from worker.following import Following
from worker.steps.apply import apply, refuse
from worker.store.bundles import activate, keep_bundle
from worker.store.clock import read_now
from worker.store.engine import in_transaction

FUTURE = {**files(), "config/triggers/cart.yaml": "trigger: cart\na word of the future: 1\n"}


@pytest.fixture
def following(engine: Engine) -> Following:
    apply(engine, files(), "dana")
    return Following(engine, gap=timedelta(0))


def in_force(following: Following) -> str:
    found = following.active()
    assert found is not None
    return found.hash


def told() -> float | None:
    return REGISTRY.get_sample_value("outreach_configuration_mistake")


def test_what_was_applied_while_another_was_read_is_followed_at_once(engine: Engine) -> None:
    """To read and compile a large one takes seconds, and by then it may be replaced."""
    newer = files(TRIGGERS["cart"].replace("1h", "2h"))
    apply(engine, files(), "dana")
    applied: list[str] = []

    def replace(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "bundles.files" in statement and not applied:
            applied.append(bundle_hash(newer))
            apply(engine, newer, "omer")

    hooks.listen(engine, "before_cursor_execute", replace)
    found = in_force(Following(engine))

    assert [found] == applied


def test_without_a_mistake_there_is_nothing_to_say(following: Following) -> None:
    in_force(following)

    assert following.mistake is None
    assert told() == 0


def test_an_apply_refused_elsewhere_is_told_until_one_succeeds(
    engine: Engine, following: Following
) -> None:
    with pytest.raises(ConfigurationRefused) as refused:
        apply(engine, FUTURE, "omer")
    refuse(engine, refused.value.mistakes, "omer")

    assert in_force(following) == bundle_hash(files())
    assert (following.mistake or "").startswith("applied by omer at ")
    assert "config/triggers/cart.yaml:2:1: unknown key" in (following.mistake or "")
    assert told() == 1

    apply(engine, files(TRIGGERS["cart"].replace("1h", "2h")), "omer")
    in_force(following)
    assert following.mistake is None
    assert told() == 0


def test_while_what_a_later_version_applied_is_in_force_nothing_is_decided_by_an_older_one(
    engine: Engine, following: Following
) -> None:
    in_force(following)
    digest = bundle_hash(FUTURE)

    def later_version(connection: object) -> None:
        now = read_now(connection)
        keep_bundle(connection, digest, FUTURE, now=now)
        activate(connection, digest, by="a later version", now=now)

    in_transaction(engine, later_version)

    assert following.active() is None
    assert following.outdated
    assert following.last is not None
    assert following.last.hash == bundle_hash(files())
    assert "unknown key 'a word of the future'" in (following.mistake or "")
    assert told() == 1

    apply(engine, files(), "dana")
    assert in_force(following) == bundle_hash(files())
    assert following.mistake is None
