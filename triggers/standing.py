"""What may the gates know about a customer and the senders at the moment of asking?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from triggers.customers import Consent
from triggers.definitions import Policy, Trigger

EVERYTHING = "*"
"""The category of a suppression that covers all of a channel; the scope of a pause of all."""


class PastClaim(NamedTuple):
    """A message claimed before for this customer or an address of theirs; none certainly not sent.

    `subjects` says whom it counts against: "customer" and/or the channels whose address it used.
    """

    at: datetime
    category: str
    trigger: str
    subjects: frozenset[str]


def _empty() -> Mapping[str, datetime]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything of the store that a verdict may depend on, read in the claim's transaction.

    `addresses`: channel -> address, usable ones only. `unusable`: channel -> why not.
    `suppressed`: (channel, category or "*"). `claims`: newest windows of caps, cooldown and fuse.
    `paused`: "*", "channel:sms", "category:marketing", "trigger:name".
    `busy_until`: throttle name -> when its rate has room again; absent means now.
    `broken_until`: channel -> when its sender may be tried again.
    """

    addresses: Mapping[str, str] = field(default_factory=dict)
    unusable: Mapping[str, str] = field(default_factory=dict)
    suppressed: frozenset[tuple[str, str]] = frozenset()
    consents: tuple[Consent, ...] = ()
    claims: tuple[PastClaim, ...] = ()
    paused: frozenset[str] = frozenset()
    busy_until: Mapping[str, datetime] = field(default_factory=_empty)
    broken_until: Mapping[str, datetime] = field(default_factory=_empty)
    salt: str = ""


def pace_name(trigger: str) -> str:
    return f"pace:{trigger}"


def queue_name(queue: str) -> str:
    return f"queue:{queue}"


def calls_name(queue: str) -> str:
    """Whether too many calls wait for the people of a queue."""
    return f"calls:{queue}"


def rate_name(channel: str) -> str:
    return f"rate:{channel}"


def fuse_name(trigger: str) -> str:
    return f"fuse:{trigger}"


def spend_name(channel: str, trigger: str = "") -> str:
    """Whether a message by this channel can be paid for: in all, or by one trigger."""
    return f"spend:{channel}:{trigger}"


def longest_window(policy: Policy, triggers: Iterable[Trigger]) -> timedelta:
    """How far back any cap, cooldown or fuse looks."""
    caps = [cap.per for one in policy.categories.values() for cap in one.caps]
    cooldowns = [one.limits.cooldown for one in triggers if one.limits.cooldown]
    return max([policy.fuse_customer.per, *caps, *cooldowns])
