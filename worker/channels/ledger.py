"""What does a provider have of ours, by its own list?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable
from unicodedata import normalize

from worker.channels.base import Channel, Uncertain
from worker.channels.receipts import Report


@dataclass(frozen=True, slots=True)
class Found:
    """One message that the provider has; `status` is its own word, `report` what that means.

    `report` None: a word that says nothing about a message's way, but the provider has it.
    """

    ref: str
    status: str
    created: datetime
    address: str
    text: str
    report: Report | None


class Undecidable(Uncertain):
    """The provider has answered, but this message cannot be told from others in what it shows."""


@runtime_checkable
class Ledger(Protocol):
    """A sender that can be asked what it has. A ChannelError of any kind: nothing is known."""

    sender: str
    reports: bool
    """Whether it tells us by itself what became of a message."""

    def find(self, address: str, body: str, since: datetime, until: datetime) -> Sequence[Found]:
        """What it has of this text to this address, created within the time; newest first."""
        ...

    def left_between(self, since: datetime, until: datetime) -> Iterator[Found]:
        """All that left by this sender within the time, page by page."""
        ...

    def taken_since(self, since: datetime) -> Iterator[Found]:
        """All that it took from this sender since then, what has not left yet included."""
        ...

    def fetch(self, ref: str) -> Found | None:
        """The one of this name; None: it has none."""
        ...


def same_words(ours: str, theirs: str) -> bool:
    """Whether a provider shows the text we sent: some put plainer signs for ours."""
    one, other = _letters(ours), _letters(theirs)
    return one == other if one else ours.strip() == theirs.strip()


def ledgers_of(channels: Iterable[Channel]) -> Mapping[str, Ledger]:
    """By sender, those that can be asked; a channel around others names them as `within`."""
    return {one.sender: one for channel in channels for one in _ledgers(channel)}


def unasked_channels(channels: Iterable[Channel], *, keeping: str) -> frozenset[str]:
    """Channels whose providers list nothing for us; `keeping`: how senders that keep all begin."""
    return frozenset(
        one.name
        for one in channels
        if not any(_ledgers(one)) and not one.sender.startswith(keeping)
    )


def reporting_senders(ledgers: Iterable[Ledger]) -> frozenset[str]:
    """How the names begin of senders that tell us by themselves what became of a message.

    Whatever number they send from now: what another one sent is waited for no longer, either.
    """
    return frozenset(one.sender.partition(":")[0] + ":" for one in ledgers if one.reports)


def _letters(text: str) -> str:
    """What no provider changes of a text: its letters and digits."""
    return "".join(filter(str.isalnum, normalize("NFKD", text).casefold()))


def _ledgers(channel: Channel) -> Iterator[Ledger]:
    if isinstance(channel, Ledger):
        yield channel
    inner: Sequence[Channel] = getattr(channel, "within", ())
    for one in inner:
        yield from _ledgers(one)
