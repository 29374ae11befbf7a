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

_BLANK = b"[{},{},null]"


class Known(NamedTuple):
    """A customer as the gates ask for him."""

    customer: Customer
    reach: Usable
    consents: tuple[Consent, ...]
    where: Whereabouts


class Person:
    """Profile, facts in event order, spent epochs and the epochs told as called off."""

    __slots__ = (
        "_asleep", "_facts", "_known", "_names", "_orders", "_profile", "_profile_text", "_zone",
        "called_off", "id", "spent",
    )  # fmt: skip

    def __init__(self, id_: str, names: Names) -> None:
        self.id = id_
        self.spent: Decided = {}
        self.called_off: Told = {}
        self._names = names
        self._facts: dict[Place, list[Event | Row]] = {}
        self._asleep = b""
        self._profile_text = _BLANK
        self._profile: Mapping[str, Any] | None = None
        self._orders: Mapping[str, list[str]] = {}
        self._zone: ZoneInfo | None = None
        self._known: Known | None = None

    @classmethod
    def awoken(cls, id_: str, text: bytes, names: Names) -> Person:
        person = cls(id_, names)
        person._profile_text, deeds, person._asleep = parted(text)
        person.spent, person.called_off = deeds_in(deeds)
        return person

    def text(self) -> bytes:
        """All of it but what follows from it."""
        lines = [line_of(at, facts, self._names) for at, facts in self._facts.items() if facts]
        deeds = deeds_of(self.spent, self.called_off)
        return joined(self._own_line(), deeds, b"".join((self._asleep, *lines)))

    def _own_line(self) -> bytes:
        if self._profile is None:
            return self._profile_text
        return written([self._profile, self._orders, self._zone.key if self._zone else None])

    def _read_profile(self) -> Mapping[str, Any]:
        if self._profile is None:
            self._profile, self._orders, zone = orjson.loads(self._profile_text)
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
        text = self._asleep.pop(id_, b"")
        # as if all of it were read: that it may come to
        self._kept += 1 + len(text) // FACT
        return Person.awoken(id_, text, self._names) if text else Person(id_, self._names)

    def keep(self, person: Person, place: Place, event: Event) -> int | None:
        """Put a fact where it belongs in event order; how many are newer. None: it stands there."""
        self._kept += 1
        return person.keep(place, event)

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
