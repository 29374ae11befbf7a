"""Is what systems say of customers kept, each word as one event, and shown again?"""

from __future__ import annotations

from itertools import permutations
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.worker.http.house import NOW, House
from tests.worker.http.test_publishing import problems_of
from worker.store.bulk import Insertion
from worker.store.engine import in_transaction
from worker.store.tables import customers, events

PROFILE = {"id": "c1", "phone": "+972501234567", "language": "en", "age": 71}


def test_a_put_is_kept_as_one_event(client: httpx.Client, house: House) -> None:
    answer = client.put("/v1/customers/c1", json=PROFILE | {"email": None})

    assert (answer.status_code, answer.json()) == (202, {"accepted": 1, "duplicates": 0})
    [row] = house.rows(events)
    assert (row.type, row.source, row.customer_id) == ("customer.updated", "customers-api", "c1")
    assert row.data == PROFILE | {"email": None}
    assert (row.time, row.writes_customer, row.door) == (NOW, True, "customers")
    assert house.rung == ["outreach.evaluate"]


def test_a_request_repeated_with_its_key_is_kept_once(client: httpx.Client, house: House) -> None:
    def put(value: dict[str, Any], customer: str = "c1") -> httpx.Response:
        return client.put(f"/v1/customers/{customer}", json=value, headers={"Idempotency-Key": "k"})

    assert put({"age": 7}).status_code == 202
    assert put({"age": 7.0}).status_code == 200
    assert put({"age": 7}, "c2").status_code == 202
    assert list(problems_of(put({"age": 8}), 409)) == [""]
    assert house.stored == 2


def test_an_empty_key_is_none(client: httpx.Client, house: House) -> None:
    for age in (7, 8):
        told = client.put("/v1/customers/c1", json={"age": age}, headers={"Idempotency-Key": ""})
        assert told.status_code == 202

    assert house.stored == 2


def test_another_word_is_another_event(client: httpx.Client, house: House) -> None:
    client.put("/v1/customers/c1", json={"age": 7})
    client.put("/v1/customers/c1", json={"age": 8})

    assert house.stored == 2


def test_a_batch_is_kept_whole_or_not_at_all(client: httpx.Client, house: House) -> None:
    good = [{"id": f"c{n}", "age": n} for n in range(3)]

    refused = client.post("/v1/customers:batch", json=[*good, {"id": "c9", "age": -1}])
    assert list(problems_of(refused, 422)) == ["/3/age"]
    assert house.stored == 0

    kept = client.post("/v1/customers:batch", json=good)
    assert (kept.status_code, kept.json()) == (202, {"accepted": 3, "duplicates": 0})
    assert {row.customer_id for row in house.rows(events)} == {"c0", "c1", "c2"}


@pytest.mark.parametrize("ages", list(permutations((1, 2, 3))))
def test_of_one_customer_in_a_batch_the_last_counts(
    client: httpx.Client, house: House, ages: tuple[int, ...]
) -> None:
    told = [{"id": "c1", "age": age} for age in ages]

    client.post("/v1/customers:batch", json=[{"id": "c2", "age": 9}, *told])

    stored = [row for row in house.rows(events) if row.customer_id == "c1"]
    newest = max(stored, key=lambda row: (row.time, row.source, row.id))
    assert (len(stored), newest.data["age"]) == (3, ages[-1])


def test_what_will_do_nothing_is_taken_and_named(client: httpx.Client, house: House) -> None:
    one = client.put("/v1/customers/c1", json={"fone": "+972501234567"})
    many = client.post("/v1/customers:batch", json=[{"id": "c1"}, {"id": "c2", "language": "xx"}])

    assert (one.status_code, many.status_code, house.stored) == (202, 202, 3)
    assert one.json()["warnings"] == [
        {"pointer": "/fone", "detail": "is no field that anything reads, did you mean 'phone'?"}
    ]
    assert [found["pointer"] for found in many.json()["warnings"]] == ["/1/language"]


