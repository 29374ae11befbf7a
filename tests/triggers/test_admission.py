"""Does the catalog's door take what it should, and say of everything else what is wrong?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.worker.http.house import FILES, NOW, event
from triggers.admission import CUSTOMERS_DOOR, CUSTOMERS_SOURCE, admit
from triggers.configuration import read_configuration
from triggers.envelope import Kind, Refusal, read_envelope
from triggers.events import Event

WORLD = read_configuration(FILES)


def admitted(
    now: datetime = NOW, history: bool = False, door: str = "http", **changes: Any
) -> Event:
    envelope = read_envelope(event(**changes))
    return admit(envelope, WORLD.catalog, WORLD.policy, now=now, history=history, door=door)


def test_an_event_that_fits_is_admitted_with_its_customer() -> None:
    assert admitted() == Event(
        source="billing",
        id="e1",
        type="plan.ending",
        time=datetime(2026, 11, 1, 9, tzinfo=UTC),
        customer="c1",
        data={"plan_id": "p1"},
        received=NOW,
        subject="c1",
    )


@pytest.mark.parametrize(
    ("changes", "pointer", "detail"),
    [
        ({"type": "plan.endin"}, "/type", "is not in the catalog, did you mean 'plan.ending'?"),
        ({"type": "weather"}, "/type", "is not in the catalog"),
        ({"data": {}}, "/data", '"plan_id" is a required property'),
        ({"data": {"plan_id": "p1", "amount": -1}}, "/data/amount", "the value is less than"),
        ({"subject": ...}, "/subject", "must hold the customer's id"),
        ({"subject": "c" * 201}, "/subject", "must hold the customer's id"),
        ({"subject": "ל" * 101}, "/subject", "must hold the customer's id"),
        ({"type": "check.deposited", "data": {"owner": ""}}, "/data/owner", "must hold the cust"),
        ({"type": "check.deposited", "data": {"owner": "a\x07"}}, "/data/owner", "must hold the"),
        ({"source": "outreach"}, "/source", "'outreach' is reserved"),
        ({"source": CUSTOMERS_SOURCE}, "/source", "'customers-api' is reserved"),
        ({"type": "outreach.sent", "data": {"trigger": "x"}}, "/type", "'outreach.sent' is what w"),
        ({"type": "outreach.other"}, "/type", "'outreach.other' is what we say ourselves"),
        ({"type": "survey.answered", "data": {"trigger": "x"}}, "/type", "'survey.answered' is wh"),
        ({"time": "2026-10-01T00:00:00Z"}, "/time", "is too late: more than 30d ago"),
        ({"type": "customer.updated", "data": {"age": -1}}, "/data/age", "the value"),
        ({"type": "customer.updated", "data": {"id": "c2"}}, "/data/id", "is not the event's own"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_its_place(
    changes: dict[str, Any], pointer: str, detail: str
) -> None:
    with pytest.raises(Refusal) as refused:
        admitted(**changes)

    assert refused.value.kind is Kind.AGAINST_CATALOG
    [problem] = refused.value.problems
    assert problem.pointer == pointer
    assert problem.detail.startswith(detail)


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(Refusal) as refused:
        admitted(source="outreach", subject=..., data={"amount": "x"}, time="1999-01-01T00:00:00Z")

    pointers = sorted(one.pointer for one in refused.value.problems)
    assert pointers == ["/data", "/data/amount", "/source", "/subject", "/time"]


@pytest.mark.parametrize(("owner", "customer"), [("c9", "c9"), (7, "7"), (7.0, "7")])
def test_the_customer_stands_where_the_type_says_and_may_be_a_number(
    owner: object, customer: str
) -> None:
    found = admitted(type="check.deposited", subject=..., data={"owner": owner})

    assert found.customer == customer


def test_a_profile_carries_its_own_id() -> None:
    found = admitted(type="customer.updated", subject=..., data={"id": "c9", "language": "he"})

    assert found.customer == "c9"


def test_the_customers_door_may_use_its_own_source() -> None:
    found = admitted(
        door=CUSTOMERS_DOOR, source=CUSTOMERS_SOURCE, type="customer.updated", data={"age": 7}
    )

    assert found.source == CUSTOMERS_SOURCE


@pytest.mark.parametrize(
    ("age", "refused"), [(timedelta(days=30), False), (timedelta(days=30, seconds=1), True)]
)
def test_lateness_is_counted_to_the_second(age: timedelta, refused: bool) -> None:
    now = admitted().time + age

    if refused:
        with pytest.raises(Refusal, match="too late"):
            admitted(now=now)
    else:
        assert admitted(now=now).time == now - age


def test_history_is_never_too_late() -> None:
    found = admitted(history=True, time="1999-01-01T00:00:00Z")

    assert found.history
    assert found.time == datetime(1999, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ahead", "kept"), [(timedelta(minutes=5), True), (timedelta(minutes=5, microseconds=1), False)]
)
def test_a_time_too_far_ahead_is_cut_to_the_receipt(ahead: timedelta, kept: bool) -> None:
    time = NOW + ahead

    assert admitted(time=time.isoformat()).time == (time if kept else NOW)


def test_an_event_without_a_time_is_of_the_moment_of_its_receipt() -> None:
    assert admitted(time=...).time == NOW
