"""How do the customers of a batch stand, what the batch itself has claimed included?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from triggers.addresses import canonical, usable
from triggers.calendars.allowed import Whereabouts
from triggers.customers import Consent, Customer
from triggers.fuses import fuse_of
from triggers.objections import CUSTOMER
from triggers.profiles import consents_of
from triggers.standing import PastClaim, Standing, longest_window, rate_name
from triggers.zones import zone_of
from worker.hashing import Hasher
from worker.steps.calm import Calm
from worker.steps.crowds import Who
from worker.steps.ground import Ground
from worker.steps.senders import Choice, Lines, Senders, keep_trials
from worker.steps.spending import Purses, budgets, lock_names, open_purses
from worker.steps.turns import Turn
from worker.steps.windows import Limited, Staffed, Windows, fuse_limit, limits_of, open_windows
from worker.store.addresses import Address, ask_to_hold
from worker.store.everybody import Everybody, ask_everybody
from worker.store.senders import line_name, read_unwell
from worker.store.standing import Past, Said, ask_past, ask_said


@dataclass(frozen=True, slots=True)
class Reach:
    """A customer's usable addresses, their hashes, and where he is."""

    addresses: Mapping[str, str]
    unusable: Mapping[str, str]
    hashes: Mapping[str, Address]
    consents: tuple[Consent, ...]
    where: Whereabouts


@dataclass(frozen=True, slots=True)
class House:
    """What concerns everybody."""

    paused: frozenset[str]
    salt: str
    lines: Lines
    purses: Purses


class Desk:
    """Answers how a turn's customer stands, and takes down what was claimed meanwhile."""

    def __init__(
        self,
        reaches: Mapping[str, Reach],
        suppressed: Mapping[Address, frozenset[str]],
        past: Iterable[Past],
        windows: Windows,
        house: House,
    ) -> None:
        self._reaches = reaches
        self._suppressed = suppressed
        self._windows = windows
        self._house = house
        self.blown: set[str] = set()
        self._of_customer: dict[str, list[Past]] = defaultdict(list)
        self._of_address: dict[str, list[Past]] = defaultdict(list)
        for one in past:
            self._keep(one)

    def knows(self, turn: Turn) -> bool:
        """Whether the customer's addresses are ours alone, too."""
        return turn.customer.id in self._reaches

    def reach(self, turn: Turn) -> Reach:
        return self._reaches[turn.customer.id]

    def standing(self, turn: Turn) -> Standing:
        """A message's own earlier attempts do not stand against it."""
        reach = self.reach(turn)
        chosen = {one: self._chosen(reach, one) for one in reach.addresses}
        full = self._windows.busy_until
        rated = {
            rate_name(channel): full[line_name(one.sender)]
            for channel, one in chosen.items()
            if line_name(one.sender) in full
        }
        suppressed = (
            (channel, category)
            for channel, address in reach.hashes.items()
            for category in self._suppressed.get(address, ())
        )
        return Standing(
            addresses=reach.addresses,
            unusable=reach.unusable,
            suppressed=frozenset(suppressed),
            consents=reach.consents,
            claims=tuple(self._claims(turn, reach)),
            paused=self._house.paused,
            busy_until={**full, **rated, **dict(self.purses.full(turn.key.trigger))},
            broken_until={one: found.until for one, found in chosen.items() if found.until},
            salt=self._house.salt,
        )

    @property
    def purses(self) -> Purses:
        return self._house.purses

    def sender(self, turn: Turn, channel: str) -> str:
        """By which this turn's letter leaves; whoever comes later in the batch knows of it."""
        reach = self.reach(turn)
        sender = self._chosen(reach, channel).sender
        self._house.lines.take(sender, channel, reach.addresses[channel])
        return sender

    def keep(self, connection: Connection) -> None:
        """Write what other workers must know, too."""
        keep_trials(connection, self._house.lines)

    def _chosen(self, reach: Reach, channel: str) -> Choice:
        return self._house.lines.choose(channel, reach.addresses[channel])

    def claimed(self, past: Past, names: Iterable[str]) -> None:
        """Whoever comes later in the batch sees this claim, in caps and in windows."""
        self._keep(past)
        self._windows.take(names)

    def put_off(self, names: Iterable[str], until: datetime, who: Who | None) -> datetime:
        return self._windows.put_off(names, until, who)

    def blow(self, trigger: str) -> None:
        """Its fuse has held something back."""
        self.blown.add(trigger)

    def _keep(self, past: Past) -> None:
        self._of_customer[past.customer].append(past)
        if past.address_hash:
            self._of_address[past.address_hash].append(past)

    def _claims(self, turn: Turn, reach: Reach) -> Iterable[PastClaim]:
        own = turn.row.id if turn.is_retry else None
        found: dict[Past, set[str]] = defaultdict(set)
        for one in self._of_customer.get(turn.customer.id, ()):
            found[one].add(CUSTOMER)
        for channel, address in reach.hashes.items():
            for one in self._of_address.get(address.hash, ()):
                found[one].add(channel)
        for claim, attempts in _by_claim(found).items():
            if claim != own:
                newest = max(attempts, key=lambda one: one.at)
                subjects = frozenset().union(*(found[one] for one in attempts))
                yield PastClaim(newest.at, newest.category, newest.trigger, subjects)


