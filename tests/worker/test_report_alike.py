"""Do both databases tell the same report of the same world, also for odd spans of time?"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Table, insert

from tests.worker.http.console.world import attempt_row, decision_row, event_row, message_row
from tests.worker.http.house import FILES
from triggers.configuration import read_configuration
from triggers.report import Bucket, Question, Report
from worker.steps.report import report
from worker.store.engine import in_transaction, make_engine, snapshot
from worker.store.tables import attempts, clicks, decisions, events, links, messages

NOW = datetime(2026, 11, 22, 12, 0, 0, 1, tzinfo=UTC)
VERDICTS = ("claimed", "held_out", "shadowed", "skipped", "handed_over")
SPANS = (
    timedelta(microseconds=1), timedelta(seconds=1), timedelta(days=1), timedelta(days=40),
    timedelta(days=365 * 50),
)  # fmt: skip
Rows = Sequence[tuple[Table, Sequence[dict[str, Any]]]]


def invented(seed: int) -> Rows:
    """Thirty customers, many moments of which fall on the same one or an instant beside."""
    chance = random.Random(seed)
    steps = [timedelta(days=n, microseconds=chance.choice([0, 1, -1, 999_999])) for n in range(40)]

    def moment() -> datetime:
        return NOW - chance.choice(steps)

    # those of one moment are of one batch, and so of one arm
    arms: dict[tuple[str, int, datetime], str] = {}
    decided = []
    for _ in range(200):
        name, who, at = chance.choice(["plan_ending", "gone"]), chance.randrange(30), moment()
        verdict = arms.setdefault((name, who, at), chance.choice(VERDICTS))
        bundle = ("s" if verdict == "shadowed" else "b") * 32
        reason = "holdout" if verdict == "held_out" else None
        own = {"trigger": name, "verdict": verdict, "reason": reason, "bundle": bundle}
        decided.append(decision_row(who, at, **own))
    contacts = [
        event_row(number, NOW, time=moment(), customer_id=f"c{chance.randrange(30)}",
                  type="support.contacted", data={"topic": chance.choice(["bill", "é\u202e"])})
        for number in range(80)
    ]  # fmt: skip
    sent = [(number, moment()) for number in range(60)]
    return (
        (decisions, decided),
        (events, contacts),
        (messages, [message_row(n, at, customer_id=f"c{n % 30}") for n, at in sent]),
        (attempts, [attempt_row(n, at, customer_id=f"c{n % 30}", cost=0.1) for n, at in sent]),
        (links, [{"token": f"t{n}", "message_id": f"{n:032x}", "name": "pay", "url": "x",
                  "created_at": at, "expires_at": at} for n, at in sent]),
        (clicks, [{"token": f"t{n}", "message_id": f"{n:032x}", "at": moment(), "by": "person"}
                  for n, _ in sent]),
    )  # fmt: skip


@contextmanager
def filled(url: str, rows: Rows) -> Iterator[Engine]:
    engine = make_engine(url)

    def fill(connection: Connection) -> None:
        for table, some in rows:
            connection.execute(insert(table), list(some))

    in_transaction(engine, fill)
    try:
        yield engine
    finally:
        engine.dispose()


def told(engine: Engine, span: timedelta, until: datetime, by: Bucket) -> Report:
    configuration = read_configuration(FILES)
    with snapshot(engine) as connection:
        return report(connection, configuration, Question(until - span, until, NOW, None, by))


@pytest.mark.parametrize("seed", range(3))
def test_both_databases_tell_the_same_of_every_span(
    sqlite_database_url: str, postgres_database_url: str, seed: int
) -> None:
    rows, urls = invented(seed), (sqlite_database_url, postgres_database_url)
    with ExitStack() as stack:
        one, other = (stack.enter_context(filled(url, rows)) for url in urls)
        for span in SPANS:
            for until in (NOW, NOW - timedelta(days=3), NOW + timedelta(days=365)):
                asked = (span, until, random.Random(seed).choice(list(Bucket)))
                assert told(one, *asked) == told(other, *asked)
        whole = told(one, SPANS[-1], NOW + timedelta(days=1), Bucket.WEEK)

    [of] = [each for each in whole.triggers if each.trigger == "plan_ending"]
    assert of.drawn.messaged
    assert of.drawn.held_out
    assert of.ways
