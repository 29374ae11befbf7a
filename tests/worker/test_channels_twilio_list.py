"""Is a message believed absent only where Twilio's list could have shown it?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.standins.twilio import NUMBER, TwilioStandIn
from tests.standins.web import Call, Server, as_json
from tests.worker.texting import PHONE, channel, letter
from worker.channels.ledger import Undecidable
from worker.channels.twilio_http import Connection, NeverConnectedError
from worker.channels.twilio_sms import AT_ONCE, MOST_FOUND, TRIAL, TwilioSms

SENT = "“Hello” – Dana’s plan ends…"
HOUR = timedelta(hours=1)


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


def crowd(twilio: TwilioStandIn, number: int) -> None:
    """So many others to the same phone, as if sent by somebody else of the account."""
    form = {"To": PHONE, "From": NUMBER, "Body": "another"}
    for _ in range(number):
        twilio.take(form)


def find(sms: TwilioSms, text: str = SENT) -> list[str]:
    now = datetime.now(UTC)
    return [one.ref for one in sms.find(PHONE, text, now - HOUR, now + HOUR)]


def test_a_message_is_found_beyond_the_first_page(twilio: TwilioStandIn, sms: TwilioSms) -> None:
    sent = sms.send(letter(text=SENT))
    crowd(twilio, AT_ONCE * 2)

    assert find(sms) == [sent.ref]


def test_a_list_that_is_too_long_proves_nothing(twilio: TwilioStandIn, sms: TwilioSms) -> None:
    crowd(twilio, MOST_FOUND)
    assert find(sms) == []
    crowd(twilio, 1)

    with pytest.raises(Undecidable, match="too_many"):
        find(sms)


@pytest.mark.parametrize(
    "shown",
    ['"Hello" - Dana\'s plan ends...', f"{TRIAL}{SENT}", f" {SENT}\n", SENT.replace(" ", "  ")],
)
def test_signs_that_twilio_has_changed_hide_no_message(
    twilio: TwilioStandIn, sms: TwilioSms, shown: str
) -> None:
    sent = sms.send(letter(text=SENT))
    twilio.shown = lambda message: {**message, "body": shown}

    assert find(sms) == [sent.ref]
    assert find(sms, "Hello - Dana's plan began") == []
    assert find(sms, "!!!") == []


@pytest.mark.parametrize("body", ["", None])
def test_a_list_that_hides_what_was_said_proves_nothing(
    twilio: TwilioStandIn, sms: TwilioSms, body: str | None
) -> None:
    sms.send(letter(text=SENT))
    twilio.shown = lambda message: {**message, "body": body}

    with pytest.raises(Undecidable, match="redacted"):
        find(sms)


@pytest.mark.parametrize("moment", [None, "yesterday"])
def test_a_message_of_no_known_moment_may_be_ours(
    twilio: TwilioStandIn, sms: TwilioSms, moment: Any
) -> None:
    sent = sms.send(letter(text=SENT))
    twilio.shown = lambda message: {**message, "date_created": moment}

    assert find(sms) == [sent.ref]


def test_whoever_was_too_long_in_connecting_sends_nothing() -> None:
    class Frozen(Connection):
        longest = 0.0

    calls: list[Call] = []

    def answer(call: Call) -> Any:
        calls.append(call)
        return as_json(200, {})

    server = Server(0, answer)
    server.start()
    port = int(server.url.rpartition(":")[2])

    with pytest.raises(NeverConnectedError):
        Frozen("127.0.0.1", port, timeout=5).request("POST", "/")
    quick = Connection("127.0.0.1", port, timeout=5)
    quick.request("GET", "/")
    quick.getresponse().close()
    quick.close()

    server.close()
    assert [one.command for one in calls] == ["GET"]
