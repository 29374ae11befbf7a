"""Who is this customer, what holds of him now, and what happened, as a person reads it?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from markupsafe import Markup
from sqlalchemy import Connection

from triggers.addresses import EMAIL, SMS, canonical
from triggers.clock import local
from triggers.consents import consents_of
from triggers.customers import OWN_FIELDS, Consent, Customer
from worker.http.console.shown import Shown
from worker.http.console.visits import Visit
from worker.steps.ground import Clock, clock_of
from worker.steps.profiles import addresses_of
from worker.store import knowing, lookups, merging
from worker.store.clock import read_now
from worker.store.erasure import is_known
from worker.store.knowing import Now
from worker.store.stories import Asked, Page, Place, read_hashes, read_story
from worker.wiring import RECEIPT_READERS

SHOWN_WAITING = 20
CHANNELS = {"phone": SMS, "email": EMAIL}


class Part(NamedTuple):
    """Of a story: where it begins, None at its newest; how much; and whether all of it."""

    after: Place | None = None
    most: int = 30
    plain: bool = True


@dataclass(frozen=True)
class Who:
    """`profile` None: nothing is known of him but that he is, or was. `asked`: the id asked for."""

    id: str
    asked: str
    profile: Mapping[str, Any] | None
    former: Sequence[str]
    erased_at: datetime | None
    clock: Clock
    holds: Now

    @property
    def attributes(self) -> Mapping[str, Any]:
        known = self.profile or {}
        return {name: known[name] for name in sorted(known) if name not in OWN_FIELDS}

    @property
    def consents(self) -> Sequence[Consent]:
        return consents_of(self.profile or {})


class View(NamedTuple):
    now: datetime
    who: Who
    story: Page


@dataclass(frozen=True)
class Clocks:
    """A moment on the house's clock and, where that is another, on the customer's."""

    shown: Shown
    zone: ZoneInfo
    now: datetime

    def __call__(self, moment: datetime | None) -> Markup | str:
        ours = self.shown.moment(moment, now=self.now)
        if moment is None or not self._differ(moment):
            return ours
        his, house = local(moment, self.zone), self.shown.local(moment)
        text = f"{his:%H:%M}" if his.date() == house.date() else f"{his:%d.%m. %H:%M}"
        said = self.shown.visit.words("customer.his_time", time=f"\u2068{text}\u2069")
        return Markup('{} <span class="his">{}</span>').format(ours, said)

    def _differ(self, moment: datetime) -> bool:
        ours, theirs = self.shown.local(moment), local(moment, self.zone)
        return ours.utcoffset() != theirs.utcoffset()

    @property
    def his_now(self) -> str:
        return f"{self.now.astimezone(self.zone):%H:%M}"


def read_view(connection: Connection, visit: Visit, asked: str, part: Part) -> View | None:
    """None where nobody of this id was ever heard of."""
    found = lookups.find_known(connection, asked)
    if found is None and not is_known(connection, asked):
        return None
    # of whom only events tell nothing else is known
    customer, profile, erased_at = found or lookups.Known(asked)
    hashes = sorted(read_hashes(connection, customer, _hashes(visit, profile or {})))
    who = Who(
        id=customer,
        asked=asked,
        profile=profile,
        former=merging.former_of(connection, [customer]).get(customer, ()),
        erased_at=erased_at,
        clock=_clock(visit, customer, profile or {}),
        holds=knowing.read_now_of(connection, customer, hashes, most=SHOWN_WAITING),
    )
    wanted = Asked(customer, tuple(RECEIPT_READERS), hashes, plain=part.plain)
    story = read_story(connection, wanted, after=part.after, most=part.most)
    return View(read_now(connection), who, story)


def _hashes(visit: Visit, profile: Mapping[str, Any]) -> Sequence[str]:
    """Of the addresses that he has now, whether he was ever written to there or not."""
    if visit.rules is None:
        return ()
    found = addresses_of(profile, visit.rules.policy)
    hasher = visit.house.parts.hasher
    return [
        hasher.address(CHANNELS[name], canonical(CHANNELS[name], address))
        for name, address in found.items()
        if address is not None
    ]


def _clock(visit: Visit, customer: str, profile: Mapping[str, Any]) -> Clock:
    if visit.rules is None:
        return Clock(Shown(visit).zone)
    return clock_of(Customer(customer, profile), visit.rules.policy)
