"""May a plan that was made while a table was empty be kept when it has grown?"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, Engine
from sqlalchemy import event as hooks

from tests.servers import ON_POSTGRES
from tests.worker.crowded import settled
from tests.worker.plans import Kept, indexes
from tests.worker.sending import HOUR, Line, Post, dana, left, rules, saying, trigger
from tests.worker.small_world import HASHER, NOON, told
from worker.channels.base import TryLater
from worker.steps.evaluate import evaluate
from worker.store.by_index import SETTINGS
from worker.store.engine import in_transaction

pytestmark = ON_POSTGRES


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


def test_what_was_planned_while_nothing_waited_serves_a_long_queue(engine: Engine) -> None:
    """Given statistics of tables that hold much, none of which is unread or due."""
    post, kept = Post(engine, rules()), Kept()
    settled(engine, 3_000)
    told(engine, dana("new", phone="+972501234599"), writes_customer=True)
    told(engine, left("new"))

    hooks.listen(engine, "before_cursor_execute", kept.look)
    evaluate(engine, post.configuration, HASHER, now=NOON)
    letters = post.claim(NOON).letters

    assert len(letters) == 1
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

    used = {name for plan in kept.asked.values() for name in indexes(plan)}
    assert len(letters) == 2
    assert {one for one in used if "messages" in one or "attempts" in one} == {
        "pk_messages", "pk_attempts",
    }  # fmt: skip
    assert kept.faults() == []


def test_whoever_comes_after_a_claim_is_planned_for_anew(engine: Engine) -> None:
    Post(engine, rules()).claim(NOON)

    def planned(connection: Connection) -> list[str]:
        return [connection.exec_driver_sql(f"SHOW {one}").scalar_one() for one in SETTINGS]

    assert in_transaction(engine, planned) == ["force_custom_plan", "on", "on", "on", "on"]
