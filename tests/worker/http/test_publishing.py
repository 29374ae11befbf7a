"""Does the events door take what is well made, in all three modes, and refuse all else cleanly?"""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.worker.http.house import BILLING, READER, WRITER, House, bearer, event
from worker.http.envelopes import BATCHED, STRUCTURED
from worker.store.tables import events

BINARY = {
    "ce-specversion": "1.0",
    "ce-id": "e1",
    "ce-source": "billing",
    "ce-type": "plan.ending",
    "ce-subject": "c1",
    "content-type": "application/json",
}


def send(client: httpx.Client, value: Any, kind: str = STRUCTURED, **more: Any) -> Any:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    headers = {"content-type": kind} | dict(more.pop("headers", {}))
    return client.post("/v1/events", content=body, headers=headers, **more)


def problems_of(answer: Any, status: int) -> dict[str, str]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found = answer.json()
    assert found["status"] == status
    return {one["pointer"]: one["detail"] for one in found["errors"]}


def test_a_structured_event_is_kept_and_the_bell_rung(client: httpx.Client, house: House) -> None:
    answer = send(client, event(data={"plan_id": "p1", "note": "שלום"}))

    assert (answer.status_code, answer.json()) == (202, {"accepted": 1, "duplicates": 0})
    [row] = house.rows(events)
    assert (row.source, row.id, row.type, row.customer_id) == ("billing", "e1", "plan.ending", "c1")
    assert row.data == {"plan_id": "p1", "note": "שלום"}
    assert (row.door, row.state, row.writes_customer) == ("http", "new", True)
    assert row.bundle == house.current.hash
    assert house.rung == ["outreach.evaluate"]


def test_a_binary_event_is_kept(client: httpx.Client, house: House) -> None:
    answer = client.post("/v1/events", content=b'{"plan_id": "p1"}', headers=BINARY)

    assert answer.status_code == 202
    assert [row.id for row in house.rows(events)] == ["e1"]


def test_a_batch_is_kept_whole(client: httpx.Client, house: House) -> None:
    answer = send(client, [event(id=f"e{n}") for n in range(1_000)], BATCHED)

    assert answer.json() == {"accepted": 1_000, "duplicates": 0}
    assert house.stored == 1_000


def test_an_empty_batch_is_no_mistake(client: httpx.Client, house: House) -> None:
    answer = send(client, [], BATCHED)

    assert (answer.status_code, answer.json()) == (200, {"accepted": 0, "duplicates": 0})
    assert house.rung == []


def test_a_known_event_is_answered_200_and_kept_once(client: httpx.Client, house: House) -> None:
    send(client, event())

    again = send(client, event(time="2026-11-01T11:00:00+02:00", traceparent="00-a-b-01"))
    mixed = send(client, [event(), event(id="e2"), event(id="e2")], BATCHED)

    assert (again.status_code, again.json()) == (200, {"accepted": 0, "duplicates": 1})
    assert (mixed.status_code, mixed.json()) == (202, {"accepted": 1, "duplicates": 2})
    assert house.stored == 2


def test_a_known_id_with_other_content_is_a_conflict_and_changes_nothing(
    client: httpx.Client, house: House
) -> None:
    send(client, event())

    alone = send(client, event(data={"plan_id": "p2"}))
    batch = send(client, [event(id="e2"), event(data={"plan_id": "p2"})], BATCHED)

    assert list(problems_of(alone, 409)) == [""]
    assert list(problems_of(batch, 409)) == ["/1"]
    assert house.stored == 1


