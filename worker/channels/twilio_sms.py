"""How does a letter become an SMS at Twilio, and how is one found there again?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from twilio.base.exceptions import (  # type: ignore[import-untyped]
    TwilioException,
    TwilioRestException,
    TwilioServiceException,
)
from twilio.rest import Client  # type: ignore[import-untyped]

from worker.channels.base import Accepted, ChannelError, Letter, TryLater, Uncertain
from worker.channels.twilio_answers import refusal
from worker.channels.twilio_http import PATIENCE, Patience, PooledHttp
from worker.clock import utc_now

LONGEST_VALIDITY = 36_000
MOST_FOUND = 200


@dataclass(frozen=True, slots=True)
class TwilioAccount:
    """`number` or `service` says who sends; `base_url` points the SDK at another server."""

    sid: str
    token: str
    number: str | None = None
    service: str | None = None
    base_url: str | None = None
    region: str | None = None
    edge: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One message in Twilio's own list; `status` is Twilio's word."""

    ref: str
    status: str
    created: datetime


class TwilioSms:
    """SMS over Twilio's SDK; safe to share between threads."""

    name = "sms"

    def __init__(
        suffix: str = "",
        self,
        account: TwilioAccount,
        *,
        public_url: str | None,
        connections: int = 64,
        patience: Patience = PATIENCE,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        if not (account.number or account.service):
            raise ValueError("an SMS needs a number or a messaging service to come from")
        self.sender = f"twilio:{account.service or account.number}{suffix}"
        self.reports = bool(public_url)
        self._account = account
        self._from = _origin(account)
        self._public_url = public_url.rstrip("/") if public_url else None
        self._now = now
        self._http = PooledHttp(
            base_url=account.base_url, connections=connections, patience=patience
        )
        client = Client(
            account.sid,
            account.token,
            http_client=self._http,
            region=account.region,
            edge=account.edge,
            # the SDK would read the process's environment for whatever is not given
            environment={"TWILIO_ACCOUNT_SID": account.sid},
        )
        self._messages = client.api.v2010.account.messages

    def send(self, letter: Letter) -> Accepted:
        seconds = int((letter.expires - self._now()).total_seconds())
        if seconds < 1:
            raise TryLater("expired", "its time was over before the call")
        try:
            created = self._messages.create(
                to=letter.address,
                body=letter.text,
                validity_period=min(seconds, LONGEST_VALIDITY),
                **self._from,
                **self._callback(letter),
            )
        except (TwilioRestException, TwilioServiceException) as error:
            raise _named(error) from None
        except (ValueError, TypeError, AttributeError):
            raise Uncertain("unreadable", "a success without its JSON") from None
        if not created.sid:
            raise Uncertain("unreadable", "a success without an id")
        return Accepted(created.sid)

    def find(self, address: str, body: str, since: datetime, until: datetime) -> list[Found]:
        """What Twilio has of this text to this number, created within the time; newest first.

        A ChannelError of any kind: nothing is known of it.
        Not filtered by date at Twilio: what is still queued there has no date of sending.
        """
        try:
            listed = self._messages.list(to=address, limit=MOST_FOUND, page_size=MOST_FOUND)
        except TwilioException as error:
            raise _unlisted(error) from None
        except (ValueError, TypeError, AttributeError):
            raise Uncertain("unreadable", "a list without its JSON") from None
        # Twilio's times are whole seconds
        since = since.replace(microsecond=0)
        return [
            Found(message.sid, str(message.status), message.date_created)
            for message in listed
            if str(message.direction).startswith("outbound")
            and (message.body or "").strip() == body.strip()
            and since <= message.date_created <= until
        ]

    def close(self) -> None:
        self._http.close()

    def _callback(self, letter: Letter) -> Mapping[str, str]:
        """Our own id in the path: a receipt finds its message though the answer was never heard."""
        if self._public_url is None:
            return {}
        path = f"/webhooks/twilio/status/{letter.message_id}/{letter.attempt}"
        return {"status_callback": self._public_url + path}


def _origin(account: TwilioAccount) -> dict[str, Any]:
    if account.service:
        return {"messaging_service_sid": account.service}
    return {"from_": account.number}


def _unlisted(error: Any) -> ChannelError:
    """The SDK's pages raise their bare error with the whole answer beside it."""
    answer = error.args[-1] if error.args else None
    return refusal(getattr(answer, "status_code", 500), None)


def _named(error: Any) -> ChannelError:
    """The provider's own message is left behind: it quotes the number and the text."""
    # without a JSON body the SDK puts the HTTP status where the code would be
    code = error.code if error.code != error.status else None
    return refusal(error.status, code)
