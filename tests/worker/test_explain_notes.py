"""Is said what holds for all triggers, and what cannot be known any more?"""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import Engine, insert, update

from tests.worker.asking_why import DAY, change, house, why
from tests.worker.operators import in_force
from tests.worker.sending import POLICY, Post, dana, left, trigger
from tests.worker.small_world import NOON
from worker.store.tables import activations, decisions, pauses


def forgetful(engine: Engine) -> Post:
    post = in_force(engine, trigger(), policy=f"{POLICY}lateness: 1d\nretention: {{events: 2d}}\n")
    change(engine, update(activations).values(at=NOON - 5 * DAY))
    post.told(dana())
    return post


@pytest.mark.parametrize("at", [NOON - 3 * DAY, None])
def test_a_moment_of_which_not_all_is_kept_is_told_as_such(
    engine: Engine, at: datetime | None
) -> None:
    notes = why(forgetful(engine), at=at).notes

    assert any("are kept no longer" in note for note in notes) is (at is not None)


def test_a_pause_is_told_where_it_touches_what_is_asked_about(engine: Engine) -> None:
    post = house(engine, trigger())
    post.told(dana())
    touch = ["*", "category:service", "channel:sms", "trigger:hi"]
    for scope in (*touch, "category:marketing", "trigger:other"):
        change(engine, insert(pauses).values(scope=scope, by="Noa", why=None, at=NOON))

    told = [note.partition("(")[2].partition(")")[0] for note in why(post).notes]

    assert told == touch


@pytest.mark.parametrize("gone", [True, False])
def test_what_was_decided_by_a_version_that_is_gone_is_told_by_the_one_in_force(
    engine: Engine, gone: bool
) -> None:
    post = house(engine, trigger())
    post.told(dana(), left())
    post.send()
    if gone:
        change(engine, update(decisions).values(bundle="f" * 32))

    found = why(post)

    assert any("can no longer be read" in note for note in found.notes) is gone
    assert found.triggers[0].points[0].outcome == "messaged"
