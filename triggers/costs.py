"""What will so many messages cost, as far as the policy names prices?"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from triggers.definitions import EmailPolicy, Policy, SmsPolicy

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Volume:
    """What a provider counts: the segments of SMS, and emails."""

    segments: int = 0
    emails: int = 0

    def __add__(self, other: Volume) -> Volume:
        return Volume(self.segments + other.segments, self.emails + other.emails)


@dataclass(frozen=True, slots=True)
class Cost:
    """`amount` None: nothing of it has a price. `unpriced`: channels that are not in it."""

    amount: Decimal | None
    currency: str
    unpriced: tuple[str, ...] = ()

    def told(self) -> tuple[str, str]:
        """The amount, exact and with two decimals at least; and in what, without what."""
        missing = f"no price for {' and '.join(self.unpriced)}" if self.unpriced else ""
        if self.amount is None:
            return UNKNOWN, missing
        return _digits(self.amount), ", ".join(word for word in (self.currency, missing) if word)


def cost_of(volume: Volume, policy: Policy) -> Cost | None:
    """An estimate: providers' prices differ by country and network. None: nothing was sent."""
    counted = (
        ("sms", volume.segments, policy.sms.price),
        ("email", volume.emails, policy.email.price),
    )
    used = [one for one in counted if one[1]]
    if not used:
        return None
    paid = [number * price for _, number, price in used if price is not None]
    unpriced = tuple(channel for channel, _, price in used if price is None)
    return Cost(sum(paid, Decimal()) if paid else None, policy.currency, unpriced)


def price_of(policy: Policy, channel: str, segments: int) -> Decimal | None:
    """Of one message; None where the policy has no price for it."""
    if channel == "sms":
        return None if policy.sms.price is None else segments * policy.sms.price
    return policy.email.price


def dearest(sms: SmsPolicy, email: EmailPolicy, channel: str) -> Decimal | None:
    """Of the longest message that there may be."""
    if channel == "sms":
        return None if sms.price is None else sms.max_segments * sms.price
    return email.price


def _digits(amount: Decimal) -> str:
    exponent = amount.normalize().as_tuple().exponent
    places = max(2, -exponent) if isinstance(exponent, int) else 2
    return f"{amount:,.{places}f}"
