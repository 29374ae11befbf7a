"""Is what people write to us kept as it came, once, and nothing that others forge?"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from twilio.request_validator import RequestValidator

from tests.worker.http.conftest import Open
from tests.worker.http.house import House
from worker.store.tables import inbound

PATH = "/webhooks/twilio/inbound"
PUBLIC = "https://outreach.bank.example"
TEXT = {
    "MessageSid": "SM" + "1" * 32,
    "From": "+972501234567",
    "To": "+972559876543",
    "Body": "הסר\u200f!",
    "NumMedia": "0",
}


@pytest.fixture
def twilio(house: House, open_doors: Open) -> httpx.Client:
    """Twilio has no key of ours."""
    return open_doors(house, key=None)


def call(
    client: httpx.Client,
    form: Mapping[str, Any] = TEXT,
    *,
    token: str = "token-one",
    url: str = PUBLIC,
) -> httpx.Response:
    signature = RequestValidator(token).compute_signature(url + PATH, form)
    return client.post(PATH, data=dict(form), headers={"X-Twilio-Signature": signature})


def test_a_text_is_kept_as_it_came_answered_by_nothing_and_the_bell_rung(
    twilio: httpx.Client, house: House
) -> None:
    answer = call(twilio)

    assert (answer.status_code, answer.text) == (200, "<Response/>")
    assert answer.headers["content-type"].startswith("text/xml")
    [row] = house.rows(inbound)
    assert (row.provider, row.provider_ref, row.channel) == ("twilio", "SM" + "1" * 32, "sms")
    assert (row.state, row.raw) == ("new", TEXT)
    assert row.address_hash == house.hasher.address("sms", "+972501234567")
    assert house.rung == ["outreach.answer"]


def test_the_same_text_again_is_kept_once(twilio: httpx.Client, house: House) -> None:
    call(twilio)

    assert call(twilio).text == "<Response/>"
    call(twilio, TEXT | {"MessageSid": "SM" + "2" * 32})

    assert len(house.rows(inbound)) == 2


def test_the_same_text_many_times_at_once_is_kept_once(twilio: httpx.Client, house: House) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: call(twilio).status_code, range(16)))

    assert set(answers) == {200}
    assert len(house.rows(inbound)) == 1


@pytest.mark.parametrize("token", ["token-one", "token-two", "token-of-the-second-account"])
def test_every_token_of_either_account_is_good(twilio: httpx.Client, token: str) -> None:
    assert call(twilio, token=token).status_code == 200


@pytest.mark.parametrize("forged", [{"token": "guess"}, {"url": "http://127.0.0.1"}])
def test_a_forged_text_is_403_and_nothing_is_kept(
    twilio: httpx.Client, house: House, forged: dict[str, str]
) -> None:
    assert call(twilio, **forged).status_code == 403
    assert twilio.post(PATH, data=TEXT).status_code == 403
    assert (house.rows(inbound), house.rung) == ([], [])


@pytest.mark.parametrize(
    "form",
    [
        {name: value for name, value in TEXT.items() if name != "MessageSid"},
        {name: value for name, value in TEXT.items() if name != "From"},
        TEXT | {"From": "  "},
        TEXT | {"From": "+9" * 40},
        TEXT | {"MessageSid": "x y"},
        {},
    ],
)
def test_a_form_that_holds_no_text_is_400(
    twilio: httpx.Client, house: House, form: dict[str, str]
) -> None:
    signature = RequestValidator("token-one").compute_signature(PUBLIC + PATH, form)
    kind = "application/x-www-form-urlencoded"
    headers = {"X-Twilio-Signature": signature, "content-type": kind}

    answer = twilio.post(PATH, data=form, headers=headers)

    assert answer.status_code == 400
    assert house.rows(inbound) == []


@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
def test_a_body_that_is_no_form_is_415(twilio: httpx.Client, kind: str) -> None:
    assert twilio.post(PATH, content=b"{}", headers={"content-type": kind}).status_code == 415


def test_odd_texts_are_kept_as_far_as_they_can_be(twilio: httpx.Client, house: House) -> None:
    odd = TEXT | {"Body": "a\x00b" + "ש" * 1600, "From": "BankName", "x\x00": "y"}

    assert call(twilio, odd).status_code == 200

    [row] = house.rows(inbound)
    assert row.raw["Body"] == "ab" + "ש" * 1600
    assert "x\x00" not in row.raw