@pytest.mark.parametrize(
    ("path", "content", "status", "pointers"),
    [
        ("/v1/customers/c1", b"{", 400, [""]),
        ("/v1/customers/c1", b"[]", 400, [""]),
        ("/v1/customers/c1", b'{"age":1,"age":2}', 400, ["/age"]),
        ("/v1/customers/c1", b'{"phone":"\\u0000"}', 400, ["/phone"]),
        ("/v1/customers/c1", b'{"id":"c2"}', 400, ["/id"]),
        ("/v1/customers/c1", b'{"id":5}', 400, ["/id"]),
        ("/v1/customers/c1", b'{"age":"old"}', 422, ["/age"]),
        ("/v1/customers/c1", b'{"phone":5}', 422, ["/phone"]),
        ("/v1/customers/%00", b"{}", 422, ["/id"]),
        (f"/v1/customers/{'c' * 201}", b"{}", 422, ["/id"]),
        ("/v1/customers/c1", b'"' + b"x" * 1024 * 1024 + b'"', 413, []),
        ("/v1/customers:batch", b"{}", 400, [""]),
        ("/v1/customers:batch", b'[1,{"age":1},{"id":"c1"}]', 400, ["/0", "/1/id"]),
        ("/v1/customers:batch", b"[" + b",".join([b'{"id":"c"}'] * 1_001) + b"]", 413, []),
    ],
)
def test_bad_profiles_get_a_clear_problem_and_nothing_is_stored(
    client: httpx.Client,
    house: House,
    path: str,
    content: bytes,
    status: int,
    pointers: list[str],
) -> None:
    method = "POST" if path.endswith("batch") else "PUT"

    answer = client.request(
        method, path, content=content, headers={"content-type": "application/json"}
    )

    assert sorted(problems_of(answer, status)) == pointers
    assert house.stored == 0


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", ""])
def test_another_content_type_is_refused(client: httpx.Client, kind: str) -> None:
    answer = client.put("/v1/customers/c1", content=b"{}", headers={"content-type": kind})

    assert problems_of(answer, 415) == {}


def keep_customer(house: House, **more: Any) -> None:
    profile = {"phone": "+972501234567", "age": 71}
    row = {"id": "c1", "profile": profile, "field_orders": {}, "updated_at": NOW} | more
    in_transaction(house.engine, lambda c: Insertion(customers).run(c, [row]))


def test_a_profile_is_shown_as_one_flat_object(client: httpx.Client, house: House) -> None:
    keep_customer(house)

    answer = client.get("/v1/customers/c1")

    assert answer.json() == {"id": "c1", "phone": "+972501234567", "age": 71}


@pytest.mark.parametrize("customer", ["nobody", "%00", "c1%0A"])
def test_who_is_not_known_is_404(client: httpx.Client, house: House, customer: str) -> None:
    keep_customer(house)

    assert problems_of(client.get(f"/v1/customers/{customer}"), 404) == {}


@pytest.mark.parametrize("id_", ["acct/78", "a/timeline", "a:merge", "line\n", "ש/1"])
def test_whatever_may_be_an_id_is_reached_by_its_path(
    client: httpx.Client, house: House, id_: str
) -> None:
    place = f"/v1/customers/{quote(id_, safe='')}"

    told = client.put(place, json={"age": 5})

    if "\n" in id_:
        assert list(problems_of(told, 422)) == ["/id"]
        return
    assert told.status_code == 202
    assert [row.customer_id for row in house.rows(events)] == [id_]
    assert '"age"' in client.get(f"{place}/timeline").text
    assert client.delete(place).json()["customer"] == id_


def test_an_id_that_is_no_text_is_refused_and_nobodys(client: httpx.Client, house: House) -> None:
    assert list(problems_of(client.put("/v1/customers/%E9ric", json={}), 400)) == ["/id"]
    assert problems_of(client.delete("/v1/customers/%E9ric"), 404) == {}
    assert house.stored == 0


def test_who_was_erased_is_404(client: httpx.Client, house: House) -> None:
    keep_customer(house, erased_at=NOW)

    assert client.get("/v1/customers/c1").status_code == 404
