"""Can one more message be paid for, and if not, when?"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Connection

from triggers.costs import dearest, price_of
from triggers.definitions import CHANNELS, Budget, Policy
from triggers.standing import spend_name
from worker.store.alerts import Alarm
from worker.store.spending import Payment, read_oldest, read_spent

NEAR = Decimal("0.8")
ASKED_AGAIN = timedelta(minutes=10)
"""What leaves the window next is not always known."""

LOCK = "spend:"
EMPTY = Decimal()


class Purse:
    """What may be spent in a rolling window. `trigger` empty: by all of them.

    `oldest`: what leaves the window first, as far as a batch may need it.
    """

    def __init__(self, trigger: str, budget: Budget, spent: Decimal, now: datetime) -> None:
        self.trigger = trigger
        self.budget = budget
        self.spent = spent
        self.reached = False
        self._now = now
        self._leaving: list[Payment] = []

    def knows(self, oldest: Iterable[Payment]) -> None:
        self._leaving = [Payment(one.at + self.budget.per, one.amount) for one in oldest]
        heapq.heapify(self._leaving)

    def free_at(self, amount: Decimal) -> datetime:
        """When so much can be spent."""
        room = self.budget.amount - self.spent
        if amount <= room:
            return self._now
        moment = self._now
        for one in sorted(self._leaving):
            room, moment = room + one.amount, max(moment, one.at)
            if amount <= room:
                return moment
        # a place later than all that is known is asked for again when that has left
        return max(moment, self._now + ASKED_AGAIN)

    def take(self, amount: Decimal) -> None:
        """Now, or ahead: then what leaves first makes room for it."""
        leaves = self.free_at(amount) + self.budget.per
        self.spent += amount
        while self.spent > self.budget.amount and self._leaving:
            first = heapq.heappop(self._leaving)
            left = max(EMPTY, first.amount - (self.spent - self.budget.amount))
            self.spent -= first.amount - left
            if left:
                heapq.heappush(self._leaving, Payment(first.at, left))
        heapq.heappush(self._leaving, Payment(leaves, amount))

    @property
    def standing(self) -> Alarm | None:
        if self.reached:
            return Alarm.SPEND_REACHED
        return Alarm.SPEND_NEAR if self.spent >= NEAR * self.budget.amount else None


class Purses(NamedTuple):
    """Those a batch may spend from, by trigger; empty where nothing is limited."""

    policy: Policy
    purses: Mapping[str, Purse]
    now: datetime

    def full(self, trigger: str) -> Iterator[tuple[str, datetime]]:
        """By the gates' names, until when the longest message cannot be paid for."""
        for one in self._of(trigger):
            for channel in CHANNELS:
                price = dearest(self.policy.sms, self.policy.email, channel)
                until = one.free_at(price) if price else self.now
                if until > self.now:
                    yield spend_name(channel, one.trigger), until

    def lacks(self, trigger: str, channel: str, segments: int) -> datetime | None:
        """Until when this message cannot be paid for; it may be longer than any should be."""
        price = price_of(self.policy, channel, segments)
        found = [one.free_at(price) for one in self._of(trigger)] if price else []
        until = max(found, default=self.now)
        return until if until > self.now else None

    def pay(self, trigger: str, channel: str, segments: int) -> Decimal | None:
        """What this message costs, where that is known."""
        price = price_of(self.policy, channel, segments)
        for one in self._of(trigger) if price else ():
            one.take(price or EMPTY)
        return price

    def limits(self, trigger: str) -> bool:
        """Whether what this trigger pays is held, so that it can be added up."""
        return bool(self._of(trigger))

    def put_off(self, trigger: str) -> None:
        """A place ahead, so that not all are asked again at one moment."""
        prices = (dearest(self.policy.sms, self.policy.email, one) for one in CHANNELS)
        price = max((one for one in prices if one), default=EMPTY)
        for one in self._of(trigger):
            if one.free_at(price) > self.now:
                one.reached = True
                one.take(price)

    def _of(self, trigger: str) -> list[Purse]:
        return [self.purses[one] for one in ("", trigger) if one in self.purses]


def budgets(policy: Policy, triggers: Iterable[str]) -> dict[str, Budget]:
    """By trigger; empty: of all of them."""
    found = {"": policy.spend_total} if policy.spend_total else {}
    if policy.spend_trigger:
        found |= dict.fromkeys(sorted(triggers), policy.spend_trigger)
    return found


def lock_names(given: Iterable[str]) -> list[str]:
    return [f"{LOCK}{one}" for one in given]


def open_purses(
    connection: Connection,
    policy: Policy,
    given: Mapping[str, Budget],
    *,
    most: int,
    now: datetime,
) -> Purses:
    """Their throttles must be held: nobody else spends from them until we commit.

    `most`: so many messages the batch may want to pay for.
    """
    lengths = {one.per for one in given.values()}
    spent = {per: read_spent(connection, now - per, now=now) for per in lengths}
    purses = {
        name: Purse(name, one, _spent(spent, one.per, name), now) for name, one in given.items()
    }
    prices = (dearest(policy.sms, policy.email, channel) for channel in CHANNELS)
    wanted = most * max((one for one in prices if one), default=EMPTY)
    places = most * policy.sms.max_segments + 1
    for name, one in purses.items():
        if one.spent + wanted > one.budget.amount:
            since, of = now - one.budget.per, [name] if name else spent[one.budget.per]
            one.knows(read_oldest(connection, since, triggers=of, most=places))
    return Purses(policy, purses, now)


def _spent(spent: Mapping[timedelta, Mapping[str, Decimal]], per: timedelta, name: str) -> Decimal:
    found = spent[per]
    return found.get(name, EMPTY) if name else sum(found.values(), EMPTY)
