"""What do providers do to us in a run: how often, and what do their receipts look like?"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from tests.journeys.stage import Stage
from tests.standins.receipts import Receipt

TWILIO = (
    (0.003, {"kind": "429"}),
    (0.01, {"kind": "500_before"}),
    (0.02, {"kind": "500_after"}),
    (0.01, {"kind": "502_html"}),
    (0.01, {"kind": "drop"}),
    (0.02, {"kind": "accept_then_drop"}),
    (0.01, {"kind": "accept_then_html"}),
    (0.01, {"kind": "accept_then_silence", "seconds": 2.5}),
    (0.02, {"kind": "delay", "seconds": 0.7}),
    (0.01, {"kind": "delay", "seconds": 2.0}),
    (0.02, {"kind": "error", "status": 400, "code": 21612}),
)
SMTP = (
    (0.01, {"kind": "mail", "reply": "421 4.3.2 Not now"}),
    (0.02, {"kind": "rcpt", "reply": "450 4.2.1 Later"}),
    (0.01, {"kind": "rcpt", "reply": "550 5.1.1 Nobody"}),
    (0.01, {"kind": "data"}),
    (0.01, {"kind": "dot", "reply": "451 4.3.0 Later"}),
    (0.01, {"kind": "dot_after"}),
    (0.005, {"kind": "dot_after", "seconds": 4.0}),
)
PLANS: Sequence[tuple[int, Sequence[Receipt]]] = (
    (50, (Receipt("sent", 0.05), Receipt("delivered", 0.2))),
    (10, (Receipt("sent", -1), Receipt("delivered", 0.1))),
    (10, (Receipt("delivered", 0.05), Receipt("sent", 0.3), Receipt("queued", 0.4))),
    (10, (Receipt("sent"), Receipt("sent", 0.1), Receipt("delivered", 0.2), Receipt("delivered"))),
    (5, (Receipt("sent", 3.0), Receipt("delivered", 5.0))),
    (5, (Receipt("sent", 0.1), Receipt("undelivered", 0.5, code=30003))),
    (5, (Receipt("failed", -1, code=30008),)),
    (5, ()),
)


def storm(stage: Stage, seed: int) -> None:
    """Bad weather from here on."""
    dice = random.Random(seed)
    weights = [weight for weight, _ in PLANS]

    def plan(_message: dict[str, Any]) -> Sequence[Receipt]:
        return dice.choices(PLANS, weights)[0][1]

    stage.twilio.faults.weather(seed, TWILIO)
    stage.smtp.faults.weather(seed, SMTP)
    stage.twilio.receipts(plan)


def clear(stage: Stage) -> None:
    stage.twilio.faults.clear()
    stage.smtp.faults.clear()
