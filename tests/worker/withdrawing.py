"""A publish that was a mistake, and how it is taken back, for tests of withdrawing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Engine

from tests.worker.operators import in_force
from tests.worker.sending import MINUTE, Post, dana, left, trigger
from tests.worker.small_world import HASHER, NOON
from worker.steps.withdraw import Withdrawal, Withdrawn
from worker.store.withdrawal import Named

WAITS = trigger(wait="1h", unless="cart.paid")
EVER = NOON + timedelta(days=365)
SHOP = Named("shop", EVER, type="cart.left")
PAID = Named("shop", EVER, type="cart.paid")


def taken_back(post: Post, named: Named = SHOP, **more: Any) -> Withdrawn:
    given = {"by": "dana", "now": NOON + MINUTE, **more}
    return Withdrawal(post.engine, post.configuration, HASHER, named, **given).run()


def waiting(engine: Engine, *triggers: str) -> Post:
    post = in_force(engine, *(triggers or (WAITS,)))
    post.told(dana(), left())
    return post
