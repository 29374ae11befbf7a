"""Do the channels that send nothing keep the same promises as those that do?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from worker.channels.base import Accepted, Letter, Refused
from worker.channels.only_to import OnlyTo
from worker.channels.outbox import OutboxChannel

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


def letter(address: str) -> Letter:
    return Letter("m1", 3, "sms", address, "text", NOW)


def test_the_outbox_keeps_the_letter_and_accepts_it() -> None:
    kept: list[Letter] = []
    outbox = OutboxChannel("sms", kept.append)

    accepted = outbox.send(letter("+972501234567"))
    outbox.close()

    assert kept == [letter("+972501234567")]
    assert accepted == Accepted("outbox-m1-3")
    assert (outbox.name, outbox.sender) == ("sms", "outbox:sms")


@pytest.mark.parametrize("address", ["+972501234567", "Dana@Customer.example", " +972501234567 "])
def test_those_who_may_be_written_to_are(address: str) -> None:
    kept: list[Letter] = []
    only = OnlyTo(OutboxChannel("sms", kept.append), ["+972501234567", "dana@customer.EXAMPLE"])

    only.send(letter(address))

    assert [one.address for one in kept] == [address]
    assert (only.name, only.sender) == ("sms", "outbox:sms")


@pytest.mark.parametrize("address", ["+972501234568", "", "dana@customer.example.org"])
def test_nobody_else_is_ever_written_to(address: str) -> None:
    kept: list[Letter] = []
    only = OnlyTo(OutboxChannel("sms", kept.append), ["+972501234567", "dana@customer.example"])

    with pytest.raises(Refused) as caught:
        only.send(letter(address))

    assert caught.value.code == "only_to"
    assert kept == []


def test_an_empty_list_is_nobody() -> None:
    with pytest.raises(Refused):
        OnlyTo(OutboxChannel("sms", lambda _: None), []).send(letter("+972501234567"))


def test_closing_reaches_the_channel_inside() -> None:
    closed: list[str] = []

    class Inside(OutboxChannel):
        def close(self) -> None:
            closed.append(self.name)

    OnlyTo(Inside("email", lambda _: None), []).close()

    assert closed == ["email"]
