"""Dossiers to explain: one customer, one trigger, and what was stored of both."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from tests.triggers.configurations import bank
from tests.triggers.worlds import JERUSALEM, at, event
from triggers.calendars.allowed import Whereabouts
from triggers.configuration import Configuration, read_configuration
from triggers.customers import Customer
from triggers.events import Event
from triggers.explaining.account import account
from triggers.explaining.known import Dossier, Occurred, Rules
from triggers.explaining.settings import Files
from triggers.explaining.silence import OfKey
from triggers.explaining.told import OfTrigger
from triggers.explaining.tongue import Tongue
from triggers.facts import Spent
from triggers.matching import Matcher

POLICY = """\
languages: [en, he]
timezone: Asia/Jerusalem
currency: USD
categories:
  service: {quiet: nightly}
  marketing: {consent: required, caps: [2 per 1d, 5 per 7d]}
segments:
  senior: customer.age >= 70
quiet:
  nightly: {nights: 21:00 to 08:30}
agents:
  retention: {capacity: 40 per 1d, open: 20}
sms: {rate: 10 per 1s, price: 0.04}
fuse: {customer: 6 per 1h, trigger: 1000 per 1h}
spend: {total: 500 per 1d}
"""
PLAN = """\
trigger: plan_ending
about: A plan ends soon.
on: plan.updated
key: event.data.plan_id
when: event.data.status == "active" and event.data.amount >= 100
wait: 7d before event.data.end_date at 10:00
unless: plan.renewed
send:
  - {when: segment.senior, agent: retention, due: 1d}
  - {message: plan_ending, by: [sms, email]}
limits: {category: service, expires: 5d, cooldown: 7d, holdout: 10%, ramp: 50%, pace: 9 per 1h}
"""
COUNT = """\
trigger: calls
on: call.ended
key: event.data.caller
count: {reach: 4, within: 30d, distinct: event.data.call_id}
send: [{message: hello, by: [sms]}]
limits: {category: service}
"""
ONCE = """\
trigger: once_only
on: call.ended
key: event.data.caller
wait: 1h
send: [{message: offer, by: [sms]}]
limits: {category: marketing}
"""
NOON = at("2026-11-03 12:00")
LATER = at("2026-11-20 12:00")
WHERE = Whereabouts(zones=(JERUSALEM,), country="IL")


OFFER = "Advertisement: an offer. {{ links.unsubscribe }}"


@cache
def files() -> dict[str, str]:
    return bank(
        {
            "config/outreach.yaml": POLICY,
            "config/triggers/plan_ending.yaml": PLAN,
            "config/triggers/calls.yaml": COUNT,
            "config/triggers/once_only.yaml": ONCE,
            "templates/offer/sms.en.txt": OFFER,
        }
    )


@cache
def configuration() -> Configuration:
    return read_configuration(files())


def rules(trigger: str = "plan_ending") -> Rules:
    found = configuration()
    return Rules("b" * 32, found.triggers[trigger], found.policy, Files(files()))


def plan(id_: str = "e1", time: str = "2026-11-03 12:00", **data: Any) -> Event:
    given = {"plan_id": "p1", "status": "active", "amount": 200, "end_date": "2026-12-01"} | data
    kept = {name: value for name, value in given.items() if value is not None}
    return event("plan.updated", time, id_, data=kept)


def call(id_: str, time: str = "2026-11-03 12:00", **data: Any) -> Event:
    given = {"caller": "c1", "call_id": id_} | data
    kept = {name: value for name, value in given.items() if value is not None}
    return event("call.ended", time, id_, data=kept)


def dossier(
    trigger: str,
    facts: Sequence[Event] = (),
    *,
    spent: Sequence[Spent] = (),
    profile: dict[str, Any] | None = None,
    born: datetime | None = None,
    **more: Any,
) -> Dossier:
    """The facts are sorted to their keys as the store keeps them."""
    of = rules(trigger)
    matcher = Matcher([of.trigger])
    keys: dict[str, list[Event]] = {}
    for one in facts:
        for _, key in matcher.touched(one):
            if key is not None:
                keys.setdefault(key.key, []).append(one)
    known = {
        key: OfKey(of.trigger, key, JERUSALEM, heard, spent, born) for key, heard in keys.items()
    }
    customer = Customer("c1", profile or {})
    return Dossier(of, lambda _moment: customer, WHERE, LATER, keys=known, born=born, **more)


def occurred(state: str, trigger: str = "plan_ending", **more: Any) -> Occurred:
    given: dict[str, Any] = {
        "key": "p1",
        "epoch": "2026-12-01",
        "at": NOON,
        "rules": rules(trigger),
    } | more
    return Occurred(state=state, **given)


def told(of: Dossier, lang: str = "en") -> OfTrigger:
    return account(of, Tongue(lang, JERUSALEM))
