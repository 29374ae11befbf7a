"""On what are all keys of one transaction decided, and on whose clock?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from triggers.configuration import Configuration
from triggers.customers import Customer
from triggers.definitions import Policy
from triggers.matching import Matcher
from triggers.zones import Home, known_zone, zone_of
from worker.hashing import Hasher
from worker.store.customers import Held


@dataclass(frozen=True, slots=True)
class Ground:
    """The rules, the names of what outlives its person, and the database's time."""

    configuration: Configuration
    hasher: Hasher
    now: datetime

    @property
    def policy(self) -> Policy:
        return self.configuration.policy

    @property
    def matcher(self) -> Matcher:
        return self.configuration.matcher


_WHERE = ("timezone", "phone", "country", "subdivision", "place")
"""What a profile says of where somebody is."""
_NOTHING_SAID = (None,) * len(_WHERE)


class Clock(NamedTuple):
    """The zone of a customer's waits; `doubt` says why it may be the wrong one."""

    zone: ZoneInfo
    doubt: str = ""


def clock_of(customer: Customer, policy: Policy) -> Clock:
    named = known_zone(customer.text("timezone") or "")
    if named is not None:
        return Clock(named)
    profile = customer.profile
    said = tuple(customer.text(name) for name in _WHERE) if profile else _NOTHING_SAID
    return _clock(said, Home(policy.country, policy.timezone, policy.place))


@lru_cache(maxsize=4096)
def _clock(said: tuple[str | None, ...], home: Home) -> Clock:
    """Of who names no zone we know; a number alone takes longer to read than an event."""
    where = zone_of(Customer("", dict(zip(_WHERE, said, strict=True))), home)
    return Clock(where.zones[0], "; ".join(where.notes))


def clocks_of(held: Mapping[str, Held], policy: Policy) -> dict[str, Clock]:
    """The clock of each customer held."""
    return {one.id: clock_of(Customer(one.id, one.profile), policy) for one in held.values()}
