"""What is written down of events that start nothing, and what a batch costs."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine
from sqlalchemy import event as hooks

from tests.worker.small_world import (
    HASHER,
    NOON,
    configuration,
    event,
    incoming,
    publish,
    read_all,
    rows,
    told,
)
from tests.worker.test_evaluate import DAY, changed, decided, left, paid
from triggers.events import Event
from worker.steps.evaluate import Report, evaluate
from worker.store.bulk import Insertion
from worker.store.engine import in_transaction
from worker.store.tables import (
    decisions,
    events,
    facts,
    occurrences,
    trigger_births,
)


def test_history_is_remembered_and_starts_nothing(engine: Engine) -> None:
    told(engine, left(history=True))

    read_all(engine, configuration())

    assert rows(engine, occurrences, "id") == []
    assert [(row.key, row.history) for row in rows(engine, facts, "id")] == [("k", True)]


@pytest.mark.parametrize(
    ("one", "reason", "detail"),
    [
        (event("cart.left", "x"), "no_key", "event.data.cart"),
        (changed("x", "soon"), "no_date", "event.data.ends"),
        (changed("x", "0001-01-03"), "no_date", "event.data.ends"),
        (changed("x", "9999-12-31"), "no_date", "event.data.ends"),
        (event("check.used", "x", account="a"), "unknown_field", "event.data.number"),
    ],
)
def test_a_start_that_starts_nothing_says_why(
    engine: Engine, one: Event, reason: str, detail: str
) -> None:
    told(engine, one)

    read_all(engine, configuration())

    assert rows(engine, occurrences, "id") == []
    [row] = rows(engine, decisions, "seq")
    assert (row.verdict, row.reason, row.detail) == ("noted", reason, detail)
    assert row.facts == [["shop", "x"]]


def test_a_note_is_written_once_though_its_key_is_read_again(engine: Engine) -> None:
    told(engine, changed("bad", "soon"))
    read_all(engine, configuration())
    told(engine, changed("good", "2026-12-01", after=DAY))

    read_all(engine, configuration())

    assert [verdict for verdict, _, _ in decided(engine)] == ["noted", "started"]


def test_an_event_whose_type_is_gone_is_read_and_marked(engine: Engine) -> None:
    told(engine, left(), event("letter.written", "x"))

    read_all(engine, configuration())

    found = {row.id: (row.state, row.error is None) for row in rows(engine, events, "seq")}
    assert found == {"left": ("read", True), "x": ("read", False)}


def test_a_new_trigger_sees_no_event_received_before_it_was_born(engine: Engine) -> None:
    told(
        engine,
        *(event("check.used", f"e{n}", account="a", number=n, after=n * DAY) for n in range(4)),
    )
    born = {"trigger": "checks", "born_at": NOON + DAY}
    in_transaction(engine, lambda c: Insertion(trigger_births).run(c, [born]))

    read_all(engine, configuration(), now=NOON + 4 * DAY)

    [row] = rows(engine, occurrences, "id")
    assert row.start_id == "e3"


@pytest.mark.parametrize("profile", [False, True], ids=["no profile", "with profiles"])
def test_a_batch_costs_the_same_statements_whatever_its_size(engine: Engine, profile: bool) -> None:
    counted: list[str] = []
    hooks.listen(engine, "before_cursor_execute", lambda *given: counted.append(given[2]))
    costs = []
    # which months hold what is unread is asked once in a while
    evaluate(engine, configuration(), HASHER, now=NOON)

    for round_, size in enumerate([3, 180, 180]):
        batch = [
            incoming(one, writes_customer=True)
            for n in range(size // 3)
            for one in _mixed(f"{size}-{n}", profile=profile, round_=round_)
        ]
        publish(engine, batch)
        counted.clear()
        evaluate(engine, configuration(), HASHER, now=NOON)
        costs.append(len([one for one in counted if not one.startswith("BEGIN")]))

    assert costs[0] == costs[1]
    assert costs[1] <= (20 if profile else 16)
    # whom we know already is looked for and held at once
    assert costs[2] <= (17 if profile else 13)


def _mixed(name: str, *, profile: bool, round_: int) -> list[Event]:
    """A start that waits, and one that is called off, of one customer."""
    told = f"{round_}-{name}"
    me = event("customer.updated", f"me-{told}", customer=name, timezone="Asia/Tokyo")
    about = event("plan.cancelled", f"no-{told}", customer=name, plan="p")
    return [
        left(f"left-{told}", customer=name),
        paid(f"paid-{told}", customer=name, cart="other"),
        me if profile else about,
    ]


def test_more_is_said_while_unread_events_are_left(engine: Engine) -> None:
    told(engine, *(left(f"e{n}", customer=f"c{n}") for n in range(5)))

    assert read_all(engine, configuration(), limit=2) == [
        Report(2, 0, more=True),
        Report(2, 0, more=True),
        Report(1, 0, more=False),
    ]


def test_nothing_unread_is_nothing_to_do(engine: Engine) -> None:
    assert evaluate(engine, configuration(), HASHER) == Report(0, 0, more=False)
