"""Of the messages that left, how many arrived, were followed or answered, or called after all?"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine

from tests.worker.drawing import DAY, WEEK, contacted, keep
from tests.worker.sending import HOUR
from tests.worker.small_world import NOON
from worker.store.engine import in_transaction, reading
from worker.store.funnel import Reached, Window, read_reached
from worker.store.tables import clicks, events, inbound, messages

ASKED = Window("hi", NOON - DAY, "support.contacted", int(WEEK.total_seconds()), 100)


def left(number: int, state: str = "sent", **more: Any) -> dict[str, Any]:
    return {"id": f"m{number}", "occurrence_id": f"o{number}", "trigger": "hi", "state": state,
            "customer_id": f"c{number}", "channels": [], "claimed_at": NOON, **more}  # fmt: skip


def reached(engine: Engine, asked: Window = ASKED) -> Reached:
    return reading(engine, lambda connection: read_reached(connection, asked))


def test_each_message_counts_by_what_came_of_it(engine: Engine) -> None:
    keep(engine, messages, left(0, "delivered"), left(1), left(2), left(3), left(4, "failed"),
         left(5, trigger="other"), left(6, claimed_at=NOON - 2 * DAY))  # fmt: skip
    keep(engine, clicks, {"seq": 1, "token": "a", "message_id": "m0", "by": "person"},
         {"seq": 2, "token": "a", "message_id": "m0", "by": "person"},
         {"seq": 3, "token": "b", "message_id": "m1", "by": "scanner"})  # fmt: skip
    keep(engine, inbound, {"seq": 1, "provider_ref": "1", "customer_id": "c0", "message_id": "m0"},
         {"seq": 2, "provider_ref": "2", "customer_id": "c1", "message_id": None})  # fmt: skip
    for number, after in enumerate((HOUR, WEEK, WEEK + HOUR, -HOUR)):
        contacted(engine, f"c{number}", after)

    assert reached(engine) == Reached(messages=4, delivered=1, clicked=1, answered=1, called=2)
    assert reached(engine, ASKED._replace(most=1)).messages == 1


def test_a_contact_that_was_taken_back_is_none(engine: Engine) -> None:
    keep(engine, messages, left(0))
    contacted(engine, "c0", HOUR)
    assert reached(engine).called == 1

    in_transaction(engine, lambda c: c.execute(events.update().values(state="withdrawn")))

    assert reached(engine).called == 0
