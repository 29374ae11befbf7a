"""What would the store count? Claims and throttles in memory."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from triggers.addresses import canonical
from triggers.definitions import Policy, Rate, Trigger
from triggers.objections import CUSTOMER
from triggers.standing import PastClaim, longest_window


@dataclass(frozen=True, slots=True, eq=False)
class _Claim:
    """Itself alone: two of one trigger, customer and moment are two."""

    at: datetime
    category: str
    trigger: str
    customer: str
    address: tuple[str, str]


class Claims:
    """What was claimed, by customer and by address, as long as any limit looks back."""

    def __init__(self, policy: Policy, triggers: Iterable[Trigger]) -> None:
        self._window = longest_window(policy, triggers)
        self._by_customer: dict[str, list[_Claim]] = defaultdict(list)
        self._by_address: dict[tuple[str, str], list[_Claim]] = defaultdict(list)

    def add(self, trigger: Trigger, customer: str, address: tuple[str, str], at: datetime) -> None:
        known_by = (address[0], canonical(*address))
        claim = _Claim(at, trigger.limits.category, trigger.name, customer, known_by)
        self._by_customer[customer].append(claim)
        self._by_address[known_by].append(claim)

    def add_call(self, trigger: Trigger, customer: str, at: datetime) -> None:
        """A person's call is of no category, and at no address."""
        self._by_customer[customer].append(_Claim(at, "", trigger.name, customer, ("", "")))

    def of(
        self, customer: str, addresses: Mapping[str, str], now: datetime
    ) -> tuple[PastClaim, ...]:
        found: dict[_Claim, set[str]] = {}
        for claim in self._recent(self._by_customer.get(customer), now):
            found.setdefault(claim, set()).add(CUSTOMER)
        for channel, address in addresses.items():
            known_by = (channel, canonical(channel, address))
            for claim in self._recent(self._by_address.get(known_by), now):
                found.setdefault(claim, set()).add(channel)
        return tuple(
            PastClaim(one.at, one.category, one.trigger, frozenset(subjects))
            for one, subjects in found.items()
        )

    def _recent(self, claims: list[_Claim] | None, now: datetime) -> Sequence[_Claim]:
        if not claims:
            return ()
        since = now - self._window
        if claims[0].at <= since:
            claims[:] = [one for one in claims if one.at > since]
        return claims


class Throttles:
    """When a rate has room again. What is put off gets a place of its own, so that a crowd that
    waits for the same rate is asked one by one and not all of it each time one place is free."""

    def __init__(self, rates: Mapping[str, Rate]) -> None:
        self._rates = rates
        self._leaving: dict[str, list[datetime]] = {name: [] for name in rates}

    def take(self, names: Iterable[str], at: datetime) -> None:
        for name in names:
            if name not in self._rates:
                continue
            rate, leaving = self._rates[name], self._leaving[name]
            if len(leaving) < rate.count:
                heapq.heappush(leaving, at + rate.per)
            else:
                heapq.heapreplace(leaving, at + rate.per)

    def busy_until(self, names: Iterable[str], now: datetime) -> dict[str, datetime]:
        """Of these, the ones that are full."""
        return {
            name: self._leaving[name][0]
            for name in names
            if name in self._rates
            and len(self._leaving[name]) >= self._rates[name].count
            and self._leaving[name][0] > now
        }
