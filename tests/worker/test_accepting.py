"""Is nothing of an untrusted list lost, and is what cannot be taken kept with every reason?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import Engine

from tests.worker.small_world import configuration, rows
from triggers.clock import stamp
from worker.steps.accepting import Summary, accept_or_refuse
from worker.store.clock import read_now
from worker.store.engine import in_transaction
from worker.store.tables import event_ids, events, refused_events


def cloud(id_: str = "e1", **changed: Any) -> dict[str, Any]:
    """A CloudEvent that is right; the database's clock is asked, so it has no time of its own."""
    whole = {"specversion": "1.0", "source": "shop", "type": "cart.left", "subject": "c1",
             "id": id_, "data": {"cart": "k"}}  # fmt: skip
    return {name: value for name, value in {**whole, **changed}.items() if value is not None}


def take(engine: Engine, *raw: Any, **given: Any) -> Summary:
    given.setdefault("may_write_customers", True)
    return accept_or_refuse(engine, configuration(), raw, door="celery", **given)


def reasons(engine: Engine) -> list[list[tuple[str, str]]]:
    found = rows(engine, refused_events, "seq")
    return [[(one["pointer"], one["detail"]) for one in row.reasons] for row in found]


def test_what_is_right_is_accepted_beside_what_is_not(engine: Engine) -> None:
    summary = take(engine, cloud("a"), cloud("b", type="cart.lost"), cloud("c"), cloud("a"))

    assert summary == Summary(accepted=2, duplicates=1, refused=1)
    assert [row.id for row in rows(engine, events, "seq")] == ["a", "c"]
    [[(pointer, detail)]] = reasons(engine)
    assert pointer == "/type"
    assert "did you mean 'cart.left'" in detail


def test_a_door_without_a_key_writes_no_profile(engine: Engine) -> None:
    profile = cloud("p", type="customer.updated", data={"phone": "+972500000101"})

    summary = take(engine, cloud("a"), profile, may_write_customers=False)

    assert summary == Summary(accepted=1, duplicates=0, refused=1)
    assert reasons(engine) == [[("/type", "is a profile, which this door may not write")]]
    assert [row.writes_customer for row in rows(engine, events)] == [False]


def test_a_refused_event_is_kept_as_it_came(engine: Engine) -> None:
    bad = cloud("b", source=None, data={"cart": 7, "שם": "x"})

    take(engine, bad)

    [row] = rows(engine, refused_events)
    assert orjson.loads(row.raw) == bad
    assert (row.id, row.type, row.source) == ("b", "cart.left", None)
    assert (row.door, row.state) == ("celery", "refused")
    assert [pointer for pointer, _ in reasons(engine)[0]] == ["/source"]


def test_a_text_and_its_value_are_the_same_event(engine: Engine) -> None:
    text = orjson.dumps(cloud("a"))

    assert take(engine, cloud("a"), text, text.decode()) == Summary(1, 2, 0)


def test_what_celery_makes_of_dates_uuids_and_decimals_is_what_was_meant(engine: Engine) -> None:
    id_, at = UUID(int=7), datetime(2026, 11, 1, 9, tzinfo=UTC)
    meant = {"cart": str(id_), "ends": "2026-12-01", "number": 3}
    sent = {"cart": id_, "ends": date(2026, 12, 1), "number": Decimal("3")}

    summary = take(engine, cloud("a", data=sent), cloud("b", time=at))

    assert summary == Summary(2, 0, 0)
    first, second = rows(engine, events, "seq")
    assert (first.data, second.time) == (meant, at)


RUBBISH: list[Any] = [
    b"{", "", "null", "[]", b"\xff\xfe", '{"a": "\\u0000"}', '{"a": "\\ud800"}', "a\x00b",
    "\ud800", '{"id": "x", "id": "y"}', "9" * 10_000, "[" * 10_000, '{"a": ' + "1" * 5000 + "}",
    "NaN", 7, "text", {"a": float("nan")}, {"a": 10**5000}, {"a": object()}, {1: 2},
    {"b": "\x00"}, {"b": "\ud800"},
    cloud(specversion="0.3"), cloud(time="yesterday"), cloud(data=[1]), cloud(data={"cart": 7}),
    cloud(subject=None), cloud(source="outreach"), cloud(type="outreach.sent"),
]  # fmt: skip


def test_every_kind_of_rubbish_is_refused_with_its_reasons_and_kept(engine: Engine) -> None:
    assert take(engine, *RUBBISH, cloud("good")) == Summary(1, 0, len(RUBBISH))

    assert len(rows(engine, refused_events)) == len(RUBBISH)
    assert all(said and all(detail for _, detail in said) for said in reasons(engine))
    assert [event.id for event in rows(engine, events)] == ["good"]


def test_what_holds_itself_is_refused_too(engine: Engine) -> None:
    deep: dict[str, Any] = {}
    deep["again"] = deep

    assert take(engine, deep) == Summary(0, 0, 1)


def test_what_is_too_large_is_kept_in_part(engine: Engine) -> None:
    take(engine, cloud(data={"cart": "x" * 1_100_000}))

    [row] = rows(engine, refused_events)
    assert len(row.raw) == 1_048_576
    assert reasons(engine) == [[("", "is larger than 1 MiB")]]


def test_the_same_text_delivered_again_is_kept_once(engine: Engine) -> None:
    take(engine, cloud("b", type="no.such"))

    assert take(engine, cloud("b", type="no.such")) == Summary(0, 0, 1)
    assert len(rows(engine, refused_events)) == 1


def test_other_content_under_a_known_id_is_refused_and_the_first_stays(engine: Engine) -> None:
    take(engine, cloud("a"))

    assert take(engine, cloud("a", data={"cart": "other"}), cloud("b")) == Summary(1, 0, 1)

    assert [row.data for row in rows(engine, events, "seq")] == [{"cart": "k"}] * 2
    assert reasons(engine) == [[("/id", "is known, with other content")]]
    assert len(rows(engine, event_ids)) == 2


@pytest.mark.parametrize(
    ("history", "expected"), [(True, Summary(1, 0, 0)), (False, Summary(0, 0, 1))]
)
def test_history_may_be_as_old_as_it_is(engine: Engine, history: bool, expected: Summary) -> None:
    now = in_transaction(engine, read_now)
    old = stamp(now - timedelta(days=365))

    assert take(engine, cloud("a", time=old), history=history) == expected

    assert [row.history for row in rows(engine, events)] == [True] * expected.accepted


@pytest.mark.parametrize("may", [True, False])
def test_the_door_says_who_may_write_customers(engine: Engine, may: bool) -> None:
    take(engine, cloud("a"), may_write_customers=may)

    [row] = rows(engine, events)
    assert (row.writes_customer, row.door, row.bundle) == (may, "celery", configuration().hash)
