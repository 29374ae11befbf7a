"""Is there a door through which a stranger, a forger or junk gets in, or from which 500 comes out?

Doors are found in the application itself, so that a new one is attacked as the others are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from starlette.routing import BaseRoute, Route

from tests.worker.http.conftest import Open
from tests.worker.http.house import KEYS, NOW, House, bearer, build
from worker.http.app import create_app
from worker.http.bodies import MAX_BODY
from worker.store.tables import keys, metadata

Door = tuple[str, str]
NOTHING = "nothing-secret"
"""A key that may publish for a source nobody has, and nothing else."""

SIGNED = {
    ("POST", "/webhooks/twilio/status/{message}/{attempt}"),
    ("POST", "/webhooks/twilio/inbound"),
    ("POST", "/webhooks/email/mailgun"),
}
OPEN = {
    ("GET", "/"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/u/{token}"),
    ("POST", "/u/{token}"),
    ("GET", "/l/{token}"),
    ("HEAD", "/l/{token}"),
    ("HEAD", "/healthz"),
    ("HEAD", "/readyz"),
    ("POST", "/l/{token}"),
}
"""Whoever has the link has what it opens; the rest says nothing worth a key."""
FOR_ANY_KEY = {("GET", "/v1/catalog"), ("GET", "/openapi.json"), ("GET", "/docs")}
NAMES = {"message": "0" * 32, "handoff": "0" * 32, "attempt": "1", "token": "a" * 39}
KINDS = {
    "/v1/events": "application/cloudevents+json",
    "/webhooks/email": "message/rfc822",
    "/webhooks/twilio/inbound": "application/x-www-form-urlencoded",
    "/webhooks/twilio/status/{message}/{attempt}": "application/x-www-form-urlencoded",
}
FORGED = {
    "x-twilio-signature": "AAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "webhook-id": "msg_1",
    "webhook-timestamp": str(int(NOW.timestamp())),
    "webhook-signature": "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
}
JUNK = [
    b"", b"\x00", b"[", b"[" * 60_000, b'{"a":' * 60_000, b"null", b"NaN", b'"\\ud800"',
    b"\xff\xfe", b"1" * 5_000, b'{"id":"\\u0000"}', b"{" + b'"a":1,' * 50_000 + b'"a":1}',
    b"a=%00&b=%ff", b"&" * 100_000,
    b"From: a\r\n\r\n", b'{"signature":{"timestamp":[],"token":{}}}',
]  # fmt: skip
SECRETS = ("all-secret", "signing-key", "token-one", "a key of the tests")
LEAKS = ("Traceback", "sqlalchemy", "psycopg", "sqlite", "/worker/", "INSERT", "SELECT", *SECRETS)


def doors_of(routes: Iterable[BaseRoute]) -> Iterator[Door]:
    for route in routes:
        if isinstance(route, Route):
            yield from ((method, route.path) for method in sorted(route.methods or ()))
        else:
            # what FastAPI keeps of a router that was included
            yield from doors_of(getattr(route, "original_router").routes)  # noqa: B009


def place(door: Door) -> str:
    path = door[1]
    for name, value in NAMES.items():
        path = path.replace("{" + name + "}", value)
    return path.replace("{customer:whole}", "c1").replace("{name}", "x").replace("{rest:path}", "x")


@pytest.fixture
def house(engine: Engine) -> House:
    return build(engine, (*KEYS, f"{NOTHING}:events:nothing"))


@pytest.fixture
def app(house: House) -> FastAPI:
    return create_app(house, now=lambda: NOW)


@pytest.fixture
def doors(app: FastAPI) -> list[Door]:
    found = sorted(set(doors_of(app.routes)))
    assert set(found) >= SIGNED | OPEN | FOR_ANY_KEY, "a door of the table is gone"
    return found


def is_page(door: Door) -> bool:
    return door[1].startswith("/console")


def kept(house: House) -> dict[str, int]:
    return {one.name: house.count(one) for one in metadata.sorted_tables if one is not keys}


def leaks(answer: httpx.Response) -> list[str]:
    return [] if answer.is_success else [one for one in LEAKS if one in answer.text]


@pytest.mark.parametrize(
    "headers", [{}, bearer("unknown"), {"authorization": "Basic eDp5"}, FORGED]
)
def test_no_door_lets_a_stranger_or_a_forger_in(
    house: House, doors: list[Door], open_doors: Open, headers: dict[str, str]
) -> None:
    client, before = open_doors(house, key=None), kept(house)

    heard = {
        door: client.request(
            door[0], place(door), headers={"content-type": KINDS.get(door[1], ""), **headers}
        )
        for door in doors
    }

    for door, answer in heard.items():
        if is_page(door):
            assert answer.status_code in {200, 303, 403, 404}, door
        elif door in SIGNED:
            assert answer.status_code in {400, 403, 415}, door
        elif door in OPEN:
            assert answer.status_code in {200, 307, 404}, door
        else:
            assert answer.status_code == 401, door
        assert not leaks(answer), door
    assert kept(house) == before


def test_a_key_opens_no_door_for_which_it_has_no_scope(
    house: House, doors: list[Door], open_doors: Open
) -> None:
    client, before = open_doors(house, key=NOTHING), kept(house)
    keyed = [one for one in doors if one not in SIGNED | OPEN | FOR_ANY_KEY and not is_page(one)]

    heard = {
        door: client.request(
            door[0],
            place(door),
            json={"specversion": "1.0", "id": "1", "source": "billing", "type": "plan.ending"},
            headers={"content-type": KINDS.get(door[1], "application/json")},
            params={"source": "billing", "id": "1", "customer": "c1", "trigger": "plan_ending"},
        ).status_code
        for door in keyed
    }

    assert set(heard.values()) == {403}, heard
    assert kept(house) == before


@pytest.mark.parametrize("chunked", [False, True])
def test_too_much_is_turned_away_at_every_door_that_takes_something(
    house: House, doors: list[Door], client: httpx.Client, chunked: bool
) -> None:
    taking = [one for one in doors if one[0] in {"POST", "PUT"} and not is_page(one)]
    much, before = b" " * (MAX_BODY + 1), kept(house)

    for door in taking:
        content = iter([much]) if chunked else much
        headers = {"content-type": KINDS.get(door[1], "application/json")}
        answer = client.request(door[0], place(door), content=content, headers=headers)
        assert answer.status_code == 413, door
        assert not leaks(answer), door
    assert len(taking) >= 9
    assert kept(house) == before


@pytest.mark.parametrize("body", JUNK, ids=range(len(JUNK)))
def test_junk_gets_a_plain_no_at_every_door(
    house: House, doors: list[Door], client: httpx.Client, body: bytes
) -> None:
    for door in doors:
        if door[0] in {"GET", "HEAD"} or is_page(door):
            continue
        for kind in {KINDS.get(door[1], "application/json"), "text/plain", "application/json"}:
            answer = client.request(
                door[0], place(door), content=body, headers={"content-type": kind, **FORGED}
            )
            assert answer.status_code < 500, (door, kind, answer.status_code)
            assert not leaks(answer), door


ODD = st.sampled_from(
    ["", "c1", "0" * 32, "1", "-1", "1e9", "true", "\x00", "\ud7ff", "💥", "א", "..", "%2e", "'--",
     "a" * 600, "9" * 30, "open", "2026-11-01T00:00:00Z", "0001-01-01T00:00:00Z",
     "9999-12-31T23:59:59.999999999Z", "2026-13-01", "+", " ", ",", "[]", "billing"]
) | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)  # fmt: skip
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["c1", "open", "done", "Asia/Jerusalem", "he", "+972501234567"])
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["id", "source", "type", "specversion", "data", "subject", "time", "state", "by",
                 "note", "refused", "phone", "email", "consent", "language", "timezone", "quiet",
                 "channels", "signature", "event-data", "timestamp", "token", "into", "from"]
            )
            | st.text(max_size=8),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)  # fmt: skip


@pytest.mark.often_on("postgres")
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_nothing_that_the_document_allows_or_forbids_gets_an_error_of_ours(
    house: House, client: httpx.Client, data: st.DataObject
) -> None:
    """The whole of the OpenAPI document: every operation, with values of any kind and length."""
    document = client.get("/openapi.json").json()
    operations = [
        (method, path, operation)
        for path, methods in sorted(document["paths"].items())
        for method, operation in sorted(methods.items())
    ]
    method, path, operation = data.draw(st.sampled_from(operations))
    query = {}
    for one in operation.get("parameters", ()):
        value = data.draw(ODD, label=one["name"])
        if one["in"] == "path":
            value = data.draw(st.sampled_from([NAMES.get(one["name"], "c1"), value]))
            path = path.replace("{" + one["name"] + "}", quote(value, safe="") or "x")
        elif data.draw(st.booleans()):
            query[one["name"]] = value
    body, headers = None, {}
    kinds = sorted(operation.get("requestBody", {}).get("content", {"text/plain": {}}))
    if method in {"post", "put"}:
        headers["content-type"] = data.draw(st.sampled_from(kinds))
        body = data.draw(VALUES.map(lambda value: json.dumps(value).encode()) | st.binary())

    answer = client.request(method, path, params=query, content=body, headers=headers)

    assert answer.status_code < 500, (method, path)
    assert not leaks(answer)
    if answer.status_code >= 400 and not path.startswith(("/u/", "/l/")):
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code
