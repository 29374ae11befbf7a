"""A letter and a channel as the tests of SMS use them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from tests.standins.twilio import NUMBER, SID, TOKEN
from worker.channels.base import Accepted, Letter
from worker.channels.switchboard import Switchboard
from worker.channels.twilio_http import Patience
from worker.channels.twilio_sms import TwilioAccount, TwilioSms
from worker.channels.waiting import Call

T = TypeVar("T")
LETTERS = 64
SOON = 30

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
PHONE = "+972501234567"
TEXT = "שלום דנה, התוכנית מסתיימת"
SHORT = Patience(connect=0.5, read=0.5, body=0.5)


def letter(**changes: Any) -> Letter:
    words: dict[str, Any] = {
        "message_id": "m" * 32,
        "attempt": 2,
        "channel": "sms",
        "address": PHONE,
        "text": TEXT,
        "expires": NOW + timedelta(minutes=10),
    }
    return Letter(**(words | changes))


class Together(TwilioSms):
    """Its letters leave as a sender's do: their calls share a thread."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.board = Switchboard(LETTERS)

    def send(self, letter: Letter) -> Accepted:
        return through(self.board, lambda: self.call(letter)).result(SOON)

    def close(self) -> None:
        self.board.close()
        super().close()


def through(board: Switchboard, begin: Callable[[], Call[T]]) -> Future[T]:
    """What comes of a call, once it does."""
    done: Future[T] = Future()

    async def call() -> None:
        try:
            done.set_result(await begin())
        except Exception as error:
            done.set_exception(error)

    board.begin(call)
    return done


def channel(base_url: str, kind: type[TwilioSms] = TwilioSms, **changes: Any) -> TwilioSms:
    account = {"sid": SID, "token": TOKEN, "number": NUMBER, "base_url": base_url}
    words = {"public_url": "https://reach.bank.example/", "patience": SHORT, "now": lambda: NOW}
    words |= {name: changes.pop(name) for name in tuple(changes) if name in words}
    return kind(TwilioAccount(**(account | changes)), **words)
