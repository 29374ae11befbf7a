"""After an SMS was handed over: is it found again, and do receipts come as Twilio sends them?"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from queue import Queue
from typing import Any
from urllib.parse import parse_qsl

import pytest
from twilio.request_validator import RequestValidator

from tests.standins.receipts import Receipt
from tests.standins.twilio import NUMBER, TOKEN, TwilioStandIn
from tests.standins.web import Call, Server, as_json
from tests.worker.texting import NOW, PHONE, TEXT, channel, letter
from worker.channels.base import Misconfigured, Uncertain
from worker.channels.twilio_http import Patience
from worker.channels.twilio_sms import TwilioSms


@pytest.fixture
def twilio() -> Iterator[TwilioStandIn]:
    with TwilioStandIn() as stand_in:
        stand_in.receipts([])
        yield stand_in


@pytest.fixture
def sms(twilio: TwilioStandIn) -> Iterator[TwilioSms]:
    made = channel(twilio.url)
    yield made
    made.close()


def test_a_message_whose_answer_was_lost_is_found_again(
    twilio: TwilioStandIn, sms: TwilioSms
) -> None:
    twilio.fault("accept_then_drop", times=1)
    began = datetime.now(UTC)
    with pytest.raises(Uncertain):
        sms.send(letter())
    sms.send(letter(text="another text"))
    sms.send(letter(address="+972500000000"))
    ended = datetime.now(UTC)

    [found] = sms.find(PHONE, TEXT, began, ended)

    assert (found.ref, found.status) == (twilio.accepted[0]["sid"], "queued")
    assert sms.find(PHONE, "never sent", began, ended) == []
    assert sms.find(PHONE, TEXT, ended + timedelta(seconds=2), ended + timedelta(hours=1)) == []


def test_a_list_that_cannot_be_read_proves_nothing(twilio: TwilioStandIn) -> None:
    sms = channel(twilio.url, token="another")

    with pytest.raises(Misconfigured):
        sms.find(PHONE, TEXT, NOW, NOW)
    sms.close()


@pytest.fixture
def receiver() -> Iterator[tuple[str, Queue[Call]]]:
    """Our webhook's place: what was posted there."""
    calls: Queue[Call] = Queue()

    def answer(call: Call) -> Any:
        calls.put(call)
        return as_json(200, {})

    server = Server(0, answer)
    server.start()
    yield server.url, calls
    server.close()


def form_of(call: Call) -> dict[str, str]:
    return dict(parse_qsl(call.body.decode(), keep_blank_values=True))


def test_receipts_come_signed_in_the_planned_order_and_number(
    twilio: TwilioStandIn, receiver: tuple[str, Queue[Call]]
) -> None:
    url, calls = receiver
    sms = channel(twilio.url, public_url=url)
    plan = [Receipt("delivered"), Receipt("sent", 0.01), Receipt("delivered", 0.02)]
    twilio.receipts(plan, to=PHONE)

    accepted = sms.send(letter())

    path = f"/webhooks/twilio/status/{'m' * 32}/2"
    posted = [calls.get(timeout=10) for _ in plan]
    forms = [form_of(call) for call in posted]
    assert [form["MessageStatus"] for form in forms] == ["delivered", "sent", "delivered"]
    assert {form["MessageSid"] for form in forms} == {accepted.ref}
    assert {call.path for call in posted} == {path}
    for call, form in zip(posted, forms, strict=True):
        mark = call.headers["X-Twilio-Signature"]
        assert RequestValidator(TOKEN).validate(url + path, form, mark)
    sms.close()


def test_a_customers_text_comes_signed(
    twilio: TwilioStandIn, receiver: tuple[str, Queue[Call]]
) -> None:
    url, calls = receiver

    status = twilio.inbound(f"{url}/in", sender=PHONE, to=NUMBER, body="הסר")

    call = calls.get(timeout=10)
    form = form_of(call)
    assert (status, form["Body"], form["From"]) == (200, "הסר", PHONE)
    mark = call.headers["X-Twilio-Signature"]
    assert RequestValidator(TOKEN).validate(f"{url}/in", form, mark)


def test_a_frozen_provider_answers_when_it_thaws(twilio: TwilioStandIn) -> None:
    sms = channel(twilio.url, patience=Patience(read=30))
    twilio.fault("freeze")

    with ThreadPoolExecutor(1) as threads:
        sending = threads.submit(sms.send, letter())
        assert twilio.accepted == []
        twilio.thaw()
        accepted = sending.result(timeout=30)

    assert accepted.ref == twilio.accepted[0]["sid"]
    sms.close()
