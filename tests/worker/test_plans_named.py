"""Is what is named looked up by its name, however short its table was when that was planned?"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy import event as hooks

from tests.servers import ON_POSTGRES
from tests.worker.crowded import settled
from tests.worker.plans import Kept
from tests.worker.small_world import NOON
from triggers.facts import TriggerKey
from triggers.verdicts import Reason
from worker.store import claims, customers, messages, occurrences, standing
from worker.store.addresses import Address
from worker.store.by_index import plan_by_index
from worker.store.engine import in_transaction
from worker.store.unread_span import within_months

ID, KEY = "0" * 32, TriggerKey("hi", "c1", "k")

pytestmark = ON_POSTGRES


def held(connection: Connection) -> Any:
    ready = claims.NOTHING_UNREAD.replace(claims.WITHIN, within_months(connection, [NOON]))
    return customers.hold(connection, ["c1"], most=1, only=ready)


ASKED: dict[str, Callable[[Connection], Any]] = {
    "who is held": held,
    "what waits for a key": partial(occurrences.read_pending, keys=[KEY]),
    "what waits for a customer": partial(occurrences.pending_keys, customers=["c1"]),
    "what changes": partial(occurrences.change, rows=[{"id": ID}]),
    "what follows": partial(occurrences.follow, ids=[ID], bundle="b"),
    "whom an address wakes": partial(occurrences.wake_unreachable, customers=["c1"], now=NOON),
    "which retries end": partial(
        occurrences.call_off_retries, reasons={ID: Reason.CALLED_OFF}, now=NOON
    ),
    "whose turn it is": partial(claims.read_waiting, ids=[ID]),
    "which are tried again": partial(claims.lock_retries, ids=[ID]),
    "what the gates said": partial(claims.change_occurrences, rows=[{"id": ID}]),
    "what is claimed again": partial(messages.change_planned, rows=[{"id": ID}]),
    "what was answered": partial(messages.settle, rows=[{"id": ID}]),
    "which attempt was": partial(messages.settle_attempts, rows=[{"message_id": ID, "number": 1}]),
    "what an address said": partial(standing.ask_said, addresses=[Address("0", "sms")]),
    "what was sent before": partial(
        standing.ask_past, customers=["c1"], addresses=[Address("0", "sms")], since=NOON
    ),
}


KEY_BY_KEY = ("what waits for a key", "what waits for a customer")
"""Of these PostgreSQL cannot but begin with what is given."""


def faults(engine: Engine, *names: str) -> list[str]:
    kept = Kept()

    def work(connection: Connection) -> None:
        plan_by_index(connection, NOON)
        for name in names:
            ASKED[name](connection)

    hooks.listen(engine, "before_cursor_execute", kept.look)
    in_transaction(engine, work)
    assert len(kept.asked) > len(names)
    return kept.faults()


def test_beside_empty_tables_what_is_named_is_looked_up_by_its_name(engine: Engine) -> None:
    assert faults(engine, *ASKED) == []


def test_where_much_stands_and_nothing_waits_it_is_looked_up_too(engine: Engine) -> None:
    settled(engine, 3_000)

    assert faults(engine, *ASKED) == []


def test_what_is_asked_key_by_key_is_so_beside_a_few_rows(engine: Engine) -> None:
    """Who is few enough is gone through by what else is asked, until there are more."""
    settled(engine, 40)

    assert faults(engine, *KEY_BY_KEY) == []
