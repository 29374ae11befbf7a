"""Can a system have a customer forgotten, who may do so, and what is shown afterwards?"""

from __future__ import annotations

import httpx

from tests.worker.http.house import READER, WRITER, House, bearer
from tests.worker.http.test_lookups import keep_message, publish
from worker.store.tables import events


def test_a_customer_is_forgotten_by_who_may_write_customers(
    client: httpx.Client, house: House
) -> None:
    publish(client)
    keep_message(house)

    refused = client.delete("/v1/customers/c1", headers=bearer(READER))
    answer = client.delete("/v1/customers/c1", headers=bearer(WRITER))

    assert (refused.status_code, answer.status_code) == (403, 200)
    assert answer.json()["erased"] == {"attempts": 1, "messages": 1, "receipts": 1}
    assert house.rows(events) == []


def test_what_is_shown_of_him_afterwards_is_that_he_was_erased(
    client: httpx.Client, house: House
) -> None:
    client.put("/v1/customers/c1", json={"phone": "+972501234567"})
    keep_message(house)
    client.delete("/v1/customers/c1")

    story = client.get("/v1/customers/c1/timeline").json()

    assert client.get("/v1/customers/c1").status_code == 404
    assert story["erased_at"] is not None
    [message] = [one for one in story["timeline"] if one["kind"] == "message"]
    assert [one["text"] for one in message["attempts"]] == [None]


def test_asked_twice_it_is_done_once_and_nobody_known_is_404(client: httpx.Client) -> None:
    publish(client)

    answers = [client.delete("/v1/customers/c1") for _ in range(2)]

    assert [one.status_code for one in answers] == [200, 200]
    assert answers[1].json()["erased"] == {}
    assert client.delete("/v1/customers/nobody").status_code == 404
    assert client.delete("/v1/customers/%00").status_code == 404


def test_the_event_is_shown_as_forgotten(client: httpx.Client) -> None:
    publish(client)
    client.delete("/v1/customers/c1")

    found = client.get("/v1/events", params={"source": "billing", "id": "e1"}).json()

    assert found["state"] == "forgotten"
