"""What would the store hold? Facts, spent epochs, claims and profiles in memory."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from triggers.customers import Customer
from triggers.definitions import Policy, Rate, Trigger
from triggers.events import Event, Order
from triggers.facts import FactKey, Spent, TriggerKey
from triggers.matching import Matcher
from triggers.objections import CUSTOMER
from triggers.profiles import merge
from triggers.standing import PastClaim


class _Claim(NamedTuple):
    at: datetime
    category: str
    trigger: str
    customer: str
    address: tuple[str, str]


class Profiles:
    """Who the customers are by now."""

    def __init__(self) -> None:
        self._profiles: dict[str, Mapping[str, Any]] = {}
        self._orders: dict[str, Mapping[str, Any]] = {}

    def __getitem__(self, customer: str) -> Customer:
        return Customer(customer, self._profiles.get(customer, {}))

    def update(self, customer: str, fields: Mapping[str, Any], order: Order) -> bool:
        """Merge field by field, the newest first; whether anything changed."""
        merged = merge(
            self._profiles.get(customer, {}), self._orders.get(customer, {}), fields, order
        )
        self._profiles[customer] = merged.profile
        self._orders[customer] = merged.field_orders
        return bool(merged.changes)


class Facts:
    """Every fact at each place where some trigger will look for it."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        self._facts: dict[FactKey, list[Event]] = defaultdict(list)

    def add(self, event: Event) -> None:
        for key in self._matcher.fact_keys(event):
            self._facts[key].append(event)

    def of(self, key: TriggerKey) -> Iterable[Event]:
        for place in self._matcher.reads(key):
            yield from self._facts.get(place, ())


class Claims:
    """What was claimed, by customer and by address, as long as any limit looks back."""

    def __init__(self, policy: Policy, triggers: Iterable[Trigger]) -> None:
        self._window = longest_window(policy, triggers)
        self._by_customer: dict[str, deque[_Claim]] = defaultdict(deque)
        self._by_address: dict[tuple[str, str], deque[_Claim]] = defaultdict(deque)

    def add(self, trigger: Trigger, customer: str, address: tuple[str, str], at: datetime) -> None:
        claim = _Claim(at, trigger.limits.category, trigger.name, customer, address)
        self._by_customer[customer].append(claim)
        self._by_address[address].append(claim)

    def of(
        self, customer: str, addresses: Mapping[str, str], now: datetime
    ) -> tuple[PastClaim, ...]:
        found: dict[_Claim, set[str]] = {}
        for claim in self._recent(self._by_customer.get(customer), now):
            found.setdefault(claim, set()).add(CUSTOMER)
        for channel, address in addresses.items():
            for claim in self._recent(self._by_address.get((channel, address)), now):
                found.setdefault(claim, set()).add(channel)
        return tuple(
            PastClaim(one.at, one.category, one.trigger, frozenset(subjects))
            for one, subjects in found.items()
        )

    def _recent(self, claims: deque[_Claim] | None, now: datetime) -> Iterable[_Claim]:
        if claims is None:
            return ()
        while claims and claims[0].at <= now - self._window:
            claims.popleft()
        return claims


def longest_window(policy: Policy, triggers: Iterable[Trigger]) -> timedelta:
    """How far back any cap, cooldown or fuse looks."""
    caps = [cap.per for one in policy.categories.values() for cap in one.caps]
    cooldowns = [one.limits.cooldown for one in triggers if one.limits.cooldown]
    return max([policy.fuse_customer.per, *caps, *cooldowns])


class Throttles:
    """When a rate has room again."""

    def __init__(self) -> None:
        self._taken: dict[str, deque[datetime]] = defaultdict(deque)

    def take(self, name: str, at: datetime) -> None:
        self._taken[name].append(at)

    def busy_until(self, name: str, rate: Rate, now: datetime) -> datetime | None:
        taken = self._taken[name]
        while taken and taken[0] <= now - rate.per:
            taken.popleft()
        return taken[-rate.count] + rate.per if len(taken) >= rate.count else None


class SpentEpochs:
    """What can never come again."""

    def __init__(self) -> None:
        self._spent: dict[TriggerKey, list[Spent]] = defaultdict(list)

    def add(self, key: TriggerKey, spent: Spent) -> None:
        self._spent[key].append(spent)

    def of(self, key: TriggerKey) -> Iterable[Spent]:
        return self._spent.get(key, ())
