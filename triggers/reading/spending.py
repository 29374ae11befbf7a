"""How much may be spent, in all and by each trigger?"""

from __future__ import annotations

from decimal import Decimal

from triggers.costs import dearest
from triggers.definitions import CHANNELS, Budget, EmailPolicy, SmsPolicy
from triggers.reading.fields import Form, form
from triggers.reading.quantities import budget

SPEND_KEYS = ("total", "trigger")


def read_spend(
    policy: Form, sms: SmsPolicy, email: EmailPolicy
) -> tuple[Budget | None, Budget | None]:
    """In all, and by one trigger."""
    node = policy.get("spend")
    opened = form(node, policy.notes, known=SPEND_KEYS) if node else None
    if opened is None:
        return None, None
    prices = [dearest(sms, email, channel) for channel in CHANNELS]
    known = [price for price in prices if price]
    if not known:
        policy.notes.warn(policy.key("spend"), "counts nothing: neither sms nor email has a price")
    return _one(opened, "total", known), _one(opened, "trigger", known)


def _one(opened: Form, key: str, prices: list[Decimal]) -> Budget | None:
    found: Budget | None = opened.maybe(key, budget)
    most = max(prices, default=Decimal())
    if found is not None and found.amount < most:
        told = f"{found.amount} is less than the longest message costs, {most}: it would never go"
        opened.notes.wrong(opened.key(key), told)
        return None
    return found
