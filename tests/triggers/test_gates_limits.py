"""Rule 7 of the language: the gates that count, draw and hold back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.triggers.cases import (
    BOTH,
    BY_BOTH,
    BY_PERSON,
    DAY,
    NIGHT,
    NOON,
    case,
    claimed,
    limited,
)
from tests.triggers.worlds import BY_SMS, trigger
from triggers.chance import share
from triggers.customers import Consent
from triggers.definitions import (
    MessageRoute,
    Mode,
)
from triggers.gates import ask
from triggers.standing import (
    PastClaim,
    Standing,
    pace_name,
    queue_name,
    rate_name,
    spend_name,
)
from triggers.verdicts import HandOver, Later, Never, Outcome, Reason, Send


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
    at_night = ask(case(standing=replace(BOTH, paused=frozenset({"*"})), now=NIGHT))
    assert isinstance(at_night, Later)
    assert at_night.reason is Reason.PAUSED


def test_a_person_is_asked_without_address_consent_or_caps() -> None:
    nobody_reachable = Standing(suppressed=frozenset({("sms", "*"), ("email", "*")}))

    verdict = ask(case(trigger=limited(BY_PERSON, category="marketing"), standing=nobody_reachable))

    assert verdict == HandOver(BY_PERSON[0])


def test_one_route_by_sms_needs_a_phone() -> None:
    only_email = Standing(addresses={"email": "dana@customer.example"})

    assert ask(case(trigger=trigger(send=BY_SMS), standing=only_email)) == Later(
        NOON + DAY, Reason.NO_ADDRESS, "sms: not chosen"
    )


@pytest.mark.parametrize("trigger_s_own", ["", "t"])
def test_what_cannot_be_paid_for_waits_until_there_is_room_urgent_or_not(
    trigger_s_own: str,
) -> None:
    room = NOON + timedelta(hours=5)
    spent = replace(BOTH, busy_until={spend_name("sms", trigger_s_own): room})

    assert ask(case(trigger=limited(category="urgent"), standing=spent)) == Later(
        room, Reason.SPEND
    )
    for other in (spend_name("email"), spend_name("sms", "another")):
        free = replace(BOTH, busy_until={other: room})
        assert isinstance(ask(case(standing=free)), Send)
