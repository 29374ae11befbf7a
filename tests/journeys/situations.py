"""The five situations the project exists for: what is published, and what must then be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.journeys.stage import ago, event, in_days

Events = list[dict[str, Any]]


@dataclass(frozen=True)
class Situation:
    """`ripe(id, customer)` speaks within seconds; `early` waits long; `exit` calls that off.

    `words` are what the customer must read, by language.
    """

    trigger: str
    ripe: Callable[[str, str], Events]
    early: Callable[[str, str], Events]
    exit: Callable[[str, str], Events]
    words: dict[str, str]


def _plan(key: str, who: str, days: int) -> Events:
    data = {"plan_id": key, "status": "active", "auto_renew": False, "end_date": in_days(days)}
    return [event(f"{key}-plan", "payment_plan.updated", who, ago(seconds=5), **data)]


def _checks(key: str, who: str, last: float) -> Events:
    return [
        event(
            f"{key}-check-{number}", "check.deposited", who, ago(minutes=last + 20 - number),
            account_id=key, check_number=str(1000 + number),
        )
        for number in range(1, 21)
    ]  # fmt: skip


SITUATIONS = (
    Situation(
        "payment_plan_ending",
        ripe=lambda key, who: _plan(key, who, 6),
        early=lambda key, who: _plan(key, who, 30),
        exit=lambda key, who: [
            event(f"{key}-renewed", "payment_plan.renewed", who, ago(), plan_id=key)
        ],
        words={"he": "תוכנית התשלומים שלך מסתיימת", "en": "Your payment plan"},
    ),
    Situation(
        "abandoned_checkout",
        ripe=lambda key, who: [
            event(
                f"{key}-cart", "checkout.started", who, ago(minutes=59.98), cart_id=key, total=250
            )
        ],
        early=lambda key, who: [
            event(f"{key}-cart", "checkout.started", who, ago(), cart_id=key, total=250)
        ],
        exit=lambda key, who: [event(f"{key}-paid", "checkout.completed", who, ago(), cart_id=key)],
        words={"he": "פרסומת", "en": "Advertisement"},
    ),
    Situation(
        "low_checkbook",
        ripe=lambda key, who: _checks(key, who, last=59.98),
        early=lambda key, who: _checks(key, who, last=0),
        exit=lambda key, who: [
            event(f"{key}-book", "checkbook.ordered", who, ago(), account_id=key)
        ],
        words={"he": "נותרו מעט שיקים", "en": "checkbook is running low"},
    ),
    Situation(
        "claim_opened",
        ripe=lambda key, who: [
            event(f"{key}-claim", "claim.opened", who, ago(seconds=59), claim_id=key, kind="car")
        ],
        early=lambda key, who: [
            event(f"{key}-claim", "claim.opened", who, ago(), claim_id=key, kind="car")
        ],
        exit=lambda key, who: [event(f"{key}-filed", "claim.filed", who, ago(), claim_id=key)],
        words={"he": "נפתחה", "en": "how to file it"},
    ),
    Situation(
        "service_call_survey",
        ripe=lambda key, who: [
            event(f"{key}-call", "service_call.ended", who, ago(days=2), call_id=key)
        ],
        early=lambda key, who: [
            event(f"{key}-call", "service_call.ended", who, ago(), call_id=key)
        ],
        exit=lambda key, who: [
            event(f"{key}-again", "support.contacted", who, ago(), channel="call")
        ],
        words={"he": "פתרה את העניין", "en": "settle the matter"},
    ),
)
