"""Is one caller who asks too often told to wait, and nobody else?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.types import Scope

from tests.worker.http.conftest import ELSEWHERE, Open, Street
from tests.worker.http.house import ALL, READER, bearer, build
from triggers.definitions import Rate
from worker.http.addresses import address_of
from worker.settings import SettingsWrong, read_settings

LONG = timedelta(hours=1)
THREE: dict[str, Any] = {"rate_programs": Rate(3, LONG), "rate_people": Rate(3, LONG)}


def test_who_asks_too_often_is_told_when_to_come_again(engine: Engine, open_doors: Open) -> None:
    client = open_doors(build(engine, **THREE))
    client.get("/v1/catalog")  # from here on the keys are known

    answers = [client.get("/v1/catalog") for _ in range(4)]

    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert answers[3].headers["content-type"] == "application/problem+json"
    assert 0 < int(answers[3].headers["retry-after"]) <= LONG.total_seconds()


def test_each_key_is_counted_for_itself(engine: Engine, open_doors: Open) -> None:
    client = open_doors(build(engine, **THREE))
    for _ in range(4):
        client.get("/v1/catalog", headers=bearer(ALL))

    assert client.get("/v1/catalog", headers=bearer(READER)).status_code == 200


def test_keys_that_nobody_knows_are_counted_as_one_caller(engine: Engine, open_doors: Open) -> None:
    client = open_doors(build(engine, **THREE), key=None)

    answers = [
        client.get("/v1/catalog", headers=bearer(f"guess-{number}")).status_code
        for number in range(4)
    ]

    assert answers == [401, 401, 401, 429]


def test_each_address_is_counted_for_itself(
    engine: Engine, open_doors: Open, street: Street
) -> None:
    client = open_doors(build(engine, **THREE), key=None)
    answers = [client.get("/u/nobody").status_code for _ in range(4)]
    street.caller = "203.0.113.10"

    assert answers == [404, 404, 404, 429]
    assert client.get("/u/nobody").status_code == 404


def test_people_and_programs_of_one_address_do_not_hinder_each_other(
    engine: Engine, open_doors: Open
) -> None:
    client = open_doors(build(engine, **THREE), key=None)
    for _ in range(4):
        client.get("/u/nobody")

    assert client.get("/v1/catalog").status_code == 401


def test_whoever_watches_over_the_process_is_always_answered(
    engine: Engine, open_doors: Open
) -> None:
    client = open_doors(build(engine, **THREE), key=None)

    assert {client.get("/healthz").status_code for _ in range(9)} == {200}


def test_behind_our_proxy_the_address_is_whom_it_heard_and_not_what_the_caller_says(
    engine: Engine, open_doors: Open
) -> None:
    client = open_doors(build(engine, **THREE, proxies=1), key=None)

    def ask(forwarded: str) -> int:
        return client.get("/u/nobody", headers={"x-forwarded-for": forwarded}).status_code

    mine = [ask(f"192.0.2.{number}, 198.51.100.1") for number in range(4)]

    assert mine == [404, 404, 404, 429]
    assert ask("198.51.100.2") == 404


@pytest.mark.parametrize(
    ("client", "proxies", "forwarded", "found"),
    [
        (ELSEWHERE, 0, "198.51.100.1", ELSEWHERE),
        (ELSEWHERE, 1, "", ELSEWHERE),
        (ELSEWHERE, 1, "198.51.100.1", "198.51.100.1"),
        (ELSEWHERE, 1, "192.0.2.1, 198.51.100.1", "198.51.100.1"),
        (ELSEWHERE, 2, "192.0.2.1, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
        (ELSEWHERE, 2, "198.51.100.1", ELSEWHERE),
        (ELSEWHERE, 1, "no address", ""),
        ("2001:db8:1:2:3::4", 0, "", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", 0, "", "203.0.113.9"),
        ("a socket", 0, "", ""),
    ],
)
def test_an_address_is_whom_the_outermost_proxy_of_ours_heard(
    client: str, proxies: int, forwarded: str, found: str
) -> None:
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    scope: Scope = {"type": "http", "client": (client, 40_000), "headers": headers}

    assert address_of(scope, proxies) == found


def test_a_rate_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTREACH_RATE_PEOPLE", "many")

    with pytest.raises(SettingsWrong, match="OUTREACH_RATE_PEOPLE: 'many' is not a rate"):
        read_settings()
