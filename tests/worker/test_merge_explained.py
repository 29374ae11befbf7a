"""Is somebody whose two ids were made one explained as one, by whichever of them he is named?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from tests.worker.asking_why import house
from tests.worker.sending import Post, dana, left, trigger
from tests.worker.small_world import HASHER, NOON
from triggers.explaining.told import Explained
from triggers.keeping import Retention
from worker.steps.explain import Question, explain
from worker.steps.forget import forget
from worker.steps.merge import Merge, Two


def told_of(post: Post, name: str) -> Explained:
    return explain(post.engine, HASHER, post.configuration, Question(name))


def merged(engine: Engine) -> Post:
    """Somebody was written to under his first id, and has a second since."""
    post = house(engine, trigger())
    post.told(dana("c1"), dana("c2", phone="+972501234568", email=None), left())
    post.send()
    Merge(engine, post.configuration, HASHER, Two("c1", "c2"), by="noa", now=NOON).run()
    return post


@pytest.mark.parametrize("named", ["c1", "c2"])
def test_what_was_said_under_either_id_is_explained(engine: Engine, named: str) -> None:
    found = told_of(merged(engine), named)

    assert found.customer == "c2"
    [point] = found.triggers[0].points
    assert (point.outcome, point.key) == ("messaged", "k")


def test_what_is_known_by_its_hash_only_is_known_under_the_former_id(engine: Engine) -> None:
    post = merged(engine)
    day = timedelta(days=1)
    forget(engine, Retention(decisions=day), now=NOON + 9 * day)

    [point] = told_of(post, "c2").triggers[0].points

    assert (point.outcome, point.why) == ("silent", "forgotten")
