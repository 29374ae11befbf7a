"""Rule 7 of the language: the gates, their order, and the reason each gives."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest

from tests.triggers.worlds import BY_SMS, JERUSALEM, at, event, trigger
from triggers.calendars.allowed import Whereabouts
from triggers.case import Case
from triggers.chance import share
from triggers.conditions import Condition
from triggers.customers import Consent, Customer
from triggers.definitions import (
    AgentQueue,
    AgentRoute,
    Category,
    Limits,
    MessageRoute,
    Mode,
    Nights,
    Policy,
    Quiet,
    Rate,
    Trigger,
)
from triggers.facts import Occurrence
from triggers.gates import ask
from triggers.shapes import Scope, Shape
from triggers.standing import PastClaim, Standing, pace_name, queue_name, rate_name
from triggers.verdicts import HandOver, Later, Never, Outcome, Reason, Send

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


def test_what_nothing_speaks_against_is_sent_by_the_first_channel_and_then_the_next() -> None:
    assert ask(case()) == Send(BY_BOTH[0], ("sms", "email"))


def test_what_the_timeline_no_longer_holds_was_called_off() -> None:
    assert ask(case(occurrence=None)) == Never(Reason.CALLED_OFF)


def test_what_has_expired_is_never_sent() -> None:
    assert ask(case(now=NOON + DAY)) == Never(Reason.EXPIRED)
    assert isinstance(ask(case(now=NOON + DAY - timedelta(microseconds=1))), Send)


def test_a_trigger_that_is_off_says_nothing() -> None:
    assert ask(case(trigger=limited(mode=Mode.OFF))) == Never(Reason.MODE_OFF)


def test_the_first_route_whose_condition_holds_is_taken() -> None:
    older = replace(BY_PERSON[0], when=Condition("customer.age >= 70", SCOPE))
    routes = trigger(send=(older, *BY_BOTH))

    young, old = Customer("c1", {"age": 30}), Customer("c1", {"age": 81})

    assert isinstance(ask(case(trigger=routes, customer=young)), Send)
    assert ask(case(trigger=routes, customer=old)) == HandOver(older)
    assert isinstance(ask(case(trigger=routes, customer=Customer("c1"))), Send), "age unknown"


def test_without_a_route_nothing_is_sent() -> None:
    only_old = replace(BY_PERSON[0], when=Condition("customer.age >= 70", SCOPE))

    assert ask(case(trigger=trigger(send=(only_old,)))) == Never(Reason.NO_ROUTE)


def test_who_wants_people_only_gets_a_person() -> None:
    shy = Customer("c1", {"agent_only": True})

    assert ask(case(customer=shy)) == HandOver(AgentRoute("retention", "hello"))
    nobody = replace(POLICY, agents={})
    assert ask(case(customer=shy, policy=nobody)) == Never(
        Reason.NO_ROUTE, "agent_only, and no queue of people"
    )


def test_without_an_address_it_waits_until_it_expires() -> None:
    verdict = ask(case(standing=Standing(unusable={"sms": "no phone"})))

    assert verdict == Later(NOON + DAY, Reason.NO_ADDRESS, "sms: no phone, email: not chosen")


def test_the_customers_own_order_of_channels_comes_first() -> None:
    prefers = Customer("c1", {"channels": ["email", "sms"]})
    only = Customer("c1", {"channels": ["email"]})

    assert ask(case(customer=prefers)) == Send(BY_BOTH[0], ("email", "sms"))
    assert ask(case(customer=only)) == Send(BY_BOTH[0], ("email",))


@pytest.mark.parametrize("category", ["*", "service"])
def test_a_suppressed_channel_is_left_out_and_all_of_them_are_a_never(category: str) -> None:
    one = replace(BOTH, suppressed=frozenset({("sms", category)}))
    both = replace(BOTH, suppressed=frozenset({("sms", category), ("email", category)}))

    assert ask(case(standing=one)) == Send(BY_BOTH[0], ("email",))
    assert ask(case(standing=both)) == Never(Reason.SUPPRESSED, "sms, email")


def test_a_suppression_of_another_category_says_nothing_here() -> None:
    other = replace(BOTH, suppressed=frozenset({("sms", "marketing"), ("email", "marketing")}))

    assert isinstance(ask(case(standing=other)), Send)


def test_urgent_passes_quiet_hours_but_never_an_opt_out() -> None:
    stopped = replace(BOTH, suppressed=frozenset({("sms", "*"), ("email", "*")}))
    urgent = limited(category="urgent")

    assert isinstance(ask(case(trigger=urgent, now=NIGHT)), Send)
    assert ask(case(trigger=urgent, standing=stopped)) == Never(Reason.SUPPRESSED, "sms, email")


def test_advertising_needs_a_consent_and_service_only_no_refusal() -> None:
    advert = limited(category="marketing")
    agreed = replace(BOTH, consents=(Consent("marketing", True),))
    by_email = replace(BOTH, consents=(Consent("marketing", True, "email"),))
    refused = replace(BOTH, consents=(Consent("service", False),))

    assert ask(case(trigger=advert)) == Never(Reason.NO_CONSENT, "marketing")
    assert isinstance(ask(case(trigger=advert, standing=agreed)), Send)
    assert ask(case(trigger=advert, standing=by_email)) == Send(BY_BOTH[0], ("email",))
    assert ask(case(standing=refused)) == Never(Reason.NO_CONSENT, "service")


def test_the_full_condition_is_asked_of_the_customer_as_he_is_now() -> None:
    when = Condition("customer.tier == 'gold'", SCOPE)
    asked = trigger(send=BY_BOTH, when=when)

    assert isinstance(ask(case(trigger=asked, customer=Customer("c1", {"tier": "gold"}))), Send)
    assert ask(case(trigger=asked, customer=Customer("c1", {"tier": "tin"}))) == Never(
        Reason.WHEN_FALSE
    )
    assert ask(case(trigger=asked)) == Never(Reason.WHEN_FALSE, "unknown: customer.tier")


@pytest.mark.parametrize("scope", ["*", "channel:sms", "category:service", "trigger:t"])
def test_a_pause_puts_off_what_it_covers(scope: str) -> None:
    verdict = ask(case(standing=replace(BOTH, paused=frozenset({scope}))))

    assert verdict == Later(NOON + timedelta(minutes=1), Reason.PAUSED, scope)


@pytest.mark.parametrize("scope", ["channel:email", "category:marketing", "trigger:other"])
def test_a_pause_of_something_else_puts_nothing_off(scope: str) -> None:
    assert isinstance(ask(case(standing=replace(BOTH, paused=frozenset({scope})))), Send)


def test_in_quiet_hours_it_waits_for_their_end() -> None:
    occurrence = replace(case().waiting, expires=NIGHT + DAY)

    verdict = ask(case(now=NIGHT, occurrence=occurrence))

    assert verdict == Later(at("2026-11-04 09:00"), Reason.QUIET)


def test_nothing_is_put_off_past_the_moment_it_expires() -> None:
    soon = replace(case().waiting, expires=NIGHT + timedelta(hours=1))

    assert ask(case(now=NIGHT, occurrence=soon)) == Later(NIGHT + timedelta(hours=1), Reason.QUIET)


@pytest.mark.parametrize(
    ("send", "name", "reason"),
    [
        (BY_BOTH, pace_name("t"), Reason.PACE),
        (BY_BOTH, rate_name("sms"), Reason.RATE),
        (BY_PERSON, pace_name("t"), Reason.PACE),
        (BY_PERSON, queue_name("retention"), Reason.PACE),
    ],
)
def test_a_rate_that_is_used_up_puts_off_until_it_has_room(
    send: Any, name: str, reason: Reason
) -> None:
    room = NOON + timedelta(minutes=7)
    busy = replace(BOTH, busy_until={name: room})

    assert ask(case(trigger=limited(send), standing=busy)) == Later(room, reason)
    freed = replace(BOTH, busy_until={name: NOON})
    assert not isinstance(ask(case(trigger=limited(send), standing=freed)), Later)


def test_a_broken_sender_is_waited_for() -> None:
    again = NOON + timedelta(minutes=3)

    assert ask(case(standing=replace(BOTH, broken_until={"sms": again}))) == Later(
        again, Reason.BREAKER
    )


def test_cooldown_is_per_trigger_and_customer_whatever_the_key() -> None:
    cool = limited(cooldown=timedelta(days=7))

    def after(*claims: PastClaim) -> object:
        return ask(case(trigger=cool, standing=replace(BOTH, claims=claims)))

    assert after(claimed(timedelta(days=6))) == Never(Reason.COOLDOWN)
    assert isinstance(after(claimed(timedelta(days=7))), Send)
    assert isinstance(after(claimed(timedelta(days=1), "service", "other")), Send)
    shared_phone = claimed(timedelta(days=1), "service", "t", "sms")
    assert isinstance(after(shared_phone), Send), "another customer's on the same phone"


def test_caps_count_claims_of_the_category_by_customer_and_by_address() -> None:
    advert = limited(category="marketing")
    agreed = replace(BOTH, consents=(Consent("marketing", True),))

    def after(*claims: PastClaim) -> object:
        return ask(case(trigger=advert, standing=replace(agreed, claims=claims)))

    mine = [claimed(timedelta(hours=hour), "marketing", "x", "customer") for hour in (1, 23)]
    phones = [claimed(timedelta(hours=hour), "marketing", "x", "sms") for hour in (1, 23)]
    assert after(*mine) == Never(Reason.CAP, "marketing")
    assert isinstance(after(mine[0], claimed(timedelta(hours=24), "marketing", "x")), Send)
    assert isinstance(after(*[claimed(timedelta(hours=1)) for _ in range(3)]), Send)
    assert after(*phones) == Send(BY_BOTH[0], ("email",)), "the phone has had enough"


def test_a_ramp_lets_a_stable_share_through_and_a_holdout_keeps_one_back() -> None:
    drawn = {purpose: share("salt", purpose, "t", "c1") for purpose in ("ramp", "holdout")}
    salted = replace(BOTH, salt="salt")

    def verdict(**limits: Any) -> object:
        return ask(case(trigger=limited(**limits), standing=salted))

    assert verdict(ramp=drawn["ramp"]) == Never(Reason.RAMP)
    assert isinstance(verdict(ramp=drawn["ramp"] + 0.001), Send)
    assert verdict(holdout=drawn["holdout"] + 0.001) == Never(Reason.HOLDOUT)
    assert isinstance(verdict(holdout=drawn["holdout"]), Send)
    assert Never(Reason.HOLDOUT).outcome is Outcome.HELD_OUT


def test_the_share_of_each_arm_is_what_the_limits_say() -> None:
    held = sum(share("salt", "holdout", "t", f"c{n}") < 0.1 for n in range(20_000))

    assert 1_850 < held < 2_150


def test_a_shadow_does_everything_but_send() -> None:
    assert ask(case(trigger=limited(mode=Mode.SHADOW))) == Never(Reason.SHADOW)
    stopped = replace(BOTH, suppressed=frozenset({("sms", "*"), ("email", "*")}))
    assert ask(case(trigger=limited(mode=Mode.SHADOW), standing=stopped)) == Never(
        Reason.SUPPRESSED, "sms, email"
    )


def test_the_fuse_holds_whatever_the_rest_believes() -> None:
    six = tuple(claimed(timedelta(minutes=10 * n), "urgent", f"x{n}") for n in range(6))

    verdict = ask(case(trigger=limited(category="urgent"), standing=replace(BOTH, claims=six)))

    assert verdict == Later(NOON + timedelta(minutes=10), Reason.FUSE, "customer")


def test_a_retry_keeps_its_route_and_the_channels_that_are_left() -> None:
    left = MessageRoute("hello", ("email",))

    assert ask(case(route=left)) == Send(left, ("email",))


def test_of_several_objections_the_first_in_the_order_wins() -> None:
    everything = replace(
        BOTH,
        suppressed=frozenset({("sms", "*"), ("email", "*")}),
        paused=frozenset({"*"}),
    )
    off = limited(mode=Mode.OFF)

    assert ask(case(trigger=off, standing=everything, now=NOON + DAY)) == Never(Reason.EXPIRED)
    assert ask(case(trigger=off, standing=everything)) == Never(Reason.MODE_OFF)
    assert ask(case(standing=everything)) == Never(Reason.SUPPRESSED, "sms, email")
    assert ask(case(standing=replace(BOTH, paused=frozenset({"*"})), now=NIGHT)).reason is (  # type: ignore[union-attr]
        Reason.PAUSED
    )


def test_a_person_is_asked_without_address_consent_or_caps() -> None:
    nobody_reachable = Standing(suppressed=frozenset({("sms", "*"), ("email", "*")}))

    verdict = ask(case(trigger=limited(BY_PERSON, category="marketing"), standing=nobody_reachable))

    assert verdict == HandOver(BY_PERSON[0])


def test_one_route_by_sms_needs_a_phone() -> None:
    only_email = Standing(addresses={"email": "dana@customer.example"})

    assert ask(case(trigger=trigger(send=BY_SMS), standing=only_email)) == Later(
        NOON + DAY, Reason.NO_ADDRESS, "sms: not chosen"
    )
