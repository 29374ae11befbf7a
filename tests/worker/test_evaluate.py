"""Does evaluating make what waits equal to what the events say?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.worker.small_world import (
    HASHER,
    NOON,
    configuration,
    event,
    read_all,
    rows,
    told,
    waiting,
)
from triggers.clock import instant
from triggers.events import Event
from triggers.facts import TriggerKey
from worker.steps.evaluate import Report, evaluate
from worker.store.bulk import Insertion
from worker.store.engine import in_transaction
from worker.store.tables import (
    decisions,
    messages,
    occurrences,
    spent,
)

HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
GRACE = timedelta(minutes=2)


def left(id_: str = "left", **given: Any) -> Event:
    return event("cart.left", id_, **{"cart": "k", **given})


def paid(id_: str = "paid", **given: Any) -> Event:
    return event("cart.paid", id_, **{"cart": "k", **given})


def changed(id_: str, ends: str, **given: Any) -> Event:
    return event("plan.changed", id_, **{"plan": "p", "ends": ends, **given})


def decided(engine: Engine) -> list[tuple[str, str | None, list[list[str]]]]:
    return [(row.verdict, row.reason, row.facts) for row in rows(engine, decisions, "seq")]


def test_a_start_waits_until_its_moment_and_the_grace_for_what_may_call_it_off(
    engine: Engine,
) -> None:
    told(engine, left())

    report = evaluate(engine, configuration(), HASHER, now=NOON)

    assert report == Report(read=1, set_aside=0, more=False)
    [row] = rows(engine, occurrences, "id")
    assert (row.trigger, row.customer_id, row.key, row.epoch) == ("cart", "c1", "k", "once")
    assert (row.state, row.moment, row.due) == ("pending", NOON + HOUR, NOON + HOUR + GRACE)
    assert row.expires == NOON + HOUR + DAY
    assert (row.start_source, row.start_id, row.start_time) == ("shop", "left", NOON)
    assert (row.category, row.priority) == ("service", 1)
    assert row.id == HASHER.epoch(TriggerKey("cart", "c1", "k"), "once")
    assert decided(engine) == [("started", None, [["shop", "left"]])]


def test_what_nothing_can_call_off_is_due_at_its_moment(engine: Engine) -> None:
    told(engine, *(event("check.used", f"e{n}", account="a", number=n) for n in range(3)))

    read_all(engine, configuration())

    [row] = rows(engine, occurrences, "id")
    assert (row.trigger, row.epoch, row.moment, row.due) == ("checks", "initial", NOON, NOON)


def test_an_exit_calls_off_what_waits_and_says_by_what(engine: Engine) -> None:
    told(engine, left())
    read_all(engine, configuration())
    told(engine, paid(after=MINUTE))

    read_all(engine, configuration())

    [row] = rows(engine, occurrences, "id")
    assert (row.state, row.reason) == ("called_off", "called_off")
    assert decided(engine)[1:] == [("called_off", "called_off", [["shop", "paid"]])]


@pytest.mark.parametrize("limit", [1, 2])
@pytest.mark.parametrize("order", ["exit last", "exit first"])
def test_what_was_called_off_before_it_was_read_is_on_record_all_the_same(
    engine: Engine, order: str, limit: int
) -> None:
    both = [left(), paid(after=MINUTE)]
    told(engine, *(both if order == "exit last" else reversed(both)))

    read_all(engine, configuration(), limit=limit)

    [row] = rows(engine, occurrences, "id")
    assert (row.epoch, row.state, row.reason) == ("once", "called_off", "called_off")
    assert decided(engine)[-1][:2] == ("called_off", "called_off")


def test_a_moved_date_moves_what_waits(engine: Engine) -> None:
    told(engine, changed("one", "2026-12-01"))
    read_all(engine, configuration())
    told(engine, changed("two", "2026-12-15", after=DAY))

    read_all(engine, configuration())

    assert waiting(rows(engine, occurrences, "id")) == {
        ("plan", "c1", "2026-12-01"): ("called_off", instant("2026-11-24T00:00:00+02:00")),
        ("plan", "c1", "2026-12-15"): ("pending", instant("2026-12-08T00:00:00+02:00")),
    }
    assert [(verdict, reason) for verdict, reason, _ in decided(engine)] == [
        ("started", None),
        ("started", None),
        ("called_off", "moved"),
    ]


def test_a_date_that_comes_back_waits_again(engine: Engine) -> None:
    for day, (id_, ends) in enumerate(
        [("a", "2026-12-01"), ("b", "2026-12-15"), ("c", "2026-12-01")]
    ):
        told(engine, changed(id_, ends, after=day * DAY))
        read_all(engine, configuration())

    states = {
        epoch: state
        for (_, _, epoch), (state, _) in waiting(rows(engine, occurrences, "id")).items()
    }
    assert states == {"2026-12-01": "pending", "2026-12-15": "called_off"}
    [again] = [row for row in rows(engine, occurrences, "id") if row.state == "pending"]
    assert (again.start_id, again.reason) == ("c", None)


def test_a_deferral_stays_while_the_moment_is_the_same(engine: Engine) -> None:
    told(engine, changed("one", "2026-12-01"))
    read_all(engine, configuration())
    put_off = {"due": NOON + 30 * DAY, "reason": "quiet"}
    in_transaction(engine, lambda c: c.execute(occurrences.update().values(**put_off)))
    told(engine, changed("two", "2026-12-01", after=DAY))

    read_all(engine, configuration())

    [row] = rows(engine, occurrences, "id")
    assert (row.due, row.reason, row.start_id) == (NOON + 30 * DAY, "quiet", "one")


def test_another_moment_ends_a_deferral(engine: Engine) -> None:
    told(engine, event("customer.updated", "me", timezone="Asia/Tokyo"), writes_customer=True)
    told(engine, changed("one", "2026-12-01"))
    read_all(engine, configuration())
    put_off = {"due": NOON + 30 * DAY, "reason": "quiet"}
    in_transaction(engine, lambda c: c.execute(occurrences.update().values(**put_off)))

    told(engine, event("customer.updated", "moved", after=DAY, timezone="Europe/London"),
         writes_customer=True)  # fmt: skip
    read_all(engine, configuration())

    [row] = rows(engine, occurrences, "id")
    midnight = instant("2026-11-24T00:00:00+00:00")
    assert (row.moment, row.due, row.reason) == (midnight, midnight + GRACE, None)
    assert decided(engine)[-1][0] == "moved"


def test_a_spent_epoch_never_waits_again_even_when_only_its_hash_is_left(engine: Engine) -> None:
    key = TriggerKey("cart", "c1", "k")
    row = {"key_hash": HASHER.key(key), "epoch_hash": HASHER.epoch(key, "once"), "trigger": "cart",
           "epoch": None, "start_time": NOON, "spent_at": NOON}  # fmt: skip
    in_transaction(engine, lambda c: Insertion(spent).run(c, [row]))
    told(engine, left())

    read_all(engine, configuration())

    assert rows(engine, occurrences, "id") == []


def test_an_exit_calls_off_a_retry_that_is_planned(engine: Engine) -> None:
    told(engine, left())
    read_all(engine, configuration())
    [row] = rows(engine, occurrences, "id")
    in_transaction(engine, lambda c: c.execute(occurrences.update().values(state="messaged")))
    in_transaction(engine, lambda c: Insertion(messages).run(c, [_planned(row.id)]))
    told(engine, paid(after=HOUR))

    read_all(engine, configuration())

    [message] = rows(engine, messages, "id")
    assert (message.state, message.why, message.due) == ("called_off", "called_off", None)
    [row] = rows(engine, occurrences, "id")
    assert row.state == "messaged"
    last = rows(engine, decisions, "seq")[-1]
    assert (last.verdict, last.message_id) == ("called_off", message.id)


def _planned(occurrence: str) -> dict[str, Any]:
    return {
        "id": "e" * 32, "occurrence_id": occurrence, "trigger": "cart", "customer_id": "c1",
        "key": "k", "epoch": "once", "category": "service", "message": "hello", "language": "he",
        "channels": ["sms"], "channel": "sms", "state": "planned", "attempt": 1,
        "claimed_at": NOON, "due": NOON + DAY, "expires": NOON + DAY, "priority": 1,
        "bundle": "b" * 32, "start_source": "shop", "start_id": "left", "hops": 0,
        "updated_at": NOON,
    }  # fmt: skip


def test_what_was_called_off_is_told_once_though_a_late_start_is_found(engine: Engine) -> None:
    told(engine, left(after=MINUTE), paid(after=2 * MINUTE))
    read_all(engine, configuration())
    told(engine, left("late"))

    read_all(engine, configuration())

    assert [verdict for verdict, _, _ in decided(engine)] == ["called_off"]


@pytest.mark.parametrize("state", ["messaged", "skipped", "held_out"])
def test_a_finished_occurrence_never_waits_again(engine: Engine, state: str) -> None:
    told(engine, left())
    read_all(engine, configuration())
    in_transaction(engine, lambda c: c.execute(occurrences.update().values(state=state)))
    told(engine, left("again", after=MINUTE))

    read_all(engine, configuration())

    assert [row.state for row in rows(engine, occurrences)] == [state]
    assert [verdict for verdict, _, _ in decided(engine)] == ["started"]
