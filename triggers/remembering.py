"""What is known of a customer on the virtual clock, and who is held ready?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
from triggers.sleeping import (
    Decided,
    Names,
    Place,
    Row,
    Told,
    deeds_in,
    deeds_of,
    event_in,
    facts_at,
    joined,
    line_of,
    order_in,
    parted,
    written,
)
from triggers.zones import known_zone, zone_of

KEPT = 40_000
"""Facts and customers that are kept ready; what else there is sleeps as text."""

FACT = 160
"""About how many bytes a fact sleeps in."""

NOBODY = b"[{},{},null]\n[[],[]]"
"""The text of somebody of whom nothing is known."""


class Known(NamedTuple):
    """A customer as the gates ask for him."""

    customer: Customer
    reach: Usable
    consents: tuple[Consent, ...]
    where: Whereabouts


class Person:
    """Profile, facts in event order, spent epochs and the epochs told as called off.

    What has slept is read when it is first asked for; most of it never is.
    """

    __slots__ = (
        "_added", "_asleep", "_deeds", "_facts", "_known", "_names", "_orders", "_profile", "_zone",
        "id",
    )  # fmt: skip

    _orders: Mapping[str, list[str]]
    _zone: ZoneInfo | None
    """Both are of the profile, and read with it."""

    def __init__(self, id_: str, names: Names, text: bytes = NOBODY) -> None:
        self.id = id_
        self._names = names
        self._asleep = text
        self._facts: dict[Place, list[Event | Row]] = {}
        self._added: dict[Place, list[Event]] = {}
        self._profile: Mapping[str, Any] | None = None
        self._deeds: tuple[Decided, Told] | None = None
        self._known: Known | None = None

    def text(self) -> bytes:
        """All of it but what follows from it."""
        lines = [line_of(at, facts, self._names) for at, facts in self._facts.items() if facts]
        lines += [line_of(at, events, self._names) for at, events in self._added.items()]
        return b"".join((self._head(), *lines))

    def _head(self) -> bytes:
        """What has slept, with what was changed of it."""
        if self._profile is None and self._deeds is None:
            return self._asleep
        profile, deeds, facts = parted(self._asleep)
        if self._profile is not None:
            zone = self._zone.key if self._zone else None
            profile = written([self._profile, self._orders, zone])
        if self._deeds is not None:
            deeds = deeds_of(*self._deeds)
        return joined(profile, deeds, facts)

    @property
    def spent(self) -> Decided:
        return self._read_deeds()[0]

    @property
    def called_off(self) -> Told:
        return self._read_deeds()[1]

    def _read_deeds(self) -> tuple[Decided, Told]:
        if self._deeds is None:
            self._deeds = deeds_in(parted(self._asleep)[1])
        return self._deeds

    def _read_profile(self) -> Mapping[str, Any]:
        if self._profile is None:
            self._profile, self._orders, zone = orjson.loads(parted(self._asleep)[0])
            self._zone = known_zone(zone) if zone else None
        return self._profile

    def as_known(self, policy: Policy) -> Known:
        if self._known is None:
            profile = self._read_profile()
            one = Customer(self.id, profile)
            found = consents_of(profile)
            self._known = Known(one, usable(one, policy), found, zone_of(one, policy))
        return self._known

    def clock(self, policy: Policy) -> ZoneInfo:
        """On which the customer's waits run."""
        self._read_profile()
        if self._zone is None:
            self._zone = self.as_known(policy).where.zones[0]
        return self._zone

    def learn(self, fields: Mapping[str, Any], order: Order) -> bool:
        """Merge field by field, the newest first; whether anything changed."""
        merged = merge(self._read_profile(), self._orders, fields, order)
        self._profile, self._orders = merged.profile, merged.field_orders
        self._known = self._zone = None
        return bool(merged.changes)

    def facts(self, place: Place) -> list[Event | Row]:
        """What stands there, in event order."""
        found = self._facts.get(place)
        if found is None:
            found, self._asleep = facts_at(self._asleep, place, self._names)
            found += self._added.pop(place, ())
            self._facts[place] = found
        return found

    def events(self, place: Place) -> Iterable[Event]:
        """The same, each read."""
        facts = self.facts(place)
        for number, fact in enumerate(facts):
            if isinstance(fact, list):
                event = facts[number] = event_in(fact, self.id, place[0], self._names)
                yield event
            else:
                yield fact

    def order(self, fact: Event | Row) -> Order:
        return order_in(fact, self._names) if isinstance(fact, list) else fact.order

    def add(self, place: Place, event: Event) -> None:
        """Put a fact there that is newer than all others: they need not be read for it."""
        known: list[Any] | None = self._facts.get(place)
        if known is None:
            known = self._added.setdefault(place, [])
        known.append(event)

    def keep(self, place: Place, event: Event) -> int | None:
        """Put a fact where it belongs in event order; how many are newer. None: it stands there."""
        facts = self.facts(place)
        order = event.order
        at = len(facts)
        while at and self.order(facts[at - 1]) > order:
            at -= 1
        if at and self.order(facts[at - 1]) == order:
            return None
        facts.insert(at, event)
        return len(facts) - at - 1

    def count(self, place: Place, after: Order | None) -> int:
        """How many facts there come after it in event order."""
        facts = self.facts(place)
        if after is None:
            return len(facts)
        return sum(1 for _ in takewhile(lambda one: self.order(one) > after, reversed(facts)))

    def is_spent(self, key: TriggerKey, epoch: str) -> bool:
        return any(one.epoch == epoch for one in self.spent.get(key, ()))


class People:
    """Everybody met so far. Nobody may be held while the others are put to sleep."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._names = Names()
        self._awake: dict[str, Person] = {}
        self._asleep: dict[str, bytes] = {}
        self._kept = 0

    def __getitem__(self, id_: str) -> Person:
        found = self._awake.get(id_)
        if found is None:
            found = self._awake[id_] = self._woken(id_)
        return found

    def _woken(self, id_: str) -> Person:
        text = self._asleep.pop(id_, NOBODY)
        # as if all of it were read: that it may come to
        self._kept += 1 + len(text) // FACT
        return Person(id_, self._names, text)

    def keep(
        self, person: Person, place: Place, event: Event, *, newest: bool = False
    ) -> int | None:
        """Put a fact where it belongs in event order; how many are newer. None: it stands there.

        `newest`: later than every event of anybody.
        """
        self._kept += 1
        if not newest:
            return person.keep(place, event)
        person.add(place, event)
        return 0

    def rest(self) -> None:
        """Put everybody to sleep, once too many are awake."""
        if self._kept <= self._most:
            return
        for id_, person in self._awake.items():
            self._asleep[id_] = person.text()
        self._awake.clear()
        self._kept = 0


def latest(spent: Iterable[Spent]) -> Order | None:
    return max((one.start for one in spent), default=None)


BEGINNING = Order(datetime.fromisoformat("1970-01-01T00:00:00Z"), "", "")
"""Older than every event: what was known before."""
