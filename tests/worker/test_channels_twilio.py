"""Is an SMS handed to Twilio as it should be, and every answer taken for what it is?"""

from __future__ import annotations

import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from tests.standins.twilio import NUMBER, TOKEN, TwilioStandIn
from tests.worker import texting
from tests.worker.texting import NOW, PHONE, TEXT, Together, letter
from worker.channels.base import (
    ChannelError,
    Letter,
    Misconfigured,
    Refused,
    TryLater,
    Uncertain,
)
from worker.channels.twilio_sms import TwilioSms


@pytest.fixture
def twilio() -> Iterator[TwilioStandIn]:
    with TwilioStandIn() as stand_in:
        stand_in.receipts([])
        yield stand_in


Channels = Callable[..., TwilioSms]


@pytest.fixture(params=[TwilioSms, Together], ids=["alone", "together"])
def channel(request: pytest.FixtureRequest) -> Channels:
    """Each call in its own thread, or all of them in one."""
    return partial(texting.channel, kind=request.param)


@pytest.fixture
def sms(twilio: TwilioStandIn, channel: Channels) -> Iterator[TwilioSms]:
    made = channel(twilio.url)
    yield made
    made.close()


def failure(sms: TwilioSms, sent: Letter | None = None) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        sms.send(sent or letter())
    return caught.value


def test_an_accepted_letter_carries_all_that_twilio_is_to_know(
    twilio: TwilioStandIn, sms: TwilioSms
) -> None:
    accepted = sms.send(letter())

    [message] = twilio.accepted
    assert accepted.ref == message["sid"]
    assert message["form"] == {
        "To": PHONE,
        "From": NUMBER,
        "Body": TEXT,
        "ValidityPeriod": "600",
        "StatusCallback": f"https://reach.bank.example/webhooks/twilio/status/{'m' * 32}/2",
    }
    assert sms.sender == f"twilio:{NUMBER}"


def test_a_messaging_service_sends_in_place_of_a_number(
    twilio: TwilioStandIn, channel: Channels
) -> None:
    sms = channel(twilio.url, number=None, service="MG" + "1" * 32, public_url=None)

    sms.send(letter())

    [message] = twilio.accepted
    assert message["form"]["MessagingServiceSid"] == "MG" + "1" * 32
    assert "From" not in message["form"]
    assert "StatusCallback" not in message["form"]
    assert sms.sender == "twilio:MG" + "1" * 32
    sms.close()


def test_somebody_must_be_the_sender(channel: Channels) -> None:
    with pytest.raises(ValueError, match="a number or a messaging service"):
        channel("http://127.0.0.1:1", number=None)


@pytest.mark.parametrize(("left", "told"), [(1, "1"), (36_000, "36000"), (90_000, "36000")])
def test_twilio_never_holds_a_text_longer_than_it_is_of_use(
    twilio: TwilioStandIn, sms: TwilioSms, left: int, told: str
) -> None:
    sms.send(letter(expires=NOW + timedelta(seconds=left)))

    assert twilio.accepted[0]["form"]["ValidityPeriod"] == told


def test_a_letter_whose_time_is_over_does_not_leave(twilio: TwilioStandIn, sms: TwilioSms) -> None:
    error = failure(sms, letter(expires=NOW))

    assert (type(error), error.code) == (TryLater, "expired")
    assert twilio.accepted == []


FLAGS = ("bad_address", "opted_out", "too_fast", "failing", "this_country")
REFUSALS = [
    (400, 21211, Refused, "bad_address"),
    (400, 21614, Refused, "bad_address"),
    (400, 30005, Refused, "bad_address"),
    (400, 30006, Refused, "bad_address"),
    (400, 21610, Refused, "opted_out"),
    (400, 21612, Refused, ""),
    (400, 21617, Refused, ""),
    (400, 30007, Refused, ""),
    (400, 29999, Refused, ""),
    (400, 21611, TryLater, "too_fast"),
    (429, 20429, TryLater, "too_fast"),
    (401, 20003, Misconfigured, ""),
    (403, 20403, Misconfigured, ""),
    (403, 29998, Misconfigured, ""),
    (404, 20404, Misconfigured, ""),
    (400, 21606, Misconfigured, ""),
    (400, 21408, Misconfigured, "this_country"),
    (400, 30002, Misconfigured, ""),
    (400, 30034, Misconfigured, ""),
    (500, 20500, Uncertain, ""),
    (503, 20503, Uncertain, ""),
    (500, 21211, Uncertain, ""),
    (408, 20408, Uncertain, ""),
    (302, 30200, Uncertain, ""),
]


@pytest.mark.parametrize(("status", "code", "kind", "flag"), REFUSALS)
def test_each_code_has_its_meaning(
    twilio: TwilioStandIn, sms: TwilioSms, status: int, code: int, kind: type, flag: str
) -> None:
    twilio.fault("error", status=status, code=code)

    error = failure(sms)

    assert type(error) is kind
    assert error.code in (str(code), str(status))
    flags = {name for name in FLAGS if getattr(error, name, False)}
    assert flags == ({flag} if flag else set())


