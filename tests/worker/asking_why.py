"""A house whose triggers can be asked why."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, update

from tests.worker.operators import in_force
from tests.worker.sending import POLICY, Post, trigger
from tests.worker.small_world import HASHER, NOON
from triggers.explaining.told import Explained, Point
from worker.steps.explain import Question, explain
from worker.store.engine import in_transaction
from worker.store.tables import activations

DAY = timedelta(days=1)
SENIORS = f"{POLICY}\nsegments: {{senior: customer.age >= 70}}\n"
AGES = {"config/customer.yaml": "type: object\nproperties: {age: {type: integer}}\n"}
BIG = trigger("big", when="event.data.number >= 100", wait="1h", unless="cart.paid")
OLD = trigger("old", when="segment.senior")
CALL = trigger("call", send="[{agent: desk, message: hello}]")


def house(engine: Engine, *triggers: str) -> Post:
    """In force since the day before noon."""
    post = in_force(engine, *triggers, policy=SENIORS, **AGES)
    change(engine, update(activations).values(at=NOON - DAY))
    return post


def change(engine: Engine, statement: Any) -> None:
    in_transaction(engine, lambda connection: connection.execute(statement))


def why(
    post: Post, trigger: str | None = None, at: datetime | None = None, **more: Any
) -> Explained:
    question = Question("c1", trigger, at, **more)
    return explain(post.engine, HASHER, post.configuration, question)


def points(post: Post, trigger: str, at: datetime | None = None) -> tuple[Point, ...]:
    [found] = why(post, trigger, at).triggers
    return found.points
