"""Is a cost exact, and is what has no price named instead of counted as nothing?"""

from __future__ import annotations

from decimal import Decimal

import pytest

from triggers.costs import Volume, cost_of
from triggers.definitions import EmailPolicy, Policy, SmsPolicy


def policy(sms: str | None, email: str | None, currency: str = "USD") -> Policy:
    return Policy(
        languages=("en",),
        categories={},
        sms=SmsPolicy(price=Decimal(sms) if sms else None),
        email=EmailPolicy(price=Decimal(email) if email else None),
        currency=currency,
    )


@pytest.mark.parametrize(
    ("volume", "prices", "told"),
    [
        (Volume(3, 0), policy("0.04", None), ("0.12", "USD")),
        (Volume(3, 2), policy("0.04", "0.0001"), ("0.1202", "USD")),
        (Volume(1_000_000, 0), policy("0.0079", None), ("7,900.00", "USD")),
        (Volume(0, 2), policy(None, "1.5"), ("3.00", "USD")),
        (Volume(10, 0), policy("0", None), ("0.00", "USD")),
        (Volume(1, 0), policy("0.04", None, ""), ("0.04", "")),
        (Volume(3, 2), policy("0.04", None), ("0.12", "USD, no price for email")),
        (Volume(3, 0), policy(None, "0.0001"), ("unknown", "no price for sms")),
        (Volume(3, 2), policy(None, None), ("unknown", "no price for sms and email")),
        (Volume(0, 0), policy("0.04", "0.0001"), None),
    ],
)
def test_what_is_sent_costs_so_much(
    volume: Volume, prices: Policy, told: tuple[str, str] | None
) -> None:
    cost = cost_of(volume, prices)

    assert (cost.told() if cost else None) == told


def test_a_million_small_prices_are_added_up_exactly() -> None:
    cost = cost_of(Volume(1_000_003), policy("0.000001", None))

    assert cost is not None
    assert cost.amount == Decimal("1.000003")
