"""How many fewer customers contact us because we wrote to them, and how sure is that?

Two arms of customers, drawn by chance: those written to, and those held out. The interval of the
difference of their shares is Newcombe's hybrid score (method 10, Statistics in Medicine 17, 1998):
it stays within what is possible, and holds where few contact us, as the simplest one does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import ceil, sqrt
from statistics import NormalDist

CONFIDENCE = 0.95
EVEN = 0.999
"""So sure it must be that the arms do not stand as they were drawn, before that is said."""


class Finding(StrEnum):
    """What can be said of a trigger. docs/report.md explains each."""

    NO_CONTROL = "no_control"
    NOT_YET = "not_yet"
    TOO_SMALL = "too_small"
    CANNOT_TELL = "cannot_tell"
    FEWER_CALLS = "fewer_calls"
    MORE_CALLS = "more_calls"


@dataclass(frozen=True, slots=True)
class Arm:
    """Customers whose time is over, and how many of them contacted us in it."""

    customers: int = 0
    contacted: int = 0

    @property
    def share(self) -> float | None:
        return self.contacted / self.customers if self.customers else None


@dataclass(frozen=True, slots=True)
class Span:
    """An estimate, and the lowest and the highest that fit what was seen."""

    estimate: float
    low: float
    high: float

    def times(self, factor: float) -> Span:
        """`factor` is not negative."""
        return Span(self.estimate * factor, self.low * factor, self.high * factor)


@dataclass(frozen=True, slots=True)
class Aim:
    """What a sample should be able to show: that this share of the contacts is saved, so often."""

    smallest: float = 0.2
    power: float = 0.8


@dataclass(frozen=True, slots=True)
class Needed:
    """So many customers of each arm, their time over, for the aim."""

    messaged: int
    held_out: int


@dataclass(frozen=True, slots=True)
class Effect:
    """`difference`: the share of those held out who contacted us, less that of those written to;
    above zero: fewer calls. `prevented`: customers among those written to who did not have to call.

    None of the three is there without a control. `enough`: the sample is as large as is needed.
    """

    finding: Finding
    messaged: Arm
    held_out: Arm
    difference: Span | None = None
    prevented: Span | None = None
    needed: Needed | None = None
    enough: bool = False


def compare(messaged: Arm, held_out: Arm, *, drawn: int, share: float, aim: Aim) -> Effect:
    """`drawn`: so many were held out at all, closed or not; `share`: so many are to be."""
    if not drawn:
        return Effect(Finding.NO_CONTROL, messaged, held_out)
    needed = customers_needed(held_out.share or 0.0, share, aim)
    if not messaged.customers or not held_out.customers:
        return Effect(Finding.NOT_YET, messaged, held_out, needed=needed)
    enough = (
        needed is not None
        and messaged.customers >= needed.messaged
        and held_out.customers >= needed.held_out
    )
    found = difference(held_out, messaged)
    return Effect(
        finding=_finding(found, enough=enough),
        messaged=messaged,
        held_out=held_out,
        difference=found,
        prevented=found.times(messaged.customers),
        needed=needed,
        enough=enough,
    )


def _finding(found: Span, *, enough: bool) -> Finding:
    if found.low > 0:
        return Finding.FEWER_CALLS
    if found.high < 0:
        return Finding.MORE_CALLS
    return Finding.CANNOT_TELL if enough else Finding.TOO_SMALL


def difference(one: Arm, other: Arm, *, confidence: float = CONFIDENCE) -> Span:
    """The share of `one` less that of `other`; neither arm is empty."""
    p, (low, high) = one.contacted / one.customers, wilson(one, confidence)
    q, (least, most) = other.contacted / other.customers, wilson(other, confidence)
    below = sqrt((p - low) ** 2 + (most - q) ** 2)
    above = sqrt((high - p) ** 2 + (q - least) ** 2)
    return Span(p - q, p - q - below, p - q + above)


def wilson(arm: Arm, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The score interval of one arm's share; the arm is not empty."""
    n, z = arm.customers, _quantile((1 + confidence) / 2)
    p = arm.contacted / n
    middle = p + z * z / (2 * n)
    reach = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = (middle - reach) / (1 + z * z / n), (middle + reach) / (1 + z * z / n)
    # beyond the share itself only by rounding, where nobody or everybody did
    return min(max(low, 0.0), p), max(min(high, 1.0), p)


def customers_needed(rate: float, share: float, aim: Aim) -> Needed | None:
    """`rate`: of those held out who contact us; None where it, or the arms, say nothing.

    By the usual formula for two shares, for arms of which one is larger.
    """
    if not 0 < rate < 1 or not 0 < share < 1:
        return None
    ratio = (1 - share) / share
    saved = rate * (1 - aim.smallest)
    pooled = (rate + ratio * saved) / (1 + ratio)
    by_chance = _quantile((1 + CONFIDENCE) / 2) * sqrt(pooled * (1 - pooled) * (1 + 1 / ratio))
    by_effect = _quantile(aim.power) * sqrt(rate * (1 - rate) + saved * (1 - saved) / ratio)
    held_out = ((by_chance + by_effect) / (rate - saved)) ** 2
    return Needed(ceil(held_out * ratio), ceil(held_out))


def uneven(drawn: int, of: int, share: float) -> bool:
    """Whether so many held out, of so many, are hardly the share that the trigger holds out.

    Then the arms were not drawn alike: the holdout was changed meanwhile, or rows are missing.
    """
    if not of:
        return False
    low, high = wilson(Arm(of, drawn), EVEN)
    return not low <= share <= high


def _quantile(probability: float) -> float:
    return NormalDist().inv_cdf(probability)
