"""What is known of a customer on the virtual clock, and how do millions of them fit in memory?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import orjson

from triggers.addresses import Usable, usable
from triggers.calendars.allowed import Whereabouts
from triggers.customers import Consent, Customer
from triggers.definitions import Policy
from triggers.events import Event, Order
from triggers.facts import Spent, TriggerKey
from triggers.profiles import consents_of, merge
from triggers.zones import known_zone, zone_of

KEPT = 40_000
"""Facts and customers that are kept ready; what else there is sleeps as text."""

Place = tuple[str, str, str]
"""Event type, path and the key that stands there."""

Row = list[Any]
"""An event as it came out of sleep; most are never looked at again."""


class Known(NamedTuple):
    """A customer as the gates ask for him."""

    customer: Customer
    reach: Usable
    consents: tuple[Consent, ...]
    where: Whereabouts


class Person:
    """Profile, facts in event order, spent epochs and the epochs told as called off."""

    __slots__ = ("called_off", "facts", "id", "known", "orders", "profile", "spent", "zone")

    def __init__(self, id_: str) -> None:
        self.id = id_
        self.profile: Mapping[str, Any] = {}
        self.orders: Mapping[str, list[str]] = {}
        self.facts: dict[Place, list[Event | Row]] = {}
        self.spent: dict[TriggerKey, list[Spent]] = {}
        self.called_off: dict[tuple[TriggerKey, str], None] = {}
        self.known: Known | None = None
        self.zone: ZoneInfo | None = None

    def as_known(self, policy: Policy) -> Known:
        if self.known is None:
            one = Customer(self.id, self.profile)
            found = consents_of(self.profile)
            self.known = Known(one, usable(one, policy), found, zone_of(one, policy))
        return self.known

    def clock(self, policy: Policy) -> ZoneInfo:
        """On which the customer's waits run."""
        if self.zone is None:
            self.zone = self.as_known(policy).where.zones[0]
        return self.zone

    def learn(self, fields: Mapping[str, Any], order: Order) -> bool:
        """Merge field by field, the newest first; whether anything changed."""
        merged = merge(self.profile, self.orders, fields, order)
        self.profile, self.orders = merged.profile, merged.field_orders
        self.known = self.zone = None
        return bool(merged.changes)

    def events(self, place: Place) -> Iterable[Event]:
        """The facts there, in event order."""
        facts = self.facts.get(place, [])
        for number, fact in enumerate(facts):
            event = _event(self.id, fact) if isinstance(fact, list) else fact
            facts[number] = event
            yield event

    def count(self, place: Place, after: Order | None) -> int:
        """How many facts there come after it in event order."""
        facts = self.facts.get(place, ())
        if after is None:
            return len(facts)
        return sum(1 for _ in takewhile(lambda one: order_of(one) > after, reversed(facts)))

    def is_spent(self, key: TriggerKey, epoch: str) -> bool:
        return any(one.epoch == epoch for one in self.spent.get(key, ()))


class People:
    """Everybody met so far. Nobody may be held while the others are put to sleep."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._awake: dict[str, Person] = {}
        self._asleep: dict[str, bytes] = {}
        self._kept = 0

    def __getitem__(self, id_: str) -> Person:
        found = self._awake.get(id_)
        if found is None:
            packed = self._asleep.pop(id_, None)
            found = Person(id_) if packed is None else unpack(id_, packed)
            self._awake[id_] = found
            self._kept += 1 + sum(map(len, found.facts.values()))
        return found

    def keep(self, person: Person, place: Place, event: Event) -> bool:
        """Put a fact where it belongs in event order; whether it is new there."""
        facts = person.facts.setdefault(place, [])
        order = event.order
        at = len(facts)
        while at and order_of(facts[at - 1]) > order:
            at -= 1
        if at and order_of(facts[at - 1]) == order:
            return False
        facts.insert(at, event)
        self._kept += 1
        return True

    def rest(self) -> None:
        """Put everybody to sleep, once too many are awake."""
        if self._kept <= self._most:
            return
        for id_, person in self._awake.items():
            self._asleep[id_] = pack(person)
        self._awake.clear()
        self._kept = 0


def pack(person: Person) -> bytes:
    """All of a person but what follows from it."""
    content = [
        person.profile,
        person.orders,
        [[*place, *map(_row, facts)] for place, facts in person.facts.items()],
        [[*key, [[one.epoch, *one.start] for one in spent]] for key, spent in person.spent.items()],
        [[*key, epoch] for key, epoch in person.called_off],
        person.zone.key if person.zone else None,
    ]
    packed = orjson.dumps(content, default=dict, option=orjson.OPT_UTC_Z)
    # a copy: what comes from there holds on to the pages it was written in
    return bytes(memoryview(packed))


def unpack(id_: str, packed: bytes) -> Person:
    profile, orders, facts, spent, called_off, zone = orjson.loads(packed)
    person = Person(id_)
    person.profile, person.orders = profile, orders
    person.facts = {(type_, path, key): rows for type_, path, key, *rows in facts}
    person.spent = {TriggerKey(*key): _spent(all_) for *key, all_ in spent}
    person.called_off = {(TriggerKey(*key), epoch): None for *key, epoch in called_off}
    person.zone = known_zone(zone) if zone else None
    return person


def order_of(fact: Event | Row) -> Order:
    if isinstance(fact, list):
        source, id_, _, time, *_ = fact
        return Order(datetime.fromisoformat(time), source, id_)
    return fact.order


def _row(event: Event | Row) -> Sequence[Any]:
    if isinstance(event, list):
        return event
    received = None if event.received == event.time else event.received
    flags = (event.subject, event.history, event.hops)
    return event.source, event.id, event.type, event.time, received, event.data, *flags


def _event(customer: str, row: Row) -> Event:
    source, id_, type_, time, received, data, subject, history, hops = row
    moment = datetime.fromisoformat(time)
    return Event(
        source=source,
        id=id_,
        type=type_,
        time=moment,
        customer=customer,
        data=data,
        received=datetime.fromisoformat(received) if received else moment,
        subject=subject,
        history=history,
        hops=hops,
    )


def _spent(rows: Iterable[Any]) -> list[Spent]:
    return [Spent(epoch, Order(datetime.fromisoformat(time), *rest)) for epoch, time, *rest in rows]


def latest(spent: Iterable[Spent]) -> Order | None:
    return max((one.start for one in spent), default=None)


BEGINNING = Order(datetime.fromisoformat("1970-01-01T00:00:00Z"), "", "")
"""Older than every event: what was known before."""