BAD = [
    ("not JSON", b"hello", STRUCTURED, 400, [""]),
    ("nothing", b"", STRUCTURED, 400, [""]),
    ("no object", b"[1]", STRUCTURED, 400, [""]),
    ("not UTF-8", b'{"id":"\xff"}', STRUCTURED, 400, [""]),
    ("unknown specversion", event(specversion="0.3"), STRUCTURED, 400, ["/specversion"]),
    ("no id", event(id=...), STRUCTURED, 400, ["/id"]),
    ("no source", event(source=...), STRUCTURED, 400, ["/source"]),
    ("no type", event(type=...), STRUCTURED, 400, ["/type"]),
    ("several at once", event(id=..., type=""), STRUCTURED, 400, ["/id", "/type"]),
    ("a bad time", event(time="01.11.2026"), STRUCTURED, 400, ["/time"]),
    ("a time without an offset", event(time="2026-11-01T09:00:00"), STRUCTURED, 400, ["/time"]),
    ("base64", event(data=..., data_base64="e30="), STRUCTURED, 400, ["/data_base64"]),
    ("data that is a list", event(data=[]), STRUCTURED, 400, ["/data"]),
    ("NUL", event(data={"plan_id": "a\x00"}), STRUCTURED, 400, ["/data/plan_id"]),
    ("a lone surrogate", event(data={"plan_id": "\ud800"}), STRUCTURED, 400, ["/data/plan_id"]),
    ("a lone surrogate in the id", event(id="\udc00"), STRUCTURED, 400, ["/id"]),
    ("10,000 digits", b'{"data":{"n":' + b"1" * 10_000 + b"}}", STRUCTURED, 400, ["/data/n"]),
    ("NaN", b'{"data":{"n":NaN}}', STRUCTURED, 400, ["/data/n"]),
    ("a key twice", b'{"id":"a","id":"b"}', STRUCTURED, 400, ["/id"]),
    ("too deep", b'{"a":' * 40 + b"1" + b"}" * 40, STRUCTURED, 400, ["/a" * 32]),
    ("half a million brackets", b"[" * 500_000, STRUCTURED, 400, [""]),
    ("a batch that is no list", event(), BATCHED, 400, [""]),
    ("a batch of odd things", [1, event(id=...)], BATCHED, 400, ["/0", "/1/id"]),
    ("too many", [event(id=f"e{n}", data={}) for n in range(1_001)], BATCHED, 413, []),
    ("too big", b'"' + b"a" * 1024 * 1024 + b'"', STRUCTURED, 413, []),
    ("a wrong content type", event(), "text/plain", 415, []),
    ("no content type", event(), "", 415, []),
    ("plain JSON", event(), "application/json", 415, []),
    ("XML", event(), "application/cloudevents+xml", 415, []),
    ("an unknown type", event(type="plan.endin"), STRUCTURED, 422, ["/type"]),
    ("off its schema", event(data={"amount": "x"}), STRUCTURED, 422, ["/data", "/data/amount"]),
    ("no customer", event(subject=...), STRUCTURED, 422, ["/subject"]),
    ("too late", event(time="2020-01-01T00:00:00Z"), STRUCTURED, 422, ["/time"]),
    ("a reserved type", event(type="outreach.sent"), STRUCTURED, 422, ["/type"]),
    ("one of a batch", [event(), event(id="e2", type="x")], BATCHED, 422, ["/1/type"]),
]


@pytest.mark.parametrize(
    ("value", "kind", "status", "pointers"), [row[1:] for row in BAD], ids=[row[0] for row in BAD]
)
def test_bad_input_gets_a_clear_problem_and_nothing_is_stored(
    client: httpx.Client, house: House, value: Any, kind: str, status: int, pointers: list[str]
) -> None:
    answer = send(client, value, kind)

    assert sorted(problems_of(answer, status)) == sorted(pointers)
    assert house.stored == 0
    assert house.rung == []


@pytest.mark.parametrize(
    ("headers", "body", "status", "pointers"),
    [
        (BINARY | {"ce-id": ""}, b"{}", 400, ["/id"]),
        (BINARY | {"ce-specversion": "2"}, b"{}", 400, ["/specversion"]),
        (BINARY | {"ce-subject": "%ff"}, b"{}", 400, ["/subject"]),
        (BINARY, b"nonsense", 400, ["/data"]),
        (BINARY, b'{"plan_id": "\\u0000"}', 400, ["/data/plan_id"]),
        (BINARY, b"[]", 400, ["/data"]),
        (BINARY, b"{}", 422, ["/data"]),
        (BINARY | {"content-type": "text/xml"}, b"{}", 415, []),
    ],
)
def test_bad_input_in_binary_mode_gets_the_same(
    client: httpx.Client,
    house: House,
    headers: dict[str, str],
    body: bytes,
    status: int,
    pointers: list[str],
) -> None:
    answer = client.post("/v1/events", content=body, headers=headers)

    assert sorted(problems_of(answer, status)) == pointers
    assert house.stored == 0


