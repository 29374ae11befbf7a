"""Is every statement that is asked often answered by an index, however much there is?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection, Engine
from sqlalchemy import event as hooks

from bench.console import CONFIGURATION, served
from tests import servers
from tests.worker.crowded import crowd
from tests.worker.replying import Inbox
from tests.worker.sending import HOUR, MINUTE, Line, Post, dana, left, rules, saying, trigger
from tests.worker.small_world import HASHER, NOON, told
from triggers.configuration import read_configuration
from triggers.keeping import Retention
from worker.channels.base import Letter, TryLater
from worker.steps.apply import apply
from worker.steps.checking import check
from worker.steps.erase import Erasure
from worker.steps.evaluate import evaluate
from worker.steps.explain import Question, explain
from worker.steps.forget import forget
from worker.steps.listen import listen
from worker.steps.merge import Merge, Two
from worker.steps.withdraw import Withdrawal
from worker.store import lookups
from worker.store.arrivals import keep_receipt
from worker.store.claims import PROVIDERS
from worker.store.clock import read_now
from worker.store.engine import in_transaction, make_engine, reading
from worker.store.erasure import Whose
from worker.store.gauges import read_gauges
from worker.store.tables import metadata
from worker.store.withdrawal import Named

DAY = timedelta(days=1)

pytestmark = pytest.mark.full

BIG = 5_000
"""A table of more rows is not read whole, and so many are not sorted."""

SPOKEN = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b")


@dataclass
class Plans:
    """Of each statement that is run: how it would be done."""

    big: frozenset[str]
    asked: dict[str, Any] = field(default_factory=dict)

    def look(
        self, connection: Connection, _cursor: Any, statement: str, given: Any, *_rest: Any
    ) -> None:
        if not SPOKEN.match(statement) or isinstance(given, list):
            return
        driver: Any = connection.connection
        with driver.cursor() as cursor:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}", given)
            [[plan]] = cursor.fetchall()
        found = plan if isinstance(plan, list) else json.loads(plan)
        self.asked[statement] = found[0]["Plan"]

    def parts(self, word: str) -> dict[str, set[str]]:
        """Of each statement with this word in it: the parts of events that it opens."""
        return {
            statement: {one for one in tables(plan) if re.fullmatch(r"events_\d{4}_\d\d", one)}
            for statement, plan in self.asked.items()
            if word in statement
        }

    def faults(self, *allowed: str) -> list[str]:
        """`allowed`: beginnings of statements that are to read all there is."""
        return [
            f"{fault}: {' '.join(statement.split())[:300]}"
            for statement, plan in self.asked.items()
            if not statement.startswith(allowed)
            for fault in sorted(set(faults(plan, self.big)))
        ]


def tables(plan: dict[str, Any]) -> Iterator[str]:
    yield plan.get("Relation Name", "")
    for one in plan.get("Plans", []):
        yield from tables(one)


def faults(plan: dict[str, Any], big: frozenset[str], limited: bool = False) -> Iterator[str]:
    kind, rows = plan["Node Type"], plan["Plan Rows"]
    table = plan.get("Relation Name", "")
    if table in big and kind == "Seq Scan":
        yield f"reads all of {table}"
    whole = kind.startswith("Index") and "Index Cond" not in plan
    if table in big and whole and rows > BIG and not limited:
        yield f"walks all of {plan['Index Name']}"
    below = plan.get("Plans", [])
    if kind == "Sort" and below[0]["Plan Rows"] > BIG:
        yield f"sorts {below[0]['Plan Rows']} rows"
    limited = (limited or kind == "Limit") and kind not in {"Sort", "Aggregate", "Hash"}
    for one in below:
        yield from faults(one, big, limited)


@pytest.fixture(scope="module")
def crowded(postgres_server: str, session_name: str) -> Iterator[Engine]:
    name = f"plans_{session_name}"
    engine = make_engine(servers.fresh_database(postgres_server, name))
    metadata.create_all(engine)
    crowd(engine)
    yield engine
    engine.dispose()
    servers.drop_database(postgres_server, name)


@pytest.fixture
def plans(crowded: Engine) -> Iterator[Plans]:
    query = sa.text(f"SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > {BIG}")
    made = Plans(frozenset(reading(crowded, lambda c: c.scalars(query).all())))
    hooks.listen(Engine, "before_cursor_execute", made.look)
    yield made
    hooks.remove(Engine, "before_cursor_execute", made.look)


@pytest.fixture
def post(crowded: Engine) -> Post:
    return Post(crowded, rules(trigger(), trigger("later", wait="1h", unless="cart.paid")))


def test_from_the_door_to_the_provider_and_back(post: Post, plans: Plans) -> None:
    tell(post, "someone")
    post.sms.answer = saying(TryLater("20429"))
    post.send(NOON)
    post.sms.answer = Line().answer
    later = NOON + HOUR
    letters = post.claim(later).letters
    assert letters
    post.deliver(letters, later)
    for one in letters:
        receipt(post, one.letter, later)
    assert post.receive(later).applied
    post.sweep(later)

    assert plans.faults() == []


def test_a_claim_opens_the_months_only_in_which_anything_unread_came(
    post: Post, plans: Plans
) -> None:
    now = in_transaction(post.engine, read_now)
    turn = "UPDATE occurrences SET due = now() WHERE id IN"
    turn += " (SELECT id FROM occurrences WHERE state = 'pending' LIMIT 5)"
    for statement in ("UPDATE events SET state = 'read' WHERE state <> 'read'", turn):
        in_transaction(post.engine, partial(Connection.exec_driver_sql, statement=statement))

    post.claim(now + MINUTE)

    opened = plans.parts("(SELECT 1 FROM events WHERE events.customer_id")
    assert len(opened) > 1
    assert all(len(parts) <= 2 for parts in opened.values())


def tell(post: Post, customer: str) -> None:
    """Who he is and what he did; both are read."""
    told(post.engine, dana(customer), writes_customer=True)
    told(post.engine, left(customer))
    evaluate(post.engine, post.configuration, HASHER, now=NOON)


def receipt(post: Post, letter: Letter, now: datetime) -> None:
    def work(connection: Connection) -> None:
        about = (letter.message_id, letter.attempt)
        keep_receipt(connection, "twilio", {}, about=about, status="delivered", now=now)

    in_transaction(post.engine, work)


def test_who_writes_back_is_heard(post: Post, plans: Plans) -> None:
    tell(post, "writer")
    post.send(NOON)
    inbox = Inbox(post)

    inbox.says("stop")
    inbox.says("call me", phone="+972501234599")

    assert plans.faults() == []


def test_whoever_asks_why_is_answered(post: Post, plans: Plans) -> None:
    engine = post.engine
    apply(engine, CONFIGURATION, "test")
    for question in (Question("c7"), Question("c7", trigger="trigger_7")):
        explain(engine, HASHER, None, question)
    reading(engine, lambda c: lookups.find_event(c, "bench", "e77"))
    reading(engine, lambda c: lookups.find_message(c, f"{77:032x}"))
    reading(engine, lambda c: lookups.find_customer(c, "c7"))

    assert plans.faults() == []


def test_an_operator_sees_how_it_stands(post: Post, plans: Plans) -> None:
    engine = post.engine
    now = in_transaction(engine, read_now)
    reading(engine, lambda c: check(c, MINUTE))
    reading(engine, lambda c: list(read_gauges(c, now, now - MINUTE)))
    alerts = read_configuration(CONFIGURATION)
    listen(engine, alerts, now=now)

    assert plans.faults() == []


def test_a_person_is_merged_and_forgotten(post: Post, plans: Plans) -> None:
    engine, configuration = post.engine, post.configuration
    Merge(engine, configuration, HASHER, Two("c11", "c12"), by="test").run()
    Erasure(engine, Whose("c12", PROVIDERS), "test", hasher=HASHER, contact="x").run()

    # these have no customer, or hold one in their words only: of an erasure each row is looked at
    assert plans.faults(
        "DELETE FROM refused_events", "DELETE FROM callbacks", "UPDATE refusals",
        "UPDATE suppressions",
    ) == []  # fmt: skip


def test_what_was_published_by_mistake_is_withdrawn(post: Post, plans: Plans) -> None:
    engine = post.engine
    now = in_transaction(engine, read_now)
    named = Named("bench", until=now, since=now - 2 * HOUR)
    Withdrawal(engine, post.configuration, HASHER, named).run()

    assert plans.faults() == []


def test_a_night_forgets(post: Post, plans: Plans) -> None:
    ages = Retention(texts=300 * DAY, events=300 * DAY, decisions=300 * DAY, raw=300 * DAY)

    forget(post.engine, ages)

    # how much it was is counted before a part goes
    assert plans.faults("SELECT COUNT(*) FROM events_", "SELECT COUNT(*) FROM decisions_") == []


def test_the_console_looks_at_today_and_at_who_is_on_duty(crowded: Engine, plans: Plans) -> None:
    url = crowded.url.render_as_string(hide_password=False)
    with served(url) as client:
        client.get("/console")
        plans.asked.clear()
        for page in ("/console", "/console/duty", "/console/customers?id=c7", "/console/queue"):
            assert client.get(page).status_code == 200

    # all that waits is counted by what it waits for
    assert plans.faults('SELECT "trigger", reason, CASE WHEN due') == []
