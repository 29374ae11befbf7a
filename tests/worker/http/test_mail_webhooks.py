"""Is what comes back of mail kept once, from whoever may say so only, and read by a step?"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy import Engine

from tests.worker.http.conftest import Open
from tests.worker.http.house import KEYS, NOW, House, bearer, build
from tests.worker.returned import (
    ID,
    SIGNING,
    away,
    complaint,
    delivery_report,
    mailgun,
    returned_to,
)
from worker.bells import Bell
from worker.store.tables import receipts, signed_tokens
from worker.tokens import bounced_message

REPORTER = "reporter-secret"
MAIL = {"content-type": "message/rfc822"}


@pytest.fixture
def house(engine: Engine) -> House:
    signing = (SecretStr("the-one-before"), SecretStr(SIGNING))
    return build(engine, (*KEYS, f"{REPORTER}:mail:write"), mailgun_signing_key=signing)


@pytest.fixture
def mx(house: House, open_doors: Open) -> httpx.Client:
    """The mail server that hands over what comes to the bounce address."""
    return open_doors(house, key=REPORTER)


@pytest.mark.parametrize(
    ("mail", "word"),
    [
        (delivery_report(returned_to()), "report"),
        (delivery_report(returned_to().upper()), "report"),
        (delivery_report(returned_to(key="old-signing-key")), "report"),
        (complaint(returned_to()), "report"),
        (away(returned_to()), "away"),
        (away(returned_to(), "X-Mailer: hand"), "letter"),
    ],
)
def test_a_mail_that_came_back_is_kept_as_it_came_and_once(
    mx: httpx.Client, house: House, mail: bytes, word: str
) -> None:
    answers = [mx.post("/webhooks/email", content=mail, headers=MAIL) for _ in range(2)]

    assert [one.status_code for one in answers] == [204, 204]
    [row] = house.rows(receipts)
    assert (row.provider, row.message_id, row.attempt) == ("email", ID, 0)
    assert row.status.partition(" ")[0] == word
    assert row.raw == {"mail": mail.decode("latin-1")}
    assert house.rung == [Bell.RECEIVE, Bell.RECEIVE]


@pytest.mark.parametrize(
    "to",
    [
        returned_to(key="somebody-elses-key"),
        returned_to().replace("bounce+0", "bounce+1"),
        "bounce+@bank.example",
        "service@bank.example",
    ],
)
def test_an_address_that_we_did_not_sign_is_about_nobody(
    mx: httpx.Client, house: House, to: str
) -> None:
    assert mx.post("/webhooks/email", content=delivery_report(to), headers=MAIL).is_success

    assert [row.message_id for row in house.rows(receipts)] == [""]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({**MAIL, "authorization": ""}, 401),
        ({**MAIL, **bearer("billing-secret")}, 403),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/json"}, 415),
    ],
)
def test_only_who_may_hand_over_mail_does(
    mx: httpx.Client, house: House, headers: dict[str, str], status: int
) -> None:
    answer = mx.post("/webhooks/email", content=delivery_report(returned_to()), headers=headers)

    assert answer.status_code == status
    assert house.rows(receipts) == []


def test_a_mail_that_is_too_large_is_turned_away(mx: httpx.Client, house: House) -> None:
    answer = mx.post("/webhooks/email", content=b"x" * (1024 * 1024 + 1), headers=MAIL)

    assert answer.status_code == 413
    assert house.rows(receipts) == []


def post_event(client: httpx.Client, body: Any) -> int:
    return client.post("/webhooks/email/mailgun", json=body).status_code


@pytest.fixture
def provider(house: House, open_doors: Open) -> httpx.Client:
    return open_doors(house, key=None)


def test_a_providers_event_is_kept_once(provider: httpx.Client, house: House) -> None:
    body = mailgun("complained", now=NOW.timestamp())

    assert [post_event(provider, body) for _ in range(2)] == [204, 204]

    [row] = house.rows(receipts)
    assert (row.provider, row.message_id, row.attempt) == ("mailgun", ID, 0)
    assert row.status == "complained complained-1"
    assert row.raw == body


def test_a_token_that_was_heard_says_nothing_else(provider: httpx.Client, house: House) -> None:
    """Mailgun signs nothing of the event itself."""
    heard = mailgun("failed", now=NOW.timestamp())
    forged = {**heard, "event-data": mailgun("complained", now=NOW.timestamp())["event-data"]}

    assert [post_event(provider, one) for one in (heard, forged, heard)] == [204, 403, 204]

    [row] = house.rows(receipts)
    assert row.raw == heard


def test_tokens_are_forgotten_that_nobody_would_believe(house: House, open_doors: Open) -> None:
    def at(moment: datetime, token: str) -> None:
        client = open_doors(house, key=None, now=lambda: moment)
        body = mailgun("delivered", now=moment.timestamp(), token=token, id=token)
        assert post_event(client, body) == 204

    at(NOW, "first")
    at(NOW + timedelta(hours=13), "second")
    assert len(house.rows(signed_tokens)) == 2
    at(NOW + timedelta(hours=25), "third")

    assert len(house.rows(signed_tokens)) == 2


@pytest.mark.parametrize("name", ["signature", "parent-signature"])
@pytest.mark.parametrize("kind", [int, str])
def test_either_account_may_sign_and_the_moment_may_be_a_number(
    provider: httpx.Client, name: str, kind: type
) -> None:
    body = mailgun("delivered", now=NOW.timestamp())
    mac = body["signature"].pop("signature")
    others = {"signature": "0" * 64, "parent-signature": "0" * 64, name: mac}
    body["signature"] |= {**others, "timestamp": kind(body["signature"]["timestamp"])}

    assert post_event(provider, body) == 204


def test_somebody_elses_mail_is_none_of_ours(provider: httpx.Client, house: House) -> None:
    other: dict[str, Any] = {"message": {"headers": {"message-id": "other@bank.example"}}}

    assert post_event(provider, mailgun("failed", now=NOW.timestamp(), **other)) == 204
    assert house.rows(receipts) == []


FORGED: list[Any] = [
    mailgun("complained", now=NOW.timestamp(), key="not-the-key"),
    mailgun("complained", now=(NOW - timedelta(hours=13)).timestamp()),
    mailgun("complained", now=(NOW + timedelta(hours=13)).timestamp()),
    {"event-data": {}},
    {"signature": {"timestamp": "1", "token": "", "signature": "é"}},
    {"signature": [1]},
    {},
]


@pytest.mark.parametrize("body", FORGED)
def test_a_forged_or_old_event_is_refused(provider: httpx.Client, house: House, body: Any) -> None:
    assert post_event(provider, body) == 403
    assert house.rows(receipts) == []


@pytest.mark.parametrize(
    ("body", "status"), [(b"[]", 400), (b"{", 400), (b'{"a": "\\u0000"}', 400), (b"x" * 2**21, 413)]
)
def test_what_is_no_event_is_refused(provider: httpx.Client, body: bytes, status: int) -> None:
    headers = {"content-type": "application/json"}
    answer = provider.post("/webhooks/email/mailgun", content=body, headers=headers)

    assert answer.status_code == status


def test_without_a_key_of_its_own_no_event_is_believed(engine: Engine, open_doors: Open) -> None:
    house = build(engine)

    assert post_event(open_doors(house, key=None), mailgun("failed", now=NOW.timestamp())) == 403
    assert json.dumps(SIGNING) not in repr(house.settings)


@given(st.binary(max_size=200))
def test_whatever_bytes_come_back_name_no_message_that_we_did_not_sign(junk: bytes) -> None:
    assert bounced_message(["key"], junk + returned_to().encode() + junk) is None
    assert bounced_message(["new-signing-key"], junk + b"<" + returned_to().encode()) == ID
