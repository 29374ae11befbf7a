"""What would triggers have said, had they been in force since a moment, over what came in then?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Engine

from triggers.addresses import canonical
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
ASKED = 20_000
"""Customers whose refusals are remembered: whoever is put off is asked about again."""

Addresses = tuple[tuple[str, str], ...]
"""Channel and address, of one customer."""

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
    forecast = Forecast(
        trial.configuration, only=trial.only, live=True, house=_house(engine, hasher)
    )
    known: set[str] = set()
    for page in _pages(engine, trial.since):
        unknown = {one.event.customer for one in page} - known
        known |= unknown
        for customer, profile in _profiles(engine, unknown, trial.since).items():
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


def _house(engine: Engine, hasher: Hasher) -> House:
    """The same arms, the same message ids, and what people have refused."""
    salt = in_transaction(engine, read_salt)

    # asked for of those alone who would be written to: the whole list may be longer than the rest
    @lru_cache(maxsize=ASKED)
    def refused(addresses: Addresses) -> Sequence[tuple[str, Refusal]]:
        hashed = [
            Address(hasher.address(channel, canonical(channel, address)), channel)
            for channel, address in addresses
        ]
        found = reading(engine, lambda connection: refusals(connection, hashed))
        return [(address.channel, word) for address, word in found]

    def suppressed(addresses: Mapping[str, str], now: datetime) -> Words:
        return frozenset(
            (channel, word.category)
            for channel, word in refused(tuple(addresses.items()))
            if word.at <= now and (word.lifted_at is None or now < word.lifted_at)
        )

    return House(salt, hasher.epoch, message_id_of, suppressed)
