"""Cases to ask the gates about: nothing speaks against them unless a test says so."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

from tests.triggers.worlds import JERUSALEM, at, event, trigger
from triggers.calendars.allowed import Whereabouts
from triggers.case import Case
from triggers.customers import Customer
from triggers.definitions import (
    AgentQueue,
    AgentRoute,
    Category,
    Limits,
    MessageRoute,
    Nights,
    Policy,
    Quiet,
    Rate,
    Trigger,
)
from triggers.facts import Occurrence
from triggers.shapes import Scope, Shape
from triggers.standing import PastClaim, Standing

NOON = at("2026-11-03 12:00")
NIGHT = at("2026-11-03 23:00")
DAY = timedelta(days=1)
ANY = Shape.from_schema({"type": "object"})
SCOPE = Scope({"event": ANY, "customer": ANY, "segment": ANY, "now": ANY})

POLICY = Policy(
    languages=("en",),
    categories={
        "service": Category("service", Quiet(Nights(time(21), time(8, 30)), resume=time(9))),
        "marketing": Category("marketing", consent_required=True, caps=(Rate(2, DAY),)),
        "urgent": Category("urgent", urgent=True),
    },
    agents={"retention": AgentQueue("retention")},
)
BOTH = Standing(addresses={"sms": "+972501234567", "email": "dana@customer.example"})
BY_BOTH = (MessageRoute("hello", ("sms", "email")),)
BY_PERSON = (AgentRoute("retention", "hello"),)


def case(**fields: Any) -> Case:
    started = event("start", "2026-11-03 11:00", "e1")
    given = {
        "trigger": trigger(send=BY_BOTH),
        "occurrence": Occurrence("once", started, started, NOON, NOON + DAY),
        "customer": Customer("c1"),
        "standing": BOTH,
        "policy": POLICY,
        "where": Whereabouts(zones=(JERUSALEM,), country="IL"),
        "now": NOON,
        "key": "k",
    }
    return Case(**{**given, **fields})


def limited(send: Any = BY_BOTH, **limits: Any) -> Trigger:
    return trigger(send=send, limits=Limits(**{"category": "service", **limits}))


def claimed(ago: timedelta, category: str = "service", by: str = "t", *whom: str) -> PastClaim:
    return PastClaim(NOON - ago, category, by, frozenset(whom or {"customer", "sms"}))