def test_a_body_in_pieces_is_cut_off_at_the_same_size(client: httpx.Client, house: House) -> None:
    def endless() -> Any:
        for _ in range(64):
            yield b" " * 64 * 1024

    answer = client.post("/v1/events", content=endless(), headers={"content-type": STRUCTURED})

    assert problems_of(answer, 413) == {}


def test_a_problem_repeats_nothing_of_what_was_sent(client: httpx.Client) -> None:
    secret = "0501234567"

    answers = [
        send(client, event(data={"plan_id": "p", "amount": secret})),
        send(client, event(time=secret)),
        send(client, event(subject=..., data={"plan_id": 5, "note": secret})),
        send(client, f'{{"a": {secret}'.encode()),
    ]

    assert all(answer.status_code in {400, 422} for answer in answers)
    assert not any(secret in answer.text for answer in answers)


def test_unknown_parameters_are_passed_over_and_bad_ones_told(client: httpx.Client) -> None:
    assert send(client, event(), params={"utm": "x"}).status_code == 202
    assert list(problems_of(send(client, event(), params={"dry_run": "perhaps"}), 400)) == [
        "/query/dry_run"
    ]


@pytest.mark.parametrize(
    ("amount", "starts"), [({"amount": 100}, ["plan_ending"]), ({"amount": 99}, []), ({}, [])]
)
def test_a_dry_run_says_what_would_start_and_stores_nothing(
    client: httpx.Client, house: House, amount: dict[str, int], starts: list[str]
) -> None:
    answer = send(client, event(data={"plan_id": "p1"} | amount), params={"dry_run": "true"})

    assert answer.status_code == 200
    assert answer.json() == {"accepted": 1, "duplicates": 0, "starts": [starts]}
    assert house.stored == 0
    assert house.rung == []


def test_a_dry_run_refuses_what_would_be_refused(client: httpx.Client, house: House) -> None:
    send(client, event())
    dry = {"dry_run": "true"}

    assert send(client, event(), params=dry).json()["duplicates"] == 1
    assert problems_of(send(client, event(data={"plan_id": "p2"}), params=dry), 409)
    assert problems_of(send(client, event(id="e2", type="x"), params=dry), 422)
    assert house.stored == 1


def test_without_a_configuration_events_are_asked_to_come_back(
    client: httpx.Client, house: House
) -> None:
    house.current = None

    answer = send(client, event())

    assert problems_of(answer, 503) == {}
    assert answer.headers["retry-after"] == "5"
    assert house.stored == 0


def test_a_database_that_fails_is_told_as_such(client: httpx.Client, house: House) -> None:
    send(client, event())
    with house.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE event_ids RENAME TO elsewhere")

    answer = send(client, event(id="e2"))

    with house.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO event_ids")
    assert problems_of(answer, 503) == {}
    assert "event_ids" not in answer.text
    assert answer.headers["retry-after"] == "5"
    assert send(client, event(id="e2")).status_code == 202


@pytest.mark.parametrize(
    ("key", "value", "status", "pointers"),
    [
        (BILLING, event(), 202, []),
        (BILLING, event(source="crm"), 403, ["/source"]),
        (BILLING, event(type="customer.updated", data={}), 403, ["/type"]),
        (WRITER, event(source="crm", type="customer.updated", data={"age": 3}), 202, []),
        (WRITER, event(), 403, ["/source"]),
        (READER, event(), 403, ["/source"]),
        ("unknown", event(), 401, []),
    ],
)
def test_a_key_publishes_what_its_scopes_say(
    client: httpx.Client,
    house: House,
    key: str,
    value: Any,
    status: int,
    pointers: list[str],
) -> None:
    answer = send(client, value, headers=bearer(key))

    assert answer.status_code == status
    assert house.stored == (1 if status == 202 else 0)
    if status != 202:
        assert sorted(problems_of(answer, status)) == pointers


def test_whether_an_event_may_write_its_customer_is_kept_with_it(
    client: httpx.Client, house: House
) -> None:
    send(client, event(), headers=bearer(BILLING))
    send(client, event(source="crm"), headers=bearer(WRITER))

    assert {row.source: row.writes_customer for row in house.rows(events)} == {
        "billing": False,
        "crm": True,
    }
