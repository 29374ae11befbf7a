"""May a system publish that signs its events, for its own source, now, and once?"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine
from standardwebhooks import Webhook

from tests.worker.http.conftest import Open
from tests.worker.http.house import KEYS, NOW, House, bearer, build, event
from worker.channels.webhook import signed
from worker.http.app import create_app
from worker.http.envelopes import BATCHED, STRUCTURED
from worker.settings import SettingsWrong

NEW, OLD, OTHERS = (f"whsec_{letter * 43}=" for letter in "AQg")
Post = Callable[..., httpx.Response]


@pytest.fixture
def house(engine: Engine) -> House:
    secrets = (f"billing={NEW}", f"billing={OLD}", f"claims={OTHERS}")
    return build(engine, KEYS, event_secrets=tuple(map(SecretStr, secrets)))


@pytest.fixture
def post(house: House, open_doors: Open) -> Post:
    """Send a value, signed with a secret at a moment; headers may be changed or left out."""
    client = open_doors(house, key=None)

    def post_(
        value: Any, secret: str = NEW, *, at: datetime = NOW, id_: str = "msg_1", **changed: Any
    ) -> httpx.Response:
        body = json.dumps(value).encode()
        kind = BATCHED if isinstance(value, list) else STRUCTURED
        other = {name.replace("_", "-"): one for name, one in changed.items()}
        made = {"content-type": kind, **signed(id_, body, [secret], now=at)} | other
        headers = {name: one for name, one in made.items() if one is not None}
        return client.post("/v1/events", content=headers.pop("body", body), headers=headers)

    return post_


@pytest.mark.parametrize("secret", [NEW, OLD])
@pytest.mark.parametrize("value", [event(), [event(), event(id="e2")]], ids=["one", "a batch"])
def test_what_a_source_has_signed_is_taken(
    post: Post, house: House, value: Any, secret: str
) -> None:
    answer = post(value, secret)

    assert answer.status_code == 202, answer.text
    assert house.stored == answer.json()["accepted"] >= 1


def test_the_signature_is_the_one_that_standard_webhooks_own_library_makes(
    house: House, open_doors: Open
) -> None:
    text = json.dumps(event())
    made = Webhook(NEW).sign("msg_2", NOW, text)
    headers = {
        "content-type": STRUCTURED,
        "webhook-id": "msg_2",
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": f"v1a,{'A' * 86}== v2,x {made}",
    }

    answer = open_doors(house, key=None).post("/v1/events", content=text, headers=headers)

    assert answer.status_code == 202


def test_the_same_call_again_changes_nothing(post: Post, house: House) -> None:
    first, again = post(event()), post(event())

    assert (first.status_code, again.status_code) == (202, 200)
    assert again.json() == {"accepted": 0, "duplicates": 1}
    assert house.stored == 1


@pytest.mark.parametrize("off", [timedelta(minutes=5, seconds=1), -timedelta(minutes=5, seconds=1)])
def test_what_was_signed_long_ago_or_ahead_is_refused(
    post: Post, house: House, off: timedelta
) -> None:
    assert post(event(), at=NOW - off).status_code == 401
    assert post(event(), at=NOW - off * 299 / 301).status_code == 202
    assert house.stored == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"body": json.dumps(event(id="forged")).encode()},
        {"webhook_id": "msg_2"},
        {"webhook_id": ""},
        {"webhook_id": None},
        {"webhook_id": "x" * 300},
        {"webhook_timestamp": str(int(NOW.timestamp()) + 1)},
        {"webhook_timestamp": None},
        {"webhook_timestamp": "now"},
        {"webhook_timestamp": "9" * 400},
        {"webhook_timestamp": "-1"},
        {"webhook_signature": ""},
        {"webhook_signature": "v1,"},
        {"webhook_signature": "v1," * 5_000},
        {"webhook_signature": b"v1,\xff\xfe"},
    ],
    ids=str,
)
def test_a_forged_call_is_refused(post: Post, house: House, changed: dict[str, Any]) -> None:
    answer = post(event(), **changed)

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert house.stored == 0


def test_a_source_publishes_for_itself_alone_and_writes_no_customer(
    post: Post, house: House
) -> None:
    update = event(type="customer.updated", data={"age": 7})

    answers = [post(event(), OTHERS), post(update), post([event(), event(source="claims")])]

    assert [one.status_code for one in answers] == [403, 403, 403]
    assert house.stored == 0


def test_what_stands_in_headers_that_nobody_signs_is_refused(post: Post, house: House) -> None:
    binary = {"ce_id": "forged", "ce_source": "billing", "ce_type": "plan.ending"}

    answer = post(
        {"plan_id": "p1"}, content_type="application/json", ce_specversion="1.0", **binary
    )

    assert answer.status_code == 415
    assert house.stored == 0


def test_a_signature_makes_no_key_better(post: Post, house: House) -> None:
    answer = post(event(), authorization=bearer("reader-secret")["Authorization"])

    assert answer.status_code == 403
    assert post(event(), authorization="Bearer unknown").status_code == 401
    assert house.stored == 0


def test_where_nobody_shares_a_secret_no_signature_is_good(
    engine: Engine, open_doors: Open
) -> None:
    client, body = open_doors(build(engine), key=None), json.dumps(event()).encode()
    headers = {"content-type": STRUCTURED, **signed("msg_1", body, [NEW], now=NOW)}

    assert client.post("/v1/events", content=body, headers=headers).status_code == 401


def test_a_secret_written_wrong_is_told_at_the_start(engine: Engine) -> None:
    wrong = build(engine, KEYS, event_secrets=(SecretStr("billing=whsec_short"),))

    with pytest.raises(SettingsWrong, match="OUTREACH_EVENT_SECRETS: name=secret"):
        create_app(wrong)
