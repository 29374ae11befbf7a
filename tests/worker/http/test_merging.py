"""Can a system say that two ids are one person, who may, and what is answered to a mistake?"""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.worker.http.house import READER, WRITER, House, bearer
from tests.worker.http.test_lookups import keep_message, publish
from worker.store.tables import customers

MERGE = "/v1/customers/c1:merge"


def known(client: httpx.Client, house: House) -> None:
    publish(client)
    keep_message(house)
    client.put("/v1/customers/c2", json={"phone": "+972501234567"})


def test_two_ids_are_made_one_by_who_may_write_customers(
    client: httpx.Client, house: House
) -> None:
    known(client, house)

    refused = client.post(MERGE, json={"into": "c2"}, headers=bearer(READER))
    answer = client.post(MERGE, json={"into": "c2"}, headers=bearer(WRITER))
    again = client.post(MERGE, json={"into": "c2"}, headers=bearer(WRITER))

    assert (refused.status_code, answer.status_code, again.status_code) == (403, 200, 200)
    assert answer.json()["moved"] == {"attempts": 1, "events": 1, "messages": 1}
    assert again.json() == {"customer": "c1", "into": "c2", "moved": {}}
    assert {one.id: one.merged_into for one in house.rows(customers)} == {"c1": "c2", "c2": None}


def test_whoever_asks_for_the_old_id_is_shown_the_one_that_is_left(
    client: httpx.Client, house: House
) -> None:
    known(client, house)
    client.post(MERGE, json={"into": "c2"})

    story = client.get("/v1/customers/c1/timeline").json()

    assert story["customer"] == "c2"
    assert "message" in {one["kind"] for one in story["timeline"]}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (MERGE, {}, 400),
        (MERGE, [], 400),
        (MERGE, {"into": 7}, 400),
        (MERGE, {"into": "nobody"}, 404),
        (MERGE, {"into": "\x00"}, 400),
        (MERGE, {"into": "c1"}, 409),
        ("/v1/customers/nobody:merge", {"into": "c2"}, 404),
        ("/v1/customers/c2:merge", {"into": "c1"}, 409),
    ],
)
def test_a_mistake_is_told_and_does_nothing(
    client: httpx.Client, house: House, path: str, body: Any, status: int
) -> None:
    known(client, house)
    if path.startswith("/v1/customers/c2"):
        client.post(MERGE, json={"into": "c2"})

    answer = client.post(path, json=body)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
