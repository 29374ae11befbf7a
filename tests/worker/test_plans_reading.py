"""Is reading a batch of events planned alike, however many of them wait unread?

A queue is short most of the time, and PostgreSQL holds it to be short when it is not.
"""

from __future__ import annotations

from functools import partial

from sqlalchemy import Engine
from sqlalchemy import event as hooks

from tests.servers import ON_POSTGRES
from tests.worker.parting import drop_months
from tests.worker.plans import Kept, indexes, nodes
from tests.worker.sending import dana, left, rules, trigger
from tests.worker.small_world import HASHER, NOON, told
from tests.worker.test_parts import DAY
from worker.steps.evaluate import evaluate
from worker.store import partitions
from worker.store.engine import in_transaction

pytestmark = ON_POSTGRES


def test_a_batch_is_found_marked_and_decided_by_keys_alone(engine: Engine) -> None:
    rules_ = rules(trigger(), trigger("later", wait="1h", unless="cart.paid"))
    told(engine, dana(), *(left(f"c{number}") for number in range(3)))
    evaluate(engine, rules_, HASHER, now=NOON)
    told(engine, *(left(f"c{number}", "again") for number in range(3)))
    kept = Kept()

    hooks.listen(engine, "before_cursor_execute", kept.look)
    read = evaluate(engine, rules_, HASHER, now=NOON).read

    assert read == 3
    assert kept.faults() == []
    [marking] = [plan for asked, plan in kept.asked.items() if asked.startswith("UPDATE events")]
    assert indexes(marking) == {"events_default_pkey"}
    [looking] = [plan for asked, plan in kept.asked.items() if asked.startswith("SELECT events.")]
    assert "Sort" not in {one["Node Type"] for one in nodes(looking)}
    [facts] = [plan for asked, plan in kept.asked.items() if asked.startswith("SELECT given.num")]
    assert facts["Plans"][0]["Node Type"] == "Function Scan"


def test_a_queue_that_began_last_month_is_not_sorted_for_each_batch(engine: Engine) -> None:
    for month in (NOON, NOON + 30 * DAY):
        in_transaction(engine, partial(partitions.make_ahead, now=month))
    kept = Kept()
    hooks.listen(engine, "before_cursor_execute", kept.look)

    evaluate(engine, rules(), HASHER, now=NOON.replace(month=12, day=1))

    [looking] = [plan for asked, plan in kept.asked.items() if asked.startswith("SELECT events.")]
    walked = [one["Index Name"] for one in nodes(looking) if one["Node Type"] == "Index Scan"]
    assert sum(one.startswith("events_2026_") for one in walked) == 2
    assert "Sort" not in {one["Node Type"] for one in nodes(looking)}
    drop_months(engine)
