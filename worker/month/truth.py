"""How do messages change who calls? Here it is known, as nowhere else: the report is to find it."""

from __future__ import annotations

from typing import NamedTuple


class Truth(NamedTuple):
    """Of customers in this situation, the share who contact the service desk about it."""

    without: float
    messaged: float
    topic: str


TRUTHS = {
    "abandoned_checkout": Truth(0.62, 0.1, "order"),
    "payment_plan_ending": Truth(0.3, 0.12, "payment plan"),
    "low_checkbook": Truth(0.25, 0.18, "checkbook"),
    "claim_opened": Truth(0.35, 0.1, "claim"),
}
"""By trigger. Only who is held out tells the two shares apart; where nobody is, nobody can know."""

ANYHOW = 0.05
"""Of all customers, those who call about something else."""
