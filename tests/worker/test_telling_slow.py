"""Does a system that answers slowly hold up nobody but itself?"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.worker.sending import AtOnce, Post, rules, trigger
from tests.worker.small_world import NOON, rows
from triggers.subscribing import Subscription
from worker.channels.webhook import Webhook
from worker.steps.telling import AT_ONCE, HOOKS, TellParts, Told, tell
from worker.store.tables import callbacks

SECRET = f"whsec_{'A' * 43}="
EARLIER = NOON - timedelta(hours=1)


class Hooks(Webhook):
    """Both systems: the slow one answers when it is let go, the other one at once."""

    def __init__(self) -> None:
        super().__init__({"slow": (SECRET,), "fast": (SECRET,)})
        self.go = threading.Event()

    def post(self, url: str, _body: Any, _headers: Any) -> int:
        if "slow" in url:
            self.go.wait(30)
        return 204


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    made = Hooks()
    yield made
    made.go.set()
    made.close()


def parts(hooks: Hooks, pool: Any) -> TellParts:
    known = {
        name: Subscription(name, f"https://{name}.example", frozenset({"outreach.sent"}))
        for name in ("slow", "fast")
    }
    return TellParts(known, hooks, pool)


def waiting(engine: Engine, name: str, count: int, **more: Any) -> None:
    """So many events of which this system is to be told."""
    post = Post(engine, rules(trigger()))
    for number in range(count):
        id_ = f"{name}-{number:03}"
        row = {"id": id_, "subscription": name, "type": "outreach.sent", "body": {"id": id_},
               "state": "waiting", "tries": 0, "due": NOON,
               "created_at": NOON, "updated_at": NOON}  # fmt: skip
        post.store(callbacks, **row | more)


def delivered(engine: Engine) -> list[str]:
    return [row.id for row in rows(engine, callbacks, "id") if row.state == "delivered"]


def test_whatever_waits_for_one_the_other_is_told_with_the_first(
    engine: Engine, hooks: Hooks
) -> None:
    waiting(engine, "slow", HOOKS + 1, due=EARLIER)
    waiting(engine, "fast", 1)
    hooks.go.set()

    told = tell(engine, parts(hooks, AtOnce()), now=NOON)

    assert told == Told(AT_ONCE + 1, 0, more=True)
    assert "fast-000" in delivered(engine)


def test_while_one_is_waited_for_it_is_told_nothing_more_and_the_other_all(
    engine: Engine, hooks: Hooks
) -> None:
    waiting(engine, "slow", 2 * AT_ONCE, due=EARLIER)
    meanwhile: list[Told] = []

    class Slow(AtOnce):
        """Something is told meanwhile, once; then it answers."""

        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            if not meanwhile:
                waiting(engine, "fast", 2)
                meanwhile.append(tell(engine, parts(hooks, AtOnce()), now=NOON))
            hooks.go.set()
            return super().submit(fn, *args, **kwargs)

    assert tell(engine, parts(hooks, Slow()), now=NOON).delivered == AT_ONCE
    assert meanwhile == [Told(2, 0, more=False)]


def test_each_is_settled_as_it_answers(engine: Engine, hooks: Hooks) -> None:
    waiting(engine, "slow", 1, due=EARLIER)
    waiting(engine, "fast", 1)

    with ThreadPoolExecutor(3) as pool:
        told = pool.submit(tell, engine, parts(hooks, pool), now=NOON)
        for _ in range(600):
            if delivered(engine):
                break
            threading.Event().wait(0.05)
        first = delivered(engine)
        hooks.go.set()

    assert (first, told.result()) == (["fast-000"], Told(2, 0, more=False))


def test_what_is_left_of_a_subscription_that_is_gone_is_given_up(
    engine: Engine, hooks: Hooks
) -> None:
    waiting(engine, "gone", 1)

    assert tell(engine, parts(hooks, AtOnce()), now=NOON) == Told(0, 1, more=False)

    [row] = rows(engine, callbacks)
    assert (row.state, row.error) == ("given_up", "410")
