"""Is what Twilio says kept as it came, once, and nothing of what others say?"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from twilio.request_validator import RequestValidator

from tests.worker.http.conftest import Open
from tests.worker.http.house import House
from worker.store.tables import receipts

MESSAGE = "ab" * 16
PATH = f"/webhooks/twilio/status/{MESSAGE}/2"
SENT = {
    "MessageSid": "SM" + "0" * 32,
    "MessageStatus": "delivered",
    "To": "+972501234567",
    "From": "+972509999999",
    "RawDlrDoneDate": "",
}
PUBLIC = "https://outreach.bank.example"


@pytest.fixture
def twilio(house: House, open_doors: Open) -> httpx.Client:
    """Twilio has no key of ours."""
    return open_doors(house, key=None)


def call(
    client: httpx.Client,
    form: dict[str, Any] = SENT,
    *,
    path: str = PATH,
    token: str = "token-one",
    signed: str | None = None,
    url: str = PUBLIC,
) -> httpx.Response:
    signature = RequestValidator(token).compute_signature(url + (signed or path), form)
    return client.post(path, data=form, headers={"X-Twilio-Signature": signature})


def test_a_receipt_is_kept_as_it_came_and_the_bell_rung(twilio: httpx.Client, house: House) -> None:
    answer = call(twilio)

    assert (answer.status_code, answer.content) == (204, b"")
    [row] = house.rows(receipts)
    assert (row.provider, row.message_id, row.attempt) == ("twilio", MESSAGE, 2)
    assert (row.status, row.state, row.raw) == ("delivered", "new", SENT)
    assert house.rung == ["outreach.receive"]


def test_the_same_word_twice_is_kept_once_and_another_beside_it(
    twilio: httpx.Client, house: House
) -> None:
    call(twilio)
    assert call(twilio).status_code == 204
    call(twilio, SENT | {"MessageStatus": "sent"})

    assert sorted(row.status for row in house.rows(receipts)) == ["delivered", "sent"]


@pytest.mark.parametrize("token", ["token-one", "token-two", "token-of-the-second-account"])
def test_every_token_of_either_account_is_good(twilio: httpx.Client, token: str) -> None:
    assert call(twilio, token=token).status_code == 204


def test_the_public_url_is_signed_with_its_query_and_many_values(
    twilio: httpx.Client, house: House
) -> None:
    form = SENT | {"MediaUrl": ["b", "a"]}
    flat = [(name, one) for name, many in form.items()
            for one in (many if isinstance(many, list) else [many])]  # fmt: skip

    class Values(dict[str, Any]):
        def getlist(self, name: str) -> list[str]:
            return [value for key, value in flat if key == name]

    path = PATH + "?a=b"
    signature = RequestValidator("token-one").compute_signature(PUBLIC + path, Values(form))

    answer = twilio.post(
        path,
        content=urlencode(flat),
        headers={
            "X-Twilio-Signature": signature,
            "content-type": "application/x-www-form-urlencoded",
        },
    )

    assert answer.status_code == 204


@pytest.mark.parametrize(
    "forged",
    [
        {"token": "guess"},
        {"url": "http://127.0.0.1"},
        {"signed": f"/webhooks/twilio/status/{MESSAGE}/1"},
        {"path": PATH + "?x=1", "signed": PATH},
    ],
)
def test_a_forged_call_is_403_and_nothing_is_kept(
    twilio: httpx.Client, house: House, forged: dict[str, str]
) -> None:
    assert call(twilio, **forged).status_code == 403
    assert house.rows(receipts) == []
    assert house.rung == []


def test_another_form_under_the_same_signature_is_403(twilio: httpx.Client, house: House) -> None:
    signature = RequestValidator("token-one").compute_signature(PUBLIC + PATH, SENT)

    for form in (SENT | {"MessageStatus": "failed"}, {}):
        answer = twilio.post(PATH, data=form, headers={
            "X-Twilio-Signature": signature, "content-type": "application/x-www-form-urlencoded",
        })  # fmt: skip
        assert answer.status_code == 403
    assert twilio.post(PATH, data=SENT).status_code == 403
    assert house.rows(receipts) == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/webhooks/twilio/status/{MESSAGE}/0", 400),
        (f"/webhooks/twilio/status/{MESSAGE}/40000", 400),
        (f"/webhooks/twilio/status/{MESSAGE}/x", 400),
        ("/webhooks/twilio/status/other/1", 400),
    ],
)
def test_a_path_we_never_gave_out_is_refused(
    twilio: httpx.Client, house: House, path: str, status: int
) -> None:
    assert call(twilio, path=path).status_code == status
    assert house.rows(receipts) == []


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b"{}", 415),
        ("application/x-www-form-urlencoded", b"a=%ff", 400),
        ("application/x-www-form-urlencoded", b"\xff", 400),
        ("application/x-www-form-urlencoded", b"a=1&" * 300, 400),
        ("application/x-www-form-urlencoded", b"a" * (1024 * 1024 + 1), 413),
    ],
)
def test_a_body_that_is_no_form_is_refused(
    twilio: httpx.Client, kind: str, body: bytes, status: int
) -> None:
    assert twilio.post(PATH, content=body, headers={"content-type": kind}).status_code == status


def test_odd_values_of_a_genuine_call_are_kept_as_far_as_they_can_be(
    twilio: httpx.Client, house: House
) -> None:
    assert call(twilio, {"MessageStatus": "a\x00b" + "c" * 100, "x\x00": "y"}).status_code == 204
    assert call(twilio, {"Body": "no status"}).status_code == 204

    statuses = sorted(row.status for row in house.rows(receipts))
    assert statuses == ["ab" + "c" * 48, "unknown"]