def _by_claim(found: Iterable[Past]) -> Mapping[str, list[Past]]:
    """The attempts of one message are one claim."""
    claims: dict[str, list[Past]] = defaultdict(list)
    for one in found:
        claims[one.claim].append(one)
    return claims


class Asking(NamedTuple):
    """What is on its way of how the customers of these turns stand, and to whom all may leave."""

    turns: Sequence[Turn]
    senders: Senders
    reaches: Mapping[str, Reach]
    held: Callable[[], frozenset[str]]
    said: Callable[[], Said]
    past: Callable[[], list[Past]]
    everybody: Callable[[], Everybody]


def ask_desk(
    connection: Connection, ground: Ground, senders: Senders, turns: Iterable[Turn]
) -> Asking:
    """Asked with what is asked next, in this order: what is said of an address, and what has left
    for it, is read after it is held."""
    asked = list(turns)
    customers = {turn.customer.id: turn.customer for turn in asked}
    reaches = {id_: _reach(one, ground, senders) for id_, one in customers.items()}
    addresses = [address for one in reaches.values() for address in one.hashes.values()]
    since = ground.now - longest_window(ground.policy, ground.configuration.triggers.values())
    return Asking(
        asked,
        senders,
        reaches,
        ask_to_hold(connection, {one.hash for one in addresses}),
        ask_said(connection, addresses),
        ask_past(connection, reaches, addresses, since),
        ask_everybody(connection),
    )


def open_desk(connection: Connection, ground: Ground, asking: Asking, *, calm: Calm) -> Desk:
    """What is known by now, and what is counted by whoever holds its windows."""
    asked, senders, reaches, said = asking.turns, asking.senders, asking.reaches, asking.said()
    # what somebody wrote may be a refusal: until it is read, nothing leaves for his address
    ours = asking.held() - said.unread
    mine = {id_: one for id_, one in reaches.items() if _hashes(one) <= ours}
    everybody = asking.everybody()
    limits = _limits(ground, senders, asked, mine)
    limits |= {one.name: one for one in _fuses(ground, asked, everybody)}
    down = {name for name, one in everybody.unwell.items() if one.is_down}
    given = budgets(ground.policy, {turn.key.trigger for turn in asked})
    besides = {*down, *lock_names(given)}
    windows = open_windows(connection, limits.values(), besides, calm=calm, now=ground.now)
    # only now are those that are down held, and whoever tries one of them is alone with it
    unwell = read_unwell(connection) if down else everybody.unwell
    purses = open_purses(connection, ground.policy, given, most=len(asked), now=ground.now)
    house = House(everybody.paused, everybody.salt, Lines(senders, unwell, ground.now), purses)
    return Desk(
        {id_: _unmarked(one, said.marks) for id_, one in mine.items()},
        said.refused,
        asking.past(),
        windows,
        house,
    )


def _limits(
    ground: Ground, senders: Senders, asked: Iterable[Turn], mine: Container[str]
) -> dict[str, Limited | Staffed]:
    """What the turns whose addresses are `mine` may run into, by name."""
    asking = {
        (turn.trigger.name, turn.customer.agent_only): turn.trigger
        for turn in asked
        if turn.trigger is not None and turn.customer.id in mine
    }
    return {
        one.name: one
        for (_, people), trigger in asking.items()
        for one in limits_of(trigger, ground.policy, senders, by_people=people)
    }


def _fuses(ground: Ground, asked: Sequence[Turn], everybody: Everybody) -> Iterable[Limited]:
    for name in sorted({turn.key.trigger for turn in asked if turn.trigger is not None}):
        fuse = fuse_of(ground.policy, everybody.busiest.get(name))
        yield fuse_limit(name, fuse, most=len(asked))


def _hashes(reach: Reach) -> frozenset[str]:
    return frozenset(address.hash for address in reach.hashes.values())


def _reach(customer: Customer, ground: Ground, senders: Senders) -> Reach:
    found = usable(customer, ground.policy)
    addresses = {one: address for one, address in found.addresses.items() if one in senders}
    silent = {one: "no sender" for one in found.addresses if one not in senders}
    return Reach(
        addresses=addresses,
        unusable={**found.unusable, **silent},
        hashes={one: hash_of(ground.hasher, one, a) for one, a in addresses.items()},
        consents=consents_of(customer.profile),
        where=zone_of(customer, ground.policy),
    )


def hash_of(hasher: Hasher, channel: str, address: str) -> Address:
    """Two spellings of one address are one address."""
    return Address(hasher.address(channel, canonical(channel, address)), channel)


def _unmarked(reach: Reach, marks: Mapping[Address, str]) -> Reach:
    bad = {one: marks[address] for one, address in reach.hashes.items() if address in marks}
    good = {one: address for one, address in reach.addresses.items() if one not in bad}
    why = {one: f"marked bad: {reason}" for one, reason in bad.items()}
    return Reach(good, {**reach.unusable, **why}, reach.hashes, reach.consents, reach.where)
