"""What would triggers have said, had they been in force since a moment, over what came in then?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import Engine

from triggers.addresses import EMAIL, SMS, canonical
from triggers.clerk import House, Words
from triggers.configuration import Configuration
from triggers.events import OWN_SOURCE
from triggers.forecast import Forecast
from triggers.lines import Line
from triggers.own_events import ANNOUNCED
from triggers.remembering import BEGINNING
from triggers.summary import Summary
from worker.hashing import Hasher
from worker.steps.claimed_rows import message_id_of
from worker.store.addresses import Address
from worker.store.backtests import save_backtests
from worker.store.engine import in_transaction, reading
from worker.store.past_events import (
    PastEvent,
    Refusal,
    past_events,
    profiles_at,
    refusals,
    seq_before,
)
from worker.store.standing import read_salt

PAGE = 1_000
ASKED = 100_000
"""Addresses of which it is remembered what was refused there; whoever waits is asked about."""

Place = tuple[str, str]
"""Channel and address, as it is compared."""

TOLD_BY_THE_FORECAST = frozenset(ANNOUNCED.values())


@dataclass(frozen=True, slots=True)
class Trial:
    """Which triggers are tried, since when, until when. `only` None: all of them."""

    configuration: Configuration
    only: str | None
    since: datetime
    until: datetime


def backtest(engine: Engine, hasher: Hasher, trial: Trial) -> Iterator[Line]:
    """As if the triggers had been applied at `since`, live and for everybody."""
    refused = Refused(engine, hasher)
    house = House(in_transaction(engine, read_salt), hasher.epoch, message_id_of, refused.of)
    forecast = Forecast(trial.configuration, only=trial.only, live=True, house=house)
    known: set[str] = set()
    for page in _pages(engine, trial.since):
        unknown = {one.event.customer for one in page} - known
        known |= unknown
        profiles = _profiles(engine, unknown, trial.since)
        refused.ask(_places(profiles.values()))
        for customer, profile in profiles.items():
            forecast.know(customer, profile, BEGINNING)
        for one in page:
            if not _told_again(one, trial):
                yield from forecast.take(one.event, speaks_of_customer=one.speaks_of_customer)
    yield from forecast.finish(trial.until)


def save(engine: Engine, trial: Trial, summary: Summary) -> None:
    """Keep how busy each was: what its fuse is measured by."""
    names = [trial.only] if trial.only else list(trial.configuration.triggers)
    rows = [
        {
            "trigger": name,
            "busiest_hour": summary.accounts[name].busiest[0] if name in summary.accounts else 0,
            "since": trial.since,
            "tested_at": trial.until,
            "bundle": trial.configuration.hash,
        }
        for name in names
    ]
    in_transaction(engine, lambda connection: save_backtests(connection, rows))


def _pages(engine: Engine, since: datetime) -> Iterator[Sequence[PastEvent]]:
    after = reading(engine, lambda connection: seq_before(connection, since))
    while page := _page(engine, after, since):
        yield page
        after = page[-1].seq


def _page(engine: Engine, after: int, since: datetime) -> Sequence[PastEvent]:
    return reading(engine, lambda c: past_events(c, after=after, since=since, most=PAGE))


def _profiles(engine: Engine, ids: set[str], since: datetime) -> Mapping[str, Mapping[str, object]]:
    return reading(engine, lambda connection: profiles_at(connection, ids, since))


def _told_again(one: PastEvent, trial: Trial) -> bool:
    """What the system said of these very triggers, it says anew."""
    event = one.event
    if event.source != OWN_SOURCE or event.type not in TOLD_BY_THE_FORECAST:
        return False
    return trial.only in {None, event.data.get("trigger")}


def _places(profiles: Iterable[Mapping[str, object]]) -> Iterator[Place]:
    """As they are written: one that must be put in order first is asked about by itself."""
    for profile in profiles:
        for channel, name in ((SMS, "phone"), (EMAIL, "email")):
            address = profile.get(name)
            if isinstance(address, str):
                yield channel, canonical(channel, address)


class Refused:
    """What people have refused, asked a page at a time: alone, each costs four journeys."""

    def __init__(self, engine: Engine, hasher: Hasher) -> None:
        self._engine = engine
        self._hasher = hasher
        self._known: dict[Place, Sequence[Refusal]] = {}

    def ask(self, places: Iterable[Place]) -> None:
        """Remember what was refused there; what was asked for longest ago may be forgotten."""
        hashed = {
            Address(self._hasher.address(*place), place[0]): place
            for place in places
            if place not in self._known
        }
        if not hashed:
            return
        found: dict[Place, list[Refusal]] = defaultdict(list)
        for address, word in reading(self._engine, lambda c: refusals(c, hashed)):
            found[hashed[address]].append(word)
        for old in list(islice(self._known, max(0, len(self._known) + len(hashed) - ASKED))):
            del self._known[old]
        self._known |= {place: found.get(place, ()) for place in hashed.values()}

    def of(self, addresses: Mapping[str, str], now: datetime) -> Words:
        """What of it was in force at a moment."""
        places = [(channel, canonical(channel, one)) for channel, one in addresses.items()]
        self.ask(places)
        return frozenset(
            (place[0], word.category)
            for place in places
            for word in self._known[place]
            if word.at <= now and (word.lifted_at is None or now < word.lifted_at)
        )
