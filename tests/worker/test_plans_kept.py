"""May a plan that was made while a table was empty be kept when it has grown?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import Connection, Engine
from sqlalchemy import event as hooks

from tests.worker.sending import HOUR, Line, Post, dana, left, rules, saying, trigger
from tests.worker.small_world import HASHER, NOON, told
from worker.channels.base import TryLater
from worker.steps.evaluate import evaluate
from worker.store.by_index import SETTINGS
from worker.store.engine import in_transaction, make_engine

GROW = {
    "attempts", "customers", "decisions", "events", "facts", "handoffs", "inbound", "messages",
    "occurrences", "receipts", "spent", "suppressions",
}  # fmt: skip
SPOKEN = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b")
PARAMETER = re.compile(r"%\((\w+)\)s")


@dataclass
class Kept:
    """Of each statement that is run: its plan for whatever it may be given."""

    asked: dict[str, Any] = field(default_factory=dict)

    def look(
        self, connection: Connection, _cursor: Any, statement: str, given: Any, *_rest: Any
    ) -> None:
        if not SPOKEN.match(statement):
            return
        names = {name: f"${place}" for place, name in enumerate(given or (), 1)}
        numbered = PARAMETER.sub(lambda one: names[one[1]], statement).replace("%%", "%")
        driver: Any = connection.connection
        with driver.cursor() as cursor:
            cursor.execute(
                f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {numbered}".encode(), prepare=False
            )
            [[[plan]]] = cursor.fetchall()
        self.asked[statement] = plan["Plan"]

    def faults(self) -> list[str]:
        return [
            f"{fault}: {statement[:100]}"
            for statement, plan in self.asked.items()
            for fault in sorted(set(faults(plan)))
        ]


def faults(plan: dict[str, Any]) -> Iterator[str]:
    kind, table = plan["Node Type"], plan.get("Relation Name", "")
    grows = any(table == one or table.startswith(f"{one}_") for one in GROW)
    if grows and kind in {"Seq Scan", "Bitmap Heap Scan"}:
        yield f"{kind} of {table}"
    if "Join" in kind:
        yield f"{kind} for a few rows"
    for one in plan.get("Plans", []):
        yield from faults(one)


@pytest.fixture
def engine(postgres_database_url: str) -> Iterator[Engine]:
    made = make_engine(postgres_database_url)
    yield made
    made.dispose()


def test_a_claim_finds_by_index_what_it_planned_for_an_empty_database(engine: Engine) -> None:
    post = Post(engine, rules(trigger(), trigger("later", wait="1h", unless="cart.paid")))
    kept = Kept()
    told(engine, dana(), writes_customer=True)
    told(engine, left())
    evaluate(engine, post.configuration, HASHER, now=NOON)
    post.sms.answer = saying(TryLater("20429"))

    hooks.listen(engine, "before_cursor_execute", kept.look)
    letters = post.claim(NOON).letters
    hooks.remove(engine, "before_cursor_execute", kept.look)
    post.deliver(letters, NOON)
    post.sms.answer = Line().answer
    hooks.listen(engine, "before_cursor_execute", kept.look)
    again = post.claim(NOON + HOUR).letters

    assert letters
    assert again, "a retry is asked for by statements of its own"
    assert len(kept.asked) > 10
    assert kept.faults() == []


@pytest.mark.parametrize("answers", [[Line().answer], [Line().answer, saying(TryLater("20429"))]])
def test_answers_find_by_their_ids_what_they_settle(engine: Engine, answers: list[Any]) -> None:
    """Not among all that are on their way: each would be compared with each."""
    post, kept = Post(engine, rules()), Kept()
    for number in range(2):
        told(engine, dana(f"c{number}", phone=f"+97250123456{number}"), writes_customer=True)
        told(engine, left(f"c{number}"))
    evaluate(engine, post.configuration, HASHER, now=NOON)
    letters = post.claim(NOON).letters
    post.sms.answer = lambda one: answers[int(one.address[-1]) % len(answers)](one)

    hooks.listen(engine, "before_cursor_execute", kept.look)
    post.deliver(letters, NOON)

    used = [name for plan in kept.asked.values() for name in indexes(plan)]
    assert len(letters) == 2
    assert {one for one in used if "messages" in one or "attempts" in one} == {
        "pk_messages", "pk_attempts",
    }  # fmt: skip
    assert kept.faults() == []


def indexes(plan: dict[str, Any]) -> Iterator[str]:
    if "Index Name" in plan:
        yield plan["Index Name"]
    for one in plan.get("Plans", []):
        yield from indexes(one)


def test_whoever_comes_after_a_claim_is_planned_for_anew(engine: Engine) -> None:
    Post(engine, rules()).claim(NOON)

    def planned(connection: Connection) -> list[str]:
        return [connection.exec_driver_sql(f"SHOW {one}").scalar_one() for one in SETTINGS]

    assert in_transaction(engine, planned) == ["force_custom_plan", "on", "on", "on", "on"]
