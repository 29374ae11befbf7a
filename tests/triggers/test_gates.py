"""Rule 7 of the language: the gates, their order, and the reason each gives."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.triggers.cases import (
    BOTH,
    BY_BOTH,
    BY_PERSON,
    DAY,
    NIGHT,
    NOON,
    POLICY,
    SCOPE,
    case,
    limited,
)
from tests.triggers.worlds import at, trigger
from triggers.conditions import Condition
from triggers.customers import Consent, Customer
from triggers.definitions import (
    AgentRoute,
    Mode,
)
from triggers.gates import ask
from triggers.standing import Standing
from triggers.verdicts import HandOver, Later, Never, Reason, Send


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
