"""How does a letter become an SMS at Twilio, and how is one found there again?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from twilio.base.exceptions import (  # type: ignore[import-untyped]
    TwilioException,
    TwilioRestException,
    TwilioServiceException,
)
from twilio.http import HttpClient  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from worker.channels.base import Accepted, ChannelError, Letter, TryLater, Uncertain
from worker.channels.ledger import Found, Undecidable, same_words
from worker.channels.twilio_answers import refusal
from worker.channels.twilio_http import PATIENCE, Patience, PooledHttp, Shared
from worker.channels.twilio_receipts import read_receipt
from worker.channels.waiting import alone
from worker.clock import utc_now

LONGEST_VALIDITY = 36_000
MOST_FOUND = 2000
"""So many messages to one number, since the one that is looked for, are looked through."""
AT_ONCE = 200
PAGE = 1000
EVER = datetime.min.replace(tzinfo=UTC)
TRIAL = "Sent from your Twilio trial account - "
NO_SUCH = 20404


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


class TwilioSms:
    """SMS over Twilio's SDK; safe to share between threads."""

    name = "sms"

    def __init__(
        self,
        account: TwilioAccount,
        *,
        public_url: str | None,
        suffix: str = "",
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
        self._messages = _api(account, self._http).account.messages
        self._api = _api(account, Shared(self._http))
        self._uri = f"/Accounts/{account.sid}/Messages.json"

    def send(self, letter: Letter) -> Accepted:
        return alone(self.call(letter))

    async def call(self, letter: Letter) -> Accepted:
        """As `send`, in a thread that it shares with others."""
        seconds = int((letter.expires - self._now()).total_seconds())
        if seconds < 1:
            raise TryLater("expired", "its time was over before the call")
        try:
            # not `messages.create`, which reads all that it is told of the message: half the cost
            created = await self._api.create_async(
                "POST",
                self._uri,
                data={
                    "To": letter.address,
                    "Body": letter.text,
                    "ValidityPeriod": min(seconds, LONGEST_VALIDITY),
                    **self._from,
                    **self._callback(letter),
                },
            )
            ref = created.get("sid")
        except (TwilioRestException, TwilioServiceException) as error:
            raise _named(error) from None
        except (ValueError, TypeError, AttributeError):
            raise Uncertain("unreadable", "a success without its JSON") from None
        if not ref:
            raise Uncertain("unreadable", "a success without an id")
        return Accepted(ref)

    def find(self, address: str, body: str, since: datetime, until: datetime) -> list[Found]:
        """What Twilio has of this text to this number, created within the time; newest first.

        A ChannelError of any kind: nothing is known of it.
        Not filtered by date at Twilio: what is still queued there has no date of sending.
        """
        # Twilio's times are whole seconds
        since = since.replace(microsecond=0)
        with _asked():
            recent = list(islice(self._recent(since, AT_ONCE, to=address), MOST_FOUND + 1))
            listed = [_found(one, since) for one in recent if _is_outbound(one)]
        if len(recent) > MOST_FOUND:
            raise Undecidable("too_many", "more to one number than are looked through")
        near = [one for one in listed if since <= one.created <= until]
        same = [one for one in near if same_words(body, one.text)]
        if not same and not all(one.text for one in near):
            raise Undecidable("redacted", "the list does not show what was said")
        return same

    def left_between(
        self, since: datetime, until: datetime, *, page: int = PAGE
    ) -> Iterator[Found]:
        """All that Twilio sent for this sender within the time; what is queued there is not in it.

        A ChannelError of any kind: the list broke off, and what came before it is not all.
        """
        with _asked():
            for message in self._messages.stream(
                date_sent_after=since, date_sent_before=until, page_size=page
            ):
                if self._is_ours(message) and since <= (message.date_sent or since) < until:
                    yield _found(message)

    def taken_since(self, since: datetime, *, page: int = PAGE) -> Iterator[Found]:
        """All that Twilio took from this sender since then, what is still queued there included.

        Not filtered by date at Twilio, for the same reason as in `find`. Its list is newest first,
        by a date it does not promise, so a whole page must be older before the rest is believed to
        be.
        """
        with _asked():
            for message in self._recent(since, page):
                if self._is_ours(message):
                    yield _found(message, since)

    def _recent(self, since: datetime, page: int, **only: str) -> Iterator[Any]:
        older = 0
        for message in self._messages.stream(page_size=page, **only):
            created = _created(message, since)
            recent = max(created, message.date_sent or created) >= since
            older = 0 if recent else older + 1
            if recent:
                yield message
            if older == page:
                return

    def fetch(self, ref: str) -> Found | None:
        """The message of this name; None: Twilio has none. A ChannelError: nothing is known."""
        with _asked():
            try:
                return _found(self._messages.get(ref).fetch())
            except TwilioRestException as error:
                if error.status == 404 and error.code == NO_SUCH:
                    return None
                raise _named(error) from None

    def _is_ours(self, message: Any) -> bool:
        if not _is_outbound(message):
            return False
        account = self._account
        if account.service:
            return bool(message.messaging_service_sid == account.service)
        return bool(message.from_ == account.number)

    def close(self) -> None:
        self._http.close()

    def _callback(self, letter: Letter) -> Mapping[str, str]:
        """Our own id in the path: a receipt finds its message though the answer was never heard."""
        if self._public_url is None:
            return {}
        path = f"/webhooks/twilio/status/{letter.message_id}/{letter.attempt}"
        return {"StatusCallback": self._public_url + path}


def _api(account: TwilioAccount, http: HttpClient) -> Any:
    client = Client(
        account.sid,
        account.token,
        http_client=http,
        region=account.region,
        edge=account.edge,
        # the SDK would read the process's environment for whatever is not given
        environment={"TWILIO_ACCOUNT_SID": account.sid},
    )
    return client.api.v2010


def _origin(account: TwilioAccount) -> dict[str, Any]:
    if account.service:
        return {"MessagingServiceSid": account.service}
    return {"From": account.number}


def _is_outbound(message: Any) -> bool:
    return str(message.direction).startswith("outbound")


def _created(message: Any, otherwise: datetime) -> datetime:
    created: datetime = message.date_created or message.date_sent or otherwise
    return created


def _found(message: Any, otherwise: datetime = EVER) -> Found:
    """`otherwise`: when it was made, where Twilio does not say."""
    fields = {"MessageSid": message.sid, "ErrorCode": message.error_code}
    return Found(
        ref=message.sid,
        status=str(message.status),
        created=_created(message, otherwise),
        address=message.to or "",
        text=(message.body or "").removeprefix(TRIAL),
        report=read_receipt(str(message.status), fields),
    )


@contextmanager
def _asked() -> Iterator[None]:
    """Whatever goes wrong while a list is read is a ChannelError."""
    try:
        yield
    except TwilioException as error:
        raise _unlisted(error) from None
    except (ValueError, TypeError, AttributeError):
        raise Uncertain("unreadable", "a list without its JSON") from None


def _unlisted(error: Any) -> ChannelError:
    """The SDK's pages raise their bare error with the whole answer beside it."""
    answer = error.args[-1] if error.args else None
    return refusal(getattr(answer, "status_code", 500), None)


def _named(error: Any) -> ChannelError:
    """The provider's own message is left behind: it quotes the number and the text."""
    # without a JSON body the SDK puts the HTTP status where the code would be
    code = error.code if error.code != error.status else None
    return refusal(error.status, code)
