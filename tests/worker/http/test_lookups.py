"""Does whoever asks hear what became of an event, a customer, a message?"""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sqlalchemy import Table

from tests.worker.http.house import ALL, BILLING, NOW, READER, WRITER, House, bearer, event
from worker.http.envelopes import STRUCTURED
from worker.store.bulk import Deletion, Insertion
from worker.store.engine import in_transaction
from worker.store.tables import (
    attempts,
    events,
    messages,
    occurrences,
    receipts,
    refused_events,
)

MESSAGE = "ab" * 16


def keep(house: House, table: Table, **row: Any) -> None:
    in_transaction(house.engine, lambda c: Insertion(table).run(c, [row]))


def publish(client: httpx.Client, **changes: Any) -> None:
    client.post("/v1/events", json=event(**changes), headers={"content-type": STRUCTURED})


def keep_occurrence(house: House, **more: Any) -> None:
    row = {
        "id": "cd" * 16, "trigger": "plan_ending", "customer_id": "c1", "key": "p1", "epoch": "e1",
        "state": "called_off", "reason": "disarmed", "start_time": NOW, "start_source": "billing",
        "start_id": "e1", "moment": NOW, "due": NOW, "expires": NOW, "priority": 1,
        "category": "service", "bundle": "0" * 32, "created_at": NOW, "updated_at": NOW,
    }  # fmt: skip
    keep(house, occurrences, **(row | more))


def keep_message(house: House) -> None:
    keep(
        house, messages, id=MESSAGE, occurrence_id="cd" * 16, trigger="plan_ending",
        customer_id="c1", key="p1", epoch="e1", category="service", message="plan_ending",
        language="en", channels=["sms"], channel="sms", state="delivered", attempt=1,
        claimed_at=NOW, expires=NOW, priority=1, bundle="0" * 32, start_source="billing",
        start_id="e1", hops=0, updated_at=NOW,
    )  # fmt: skip
    keep(
        house, attempts, message_id=MESSAGE, number=1, trigger="plan_ending",
        category="service", customer_id="c1", channel="sms", sender="outbox", headers={},
        address_hash="0" * 32, segments=1, state="accepted", lease_owner="0" * 32,
        claimed_at=NOW, text="Your plan ends.",
    )  # fmt: skip
    keep(
        house, receipts, provider="twilio", message_id=MESSAGE, attempt=1, status="delivered",
        raw={"To": "+972501234567"}, received_at=NOW, state="applied",
    )  # fmt: skip


def fate(client: httpx.Client, source: str = "billing", id_: str = "e1") -> httpx.Response:
    return client.get("/v1/events", params={"source": source, "id": id_})


def test_an_event_is_shown_with_what_it_started(client: httpx.Client, house: House) -> None:
    publish(client)
    keep_occurrence(house)
    keep_occurrence(house, id="ee" * 16, epoch="e2", start_id="e2")

    found = fate(client).json()

    assert (found["state"], found["customer_id"], found["type"]) == ("new", "c1", "plan.ending")
    assert found["time"] == "2026-11-01T09:00:00.000000Z"
    [started] = found["started"]
    assert (started["trigger"], started["state"]) == ("plan_ending", "called_off")
    assert started["reason"] == "disarmed"


def test_a_refused_event_is_shown_with_its_reasons(client: httpx.Client, house: House) -> None:
    reasons = [{"pointer": "/type", "detail": "is not in the catalog"}]
    keep(house, refused_events, door="file", received_at=NOW, source="billing", id="e1",
         raw="{}", raw_hash="0" * 32, reasons=reasons, state="refused")  # fmt: skip

    found = fate(client).json()

    assert (found["state"], found["reasons"]) == ("refused", reasons)


def test_an_event_of_which_only_the_id_is_left_is_forgotten(
    client: httpx.Client, house: House
) -> None:
    publish(client)
    in_transaction(
        house.engine, lambda c: Deletion(events, by=("source",)).run(c, [{"source": "billing"}])
    )

    assert fate(client).json()["state"] == "forgotten"


@pytest.mark.parametrize(
    ("source", "id_"), [("billing", "other"), ("other", "e1"), ("a\x00", "b"), ("a", "b\x00")]
)
def test_an_event_we_never_had_is_404(client: httpx.Client, source: str, id_: str) -> None:
    publish(client)

    assert fate(client, source, id_).status_code == 404


@pytest.mark.parametrize("query", ["", "?source=a", "?id=a", "?id=a&source=" + "a" * 501])
def test_half_a_question_is_400(client: httpx.Client, query: str) -> None:
    answer = client.get(f"/v1/events{query}")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"].startswith("/query/")


def test_a_message_is_shown_with_attempts_and_receipts(client: httpx.Client, house: House) -> None:
    keep_message(house)

    found = client.get(f"/v1/messages/{MESSAGE}").json()

    assert (found["state"], found["trigger"]) == ("delivered", "plan_ending")
    assert [one["text"] for one in found["attempts"]] == ["Your plan ends."]
    assert [one["status"] for one in found["receipts"]] == ["delivered"]
    assert "972501234567" not in str(found["receipts"])


@pytest.mark.parametrize("message", ["0" * 32, "x", "%00"])
def test_a_message_we_never_had_is_404(client: httpx.Client, message: str) -> None:
    assert client.get(f"/v1/messages/{message}").status_code == 404


def test_the_catalog_says_what_may_be_published(client: httpx.Client, house: House) -> None:
    found = client.get("/v1/catalog", headers=bearer(BILLING)).json()

    types = {one["type"]: one for one in found["types"]}
    assert found["configuration"] == house.current.hash
    assert types["plan.ending"]["about"] == "A plan ends soon."
    assert types["plan.ending"]["data"]["required"] == ["plan_id"]
    assert types["plan.ending"]["examples"] == [{"plan_id": "p1"}]
    assert types["check.deposited"]["customer"] == "event.data.owner"


@pytest.mark.parametrize(
    ("key", "publishable"),
    [
        (ALL, {"plan.ending", "check.deposited", "customer.updated"}),
        (BILLING, {"plan.ending", "check.deposited"}),
        (WRITER, {"plan.ending", "check.deposited", "customer.updated"}),
        (READER, set()),
    ],
)
def test_the_catalog_promises_nothing_that_the_door_would_refuse(
    client: httpx.Client, key: str, publishable: set[str]
) -> None:
    types = client.get("/v1/catalog", headers=bearer(key)).json()["types"]

    assert {one["type"] for one in types if one["publish"]} == publishable
    assert {"customer.updated", "outreach.sent", "survey.answered"} < {one["type"] for one in types}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("DELETE", "/v1/events", 405), ("GET", "/v1/customers/c/x", 404)],
)
def test_other_doors_are_closed_by_problem_documents(
    client: httpx.Client, method: str, path: str, status: int
) -> None:
    answer = client.request(method, path)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
