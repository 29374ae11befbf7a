"""Do events keep the profile of their customer, and what waits with it?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, Row

from tests.worker.small_world import NOON, configuration, event, read_all, rows, told
from triggers.clock import instant
from triggers.events import Event
from worker.store.engine import in_transaction
from worker.store.tables import customer_history, customers, decisions, occurrences

DAY = timedelta(days=1)


def update(id_: str, **given: Any) -> Event:
    return event("customer.updated", id_, **given)


def learnt(engine: Engine, *events: Event, writes_customer: bool = True) -> Row[Any]:
    """The customer's row after these events, read one by one."""
    for one in events:
        told(engine, one, writes_customer=writes_customer)
        read_all(engine, configuration())
    [row] = rows(engine, customers)
    return row


def test_a_customer_is_known_from_his_first_event_on(engine: Engine) -> None:
    row = learnt(engine, event("cart.left", "e", cart="k"))

    assert (row.id, row.profile, row.field_orders) == ("c1", {}, {})


def test_an_update_is_kept_with_its_order_and_its_history(engine: Engine) -> None:
    row = learnt(engine, update("u", phone="050-123-4567", email="Dana@Bank.Example", age=71))

    assert row.profile == {"phone": "050-123-4567", "email": "Dana@Bank.Example", "age": 71}
    assert row.field_orders["phone"] == ["2026-11-02T12:00:00.000000Z", "shop", "u"]
    assert (row.phone, row.email) == ("+972501234567", "Dana@bank.example")
    [history] = rows(engine, customer_history)
    assert (history.customer_id, history.source, history.event_id) == ("c1", "shop", "u")
    assert history.changes["age"] == {"from": None, "to": 71}


@pytest.mark.parametrize("limit", [1, 10])
@pytest.mark.parametrize("turned", [False, True])
def test_the_newest_update_wins_field_by_field_in_any_order(
    engine: Engine, turned: bool, limit: int
) -> None:
    events = [
        update("one", language="he", phone="+972501234567"),
        update("two", language="en", after=DAY),
        update("three", phone=None, after=2 * DAY),
    ]
    told(engine, *(reversed(events) if turned else events), writes_customer=True)

    read_all(engine, configuration(), limit=limit)

    [row] = rows(engine, customers)
    assert (row.profile, row.phone) == ({"language": "en"}, None)


def with_customer(id_: str, profile: Any) -> Event:
    one = event("cart.left", id_, cart="k")
    return Event(one.source, one.id, one.type, one.time, "c1", {"cart": "k", "customer": profile},
                 one.received)  # fmt: skip


@pytest.mark.parametrize(("may", "expected"), [(True, {"language": "en"}), (False, {})])
def test_a_profile_within_an_event_counts_only_from_who_may_write_customers(
    engine: Engine, may: bool, expected: dict[str, Any]
) -> None:
    row = learnt(engine, with_customer("e", {"language": "en"}), writes_customer=may)

    assert row.profile == expected


@pytest.mark.parametrize("profile", ["text", 7, None, ["a"], {"language": {"deep": 1}}, {}])
def test_a_profile_that_is_none_changes_nothing(engine: Engine, profile: Any) -> None:
    row = learnt(engine, with_customer("e", profile))

    assert row.profile == {}
    assert rows(engine, customer_history) == []


def test_fields_that_fit_are_kept_beside_one_that_does_not(engine: Engine) -> None:
    row = learnt(engine, update("u", language=7, timezone="Asia/Tokyo"))

    assert row.profile == {"timezone": "Asia/Tokyo"}


@pytest.mark.parametrize(
    ("phone", "email"), [("no number", "no address"), ("+", "@"), ("0" * 60, "a" * 300)]
)
def test_a_bad_address_is_kept_as_written_and_looked_up_by_nobody(
    engine: Engine, phone: str, email: str
) -> None:
    row = learnt(engine, update("u", phone=phone, email=email))

    assert row.profile == {"phone": phone, "email": email}
    assert (row.phone, row.email) == (None, None)


def test_another_zone_moves_what_waits_for_a_wall_time(engine: Engine) -> None:
    learnt(engine, event("plan.changed", "p", plan="p", ends="2026-12-01"))

    learnt(engine, update("u", timezone="Asia/Tokyo", after=DAY))

    [row] = rows(engine, occurrences)
    assert row.moment == instant("2026-11-24T00:00:00+09:00")
    assert [one.verdict for one in rows(engine, decisions, "seq")] == ["started", "moved"]


def test_an_unknown_zone_is_our_own_countrys_and_on_record(engine: Engine) -> None:
    learnt(engine, update("u", timezone="Mars/Olympus"))

    learnt(engine, event("plan.changed", "p", plan="p", ends="2026-12-01", after=DAY))

    [row] = rows(engine, occurrences)
    assert row.moment == instant("2026-11-24T00:00:00+02:00")
    [decision] = rows(engine, decisions)
    assert decision.detail == "timezone is not known"


@pytest.mark.parametrize(("reason", "woken"), [("no_address", True), ("quiet", False)])
def test_who_had_no_address_is_asked_again_at_once_when_the_profile_changes(
    engine: Engine, reason: str, woken: bool
) -> None:
    learnt(engine, event("plan.changed", "p", plan="p", ends="2026-12-01"))
    later = NOON + 25 * DAY
    put_off = occurrences.update().values(due=later, reason=reason)
    in_transaction(engine, lambda connection: connection.execute(put_off))

    learnt(engine, update("u", phone="+972501234567", after=DAY))

    [row] = rows(engine, occurrences)
    assert row.due == (NOON if woken else later)
