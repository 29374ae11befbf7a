"""What do we hand to a provider, and which answers are there?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Letter:
    """One attempt, ready to leave: everything was rendered and stored before."""

    message_id: str
    attempt: int
    channel: str
    address: str
    text: str
    expires: datetime
    subject: str | None = None
    html: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took it; `ref` is its own id for it, None where it has none."""

    ref: str | None


class ChannelError(Exception):
    """A letter did not certainly arrive at the provider.

    `code` is the provider's own, such as "21610"; `detail` holds nothing personal.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class TryLater(ChannelError):
    """Certainly not processed: it may go again, not before `after` where the provider said.

    `too_fast`: whatever else goes by this sender is too fast, too. `failing`: the provider itself
    could not take it, whoever it was for.
    """

    def __init__(
        self,
        code: str,
        detail: str = "",
        after: timedelta | None = None,
        *,
        too_fast: bool = False,
        failing: bool = False,
    ) -> None:
        super().__init__(code, detail)
        self.after = after
        self.too_fast = too_fast
        self.failing = failing


class Refused(ChannelError):
    """Permanent for this address or this text; the next channel may still reach the customer."""

    def __init__(
        self, code: str, detail: str = "", *, bad_address: bool = False, opted_out: bool = False
    ) -> None:
        super().__init__(code, detail)
        self.bad_address = bad_address
        self.opted_out = opted_out


class Misconfigured(ChannelError):
    """Our own credentials, account or sender: certainly not processed, nor is what follows.

    `this_country`: only what goes to the country of this address.
    """

    def __init__(self, code: str, detail: str = "", *, this_country: bool = False) -> None:
        super().__init__(code, detail)
        self.this_country = this_country


class Uncertain(ChannelError):
    """The answer was never heard: the provider may have it."""


class Channel(Protocol):
    """One way out. Knows no state and no trigger; opens no transaction."""

    name: str
    """sms or email."""
    sender: str
    """Names the line for rate, breaker and the attempt row, such as twilio:+972…; not personal."""

    def send(self, letter: Letter) -> Accepted:
        """Hand over one letter, or raise TryLater, Refused, Misconfigured or Uncertain."""
        ...

    def close(self) -> None: ...


def senders_of(channels: Iterable[Channel]) -> Mapping[str, Sequence[str]]:
    """Channel -> its senders, the preferred first."""
    found: dict[str, list[str]] = {}
    for one in channels:
        found.setdefault(one.name, []).append(one.sender)
    return found