@pytest.mark.parametrize(
    ("fault", "arrived"),
    [
        ({"kind": "500_before"}, 0),
        ({"kind": "500_after"}, 1),
        ({"kind": "502_html"}, 0),
        ({"kind": "html", "status": 400}, 0),
        ({"kind": "html", "status": 404}, 0),
        ({"kind": "drop"}, 0),
        ({"kind": "accept_then_drop"}, 1),
        ({"kind": "accept_then_html"}, 1),
        ({"kind": "accept_then_silence", "seconds": 60}, 1),
    ],
)
def test_whatever_may_have_arrived_is_uncertain_and_is_not_sent_again(
    twilio: TwilioStandIn, sms: TwilioSms, fault: dict[str, Any], arrived: int
) -> None:
    twilio.fault(**fault)

    assert type(failure(sms)) is Uncertain
    assert len(twilio.accepted) == arrived


def test_a_page_with_401_or_403_still_stops_the_line(twilio: TwilioStandIn, sms: TwilioSms) -> None:
    twilio.fault("html", status=403)

    assert type(failure(sms)) is Misconfigured


def test_too_many_at_once_says_how_long_to_wait(twilio: TwilioStandIn, sms: TwilioSms) -> None:
    twilio.fault("429")

    error = failure(sms)

    assert isinstance(error, TryLater)
    assert error.after == timedelta(seconds=7)
    assert twilio.accepted == []


def test_wrong_credentials_are_our_own_fault(twilio: TwilioStandIn, channel: Channels) -> None:
    sms = channel(twilio.url, token="another")

    error = failure(sms)

    assert (type(error), error.code) == (Misconfigured, "20003")
    sms.close()


def silent_server() -> socket.socket:
    """Takes connections in its backlog and never says a word."""
    return socket.create_server(("127.0.0.1", 0), backlog=8)


@pytest.mark.parametrize(
    "base_url", ["http://127.0.0.1:1", "http://nowhere.invalid:80", "https://{silent}"]
)
def test_what_never_connected_has_certainly_not_left(base_url: str, channel: Channels) -> None:
    with silent_server() as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        sms = channel(base_url.replace("{silent}", address))

        error = failure(sms)

        assert (type(error), error.code) == (TryLater, "not_connected")
        assert getattr(error, "failing", False)
        sms.close()


def test_a_server_without_tls_has_seen_nothing(twilio: TwilioStandIn, channel: Channels) -> None:
    sms = channel(twilio.url.replace("http://", "https://"))

    assert type(failure(sms)) is TryLater
    sms.close()


def test_a_server_that_hears_and_stays_silent_is_uncertain(channel: Channels) -> None:
    with silent_server() as server:
        sms = channel(f"http://127.0.0.1:{server.getsockname()[1]}")

        assert type(failure(sms)) is Uncertain
        sms.close()


def test_an_answer_that_drips_is_given_up(channel: Channels) -> None:
    ended = threading.Event()

    def drip() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 100000\r\n\r\n")
            while not ended.wait(0.1):
                connection.sendall(b" ")

    with silent_server() as server:
        dripping = threading.Thread(target=drip)
        dripping.start()
        sms = channel(f"http://127.0.0.1:{server.getsockname()[1]}")

        assert type(failure(sms)) is Uncertain
        ended.set()
        dripping.join()
        sms.close()


def test_one_connection_serves_one_letter_after_another(
    twilio: TwilioStandIn, sms: TwilioSms
) -> None:
    twilio.fault("error", to="+972500000000", code=21211)
    for _ in range(5):
        sms.send(letter())
        failure(sms, letter(address="+972500000000"))

    assert twilio.server.connections == 1


def test_many_threads_share_the_channel(twilio: TwilioStandIn, sms: TwilioSms) -> None:
    letters = [letter(message_id=f"{n:032x}", text=f"n {n}") for n in range(40)]

    with ThreadPoolExecutor(8) as threads:
        refs = [accepted.ref for accepted in threads.map(sms.send, letters)]

    by_ref = {message["sid"]: message["body"] for message in twilio.accepted}
    assert [by_ref[str(ref)] for ref in refs] == [sent.text for sent in letters]
    assert twilio.server.connections <= 8


@pytest.mark.parametrize(
    "fault", [{"kind": "error", "code": 21211}, {"kind": "drop"}, {"kind": "502_html"}]
)
def test_no_error_and_no_log_quotes_the_number_or_the_text(
    twilio: TwilioStandIn, sms: TwilioSms, caplog: pytest.LogCaptureFixture, fault: dict[str, Any]
) -> None:
    twilio.fault(**fault)

    with caplog.at_level("DEBUG"):
        error = failure(sms)

    told = "".join(traceback.format_exception(error)) + repr(error) + caplog.text
    assert PHONE[1:] not in told
    assert TEXT not in told
    assert TOKEN not in told
