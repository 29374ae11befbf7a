"""What is known of a customer on the virtual clock, and how do millions of them fit in memory?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
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

KEPT = 60_000
"""Facts and customers that are kept ready; what else there is sleeps as text."""

Place = tuple[str, str, str]
"""Event type, path and the key that stands there."""


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
        self.facts: dict[Place, list[Event]] = {}
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
        while at and facts[at - 1].order > order:
            at -= 1
        if at and facts[at - 1].order == order:
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
    events = {id(one): one for facts in person.facts.values() for one in facts}
    numbers = {name: number for number, name in enumerate(events)}
    content = [
        person.profile,
        person.orders,
        [_row(one) for one in events.values()],
        [[*place, [numbers[id(one)] for one in facts]] for place, facts in person.facts.items()],
        [[*key, [[one.epoch, *one.start] for one in spent]] for key, spent in person.spent.items()],
        [[*key, epoch] for key, epoch in person.called_off],
        person.zone.key if person.zone else None,
    ]
    packed = orjson.dumps(content, default=dict, option=orjson.OPT_UTC_Z)
    # a copy: what comes from there holds on to the pages it was written in
    return bytes(memoryview(packed))


def unpack(id_: str, packed: bytes) -> Person:
    profile, orders, rows, facts, spent, called_off, zone = orjson.loads(packed)
    person = Person(id_)
    person.profile, person.orders = profile, orders
    events = [_event(id_, row) for row in rows]
    person.facts = {(t, path, key): [events[n] for n in all_] for t, path, key, all_ in facts}
    person.spent = {TriggerKey(*key): _spent(all_) for *key, all_ in spent}
    person.called_off = {(TriggerKey(*key), epoch): None for *key, epoch in called_off}
    person.zone = known_zone(zone) if zone else None
    return person


def _row(event: Event) -> Sequence[Any]:
    received = None if event.received == event.time else event.received
    flags = (event.subject, event.history, event.hops)
    return event.source, event.id, event.type, event.time, received, event.data, *flags


def _event(customer: str, row: Iterable[Any]) -> Event:
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


def since(events: Sequence[Event], after: Order | None) -> int:
    """How many of these, in event order, come after it."""
    if after is None:
        return len(events)
    count = 0
    for event in reversed(events):
        if event.order <= after:
            break
        count += 1
    return count


BEGINNING = Order(datetime.fromisoformat("1970-01-01T00:00:00Z"), "", "")
"""Older than every event: what was known before."""
