"""How does what is due leave? By a claim of as many as may be on their way, then their calls."""

from __future__ import annotations

from worker.bells import Bell
from worker.steps.claim import claim
from worker.steps.deliver import deliver
from worker.wiring import Parts


def send_due(parts: Parts) -> None:
    """One claim and its delivery; rings for what is left and for what our triggers heard."""
    configuration = parts.configuration()
    if configuration is None or parts.skew.too_large():
        return
    held = slots = parts.slots.take()
    if not slots:
        return
    try:
        claimed = claim(parts.engine, parts.claiming(configuration), limit=slots)
        held = len(claimed.letters)
        parts.slots.give_back(slots - held)
        if claimed.more:
            parts.ring(Bell.CLAIM)
        delivered = deliver(parts.engine, claimed.letters, parts.delivering(configuration))
    finally:
        parts.slots.end_turn(held)
    heard = claimed.heard or delivered.heard
    parts.ring_all({Bell.EVALUATE: heard, Bell.CLAIM: claimed.more or delivered.due})
