"""What would the store hold? Facts, spent epochs, claims and profiles in memory."""

from __future__ import annotations

import heapq
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from triggers.addresses import Usable, usable
from triggers.calendars.allowed import Whereabouts
from triggers.customers import Consent, Customer
from triggers.definitions import Policy, Rate, Trigger
from triggers.events import Event, Order
from triggers.facts import FactKey, Spent, TriggerKey
from triggers.matching import Matcher
from triggers.objections import CUSTOMER
from triggers.profiles import consents_of, merge
from triggers.standing import PastClaim
from triggers.zones import zone_of

KEPT = 50_000
"""Customers of whom everything is kept ready; a forecast may meet millions."""


class _Claim(NamedTuple):
    at: datetime
    category: str
    trigger: str
    customer: str
    address: tuple[str, str]


class Known(NamedTuple):
    """A customer as the gates ask for him."""

    customer: Customer
    reach: Usable
    consents: tuple[Consent, ...]
    where: Whereabouts


class Profiles:
    """Who the customers are by now."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._profiles: dict[str, Mapping[str, Any]] = {}
        self._orders: dict[str, Mapping[str, Any]] = {}
        self._known: dict[str, Known] = {}

    def __getitem__(self, customer: str) -> Known:
        found = self._known.get(customer)
        if found is None:
            found = self._know(Customer(customer, self._profiles.get(customer, {})))
            if len(self._known) >= KEPT:
                self._known.clear()
            self._known[customer] = found
        return found

    def _know(self, one: Customer) -> Known:
        policy = self._policy
        return Known(one, usable(one, policy), consents_of(one.profile), zone_of(one, policy))

    def update(self, customer: str, fields: Mapping[str, Any], order: Order) -> bool:
        """Merge field by field, the newest first; whether anything changed."""
        merged = merge(
            self._profiles.get(customer, {}), self._orders.get(customer, {}), fields, order
        )
        self._profiles[customer] = merged.profile
        self._orders[customer] = merged.field_orders
        self._known.pop(customer, None)
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
    """When a rate has room again. What is put off gets a place of its own, so that a crowd that
    waits for the same rate is asked one by one and not all of it each time one place is free."""

    def __init__(self) -> None:
        self._leaving: dict[str, list[datetime]] = {}

    def take(self, name: str, rate: Rate, at: datetime) -> None:
        leaving = self._leaving.setdefault(name, [])
        if len(leaving) < rate.count:
            heapq.heappush(leaving, at + rate.per)
        else:
            heapq.heapreplace(leaving, at + rate.per)

    def free_at(self, name: str, rate: Rate, now: datetime) -> datetime:
        leaving = self._leaving.get(name, [])
        return now if len(leaving) < rate.count else max(now, leaving[0])


class SpentEpochs:
    """What can never come again."""

    def __init__(self) -> None:
        self._spent: dict[TriggerKey, list[Spent]] = defaultdict(list)

    def add(self, key: TriggerKey, spent: Spent) -> None:
        self._spent[key].append(spent)

    def of(self, key: TriggerKey) -> Iterable[Spent]:
        return self._spent.get(key, ())
