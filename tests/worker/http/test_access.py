"""Who may do what at which door, and what does a stranger hear?"""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from tests.worker.http.conftest import ELSEWHERE, HERE, Open
from tests.worker.http.house import (
    ALL,
    BILLING,
    NOW,
    READER,
    SCRAPER,
    WRITER,
    House,
    bearer,
    build,
    event,
)
from worker.http.access import REFRESH_SECONDS, Caller, KeyRing
from worker.http.envelopes import STRUCTURED
from worker.store.engine import in_transaction
from worker.store.keys import add_key, hash_secret, revoke_key

DOORS: list[tuple[str, str, Any]] = [
    ("POST", "/v1/events", event(source="elsewhere")),
    ("GET", "/v1/events?source=elsewhere&id=e1", None),
    ("PUT", "/v1/customers/c1", {"age": 7}),
    ("POST", "/v1/customers:batch", []),
    ("GET", "/v1/customers/c1", None),
    ("GET", "/v1/customers/c1/timeline", None),
    ("GET", f"/v1/messages/{'0' * 32}", None),
    ("GET", "/v1/catalog", None),
    ("GET", "/metrics", None),
    ("GET", "/openapi.json", None),
    ("GET", "/docs", None),
]
READING = {"/v1/events?source=elsewhere&id=e1", "/v1/customers/c1", "/v1/customers/c1/timeline",
           f"/v1/messages/{'0' * 32}", "/metrics"}  # fmt: skip
WRITING = {"/v1/customers/c1", "/v1/customers:batch"}
ANYBODY_KNOWN = {"/v1/catalog", "/openapi.json", "/docs"}


def knock(client: httpx.Client, method: str, path: str, value: Any, **headers: str) -> int:
    kind = STRUCTURED if path == "/v1/events" else "application/json"
    body = {} if value is None else {"json": value}
    return client.request(
        method, path, headers={"content-type": kind} | headers, **body
    ).status_code


@pytest.mark.parametrize(("method", "path", "value"), DOORS, ids=[f"{d[0]} {d[1]}" for d in DOORS])
def test_every_door_asks_for_the_scope_it_needs(
    client: httpx.Client, method: str, path: str, value: Any
) -> None:
    reading, writing = method == "GET" and path in READING, method != "GET" and path in WRITING

    def open_to(key: str) -> bool:
        return knock(client, method, path, value, **bearer(key)) not in {401, 403}

    assert open_to(ALL)
    assert open_to(READER) == (reading or path in ANYBODY_KNOWN)
    assert open_to(WRITER) == (writing or path in ANYBODY_KNOWN)
    assert open_to(SCRAPER) == (path in {"/metrics", *ANYBODY_KNOWN})
    assert open_to(BILLING) == (path in ANYBODY_KNOWN)


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer unknown", "Basic YWxsLXNlY3JldA==", "Bearer ALL-SECRET"]
)
def test_a_stranger_gets_401_at_every_door(
    house: House, open_doors: Open, authorization: str
) -> None:
    client = open_doors(house, key=None)

    heard = {
        (method, path): knock(client, method, path, value, Authorization=authorization)
        for method, path, value in DOORS
    }

    assert set(heard.values()) == {401}, heard


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_told_to_anybody(house: House, open_doors: Open, path: str) -> None:
    assert open_doors(house, key=None).get(path).status_code == 200


def test_a_401_says_how_to_come_back(house: House, open_doors: Open) -> None:
    answer = open_doors(house, key=None).get("/v1/catalog")

    assert answer.headers["www-authenticate"] == 'Bearer realm="outreach"'
    assert answer.json()["detail"] == "Send a key: Authorization: Bearer <secret>."


def test_a_publisher_may_ask_what_became_of_its_own_events(client: httpx.Client) -> None:
    knock(client, "POST", "/v1/events", event())
    path = "/v1/events?source=billing&id=e1"

    assert client.get(path, headers=bearer(BILLING)).status_code == 200
    assert client.get(path, headers=bearer(WRITER)).status_code == 403


@pytest.mark.parametrize(
    ("caller", "headers", "status"),
    [
        (HERE, {}, 200),
        (HERE, {"Host": "localhost:8000"}, 200),
        (HERE, {"Host": "[zz]"}, 401),
        (HERE, {"Host": "[::1"}, 401),
        (HERE, {"Host": "[::1]:8000"}, 200),
        (ELSEWHERE, {}, 401),
        (HERE, {"X-Forwarded-For": "203.0.113.9"}, 401),
        (HERE, {"Forwarded": "for=203.0.113.9"}, 401),
        (HERE, {"Host": "rebound.example"}, 401),
        (HERE, {"Authorization": "Bearer guess"}, 401),
    ],
)
def test_without_any_key_only_this_machine_itself_is_let_in(
    engine: Engine, open_doors: Open, caller: str, headers: dict[str, str], status: int
) -> None:
    client = open_doors(build(engine, keys=()), key=None, caller=caller)

    assert client.get("/v1/catalog", headers=headers).status_code == status


def test_where_there_are_no_keys_one_that_is_sent_is_told_to_be_left_out(
    engine: Engine, open_doors: Open
) -> None:
    here = open_doors(build(engine, keys=()), key="YOUR-KEY", caller=HERE)
    assert "send none" in here.get("/v1/catalog").json()["detail"]

    elsewhere = open_doors(build(engine, keys=()), key="YOUR-KEY", caller=ELSEWHERE)
    assert "not known" in elsewhere.get("/v1/catalog").json()["detail"]


def test_once_there_is_a_key_this_machine_needs_it_too(house: House, open_doors: Open) -> None:
    client = open_doors(house, key=None, caller=HERE)

    assert client.get("/v1/catalog").status_code == 401
    assert client.get("/docs").status_code == 200
    assert client.get("/metrics").status_code == 200


def test_a_revoked_key_opens_no_longer_than_two_seconds(house: House) -> None:
    now = 100.0
    ring = KeyRing(house.engine, seconds=lambda: now)
    secret = in_transaction(house.engine, lambda c: add_key(c, "shop", ["read"], now=NOW))
    ring.refresh()
    in_transaction(house.engine, lambda c: revoke_key(c, hash_secret(secret), now=NOW))

    ring.refresh()
    assert ring.scopes_of(secret) == frozenset({"read"})
    now += REFRESH_SECONDS + 0.001
    assert ring.stale
    ring.refresh()
    assert ring.scopes_of(secret) is None


@pytest.mark.parametrize(
    ("scope", "source", "may"),
    [
        ("events:*", "anything", True),
        ("events:billing", "billing", True),
        ("events:billing", "billing/eu", False),
        ("events:urn:billing", "urn:billing", True),
        ("customers:write", "billing", False),
    ],
)
def test_a_scope_names_one_source_or_all(scope: str, source: str, may: bool) -> None:
    assert Caller(frozenset({scope})).may_publish(source) is may
