"""How does what is due leave? By a claim of as many as may be on their way, then their calls."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial

from triggers.configuration import Configuration
from worker.bells import Bell
from worker.steps.claim import Claimed, claim
from worker.steps.deliver import deliver
from worker.waking import SOON, look_ahead
from worker.wiring import Parts


def send_due(parts: Parts) -> None:
    """One claim and its delivery; rings for what is left and for what our triggers heard."""
    configuration = parts.configuration()
    if configuration is None or parts.skew.too_large():
        return
    with ExitStack() as ending:
        with parts.turnstile.entered() as mine:
            slots = parts.slots.take() if mine else 0
            if not slots:
                return
            ending.callback(_end_claim, parts)
            claimed = _claim(parts, configuration, slots)
            asked = parts.slots.asked
        if claimed.more:
            parts.ring(Bell.CLAIM)
        if not claimed.letters:
            look_ahead(parts)
        delivering = parts.delivering(configuration, partial(_ended, parts))
        delivered = deliver(parts.engine, claimed.letters, delivering)
    if claimed.letters:
        # what failed is tried again, and what comes next was not looked for
        parts.ringer.ring_in(Bell.CLAIM, SOON)
    heard = claimed.heard or delivered.heard
    # whom the first bell has reached has no room perhaps, and we have it now
    unheard = claimed.more and parts.slots.asked == asked
    parts.ring_all({Bell.EVALUATE: heard, Bell.CLAIM: unheard or delivered.due})


def _claim(parts: Parts, configuration: Configuration, slots: int) -> Claimed:
    letters = 0
    try:
        claimed = claim(parts.engine, parts.claiming(configuration), limit=slots)
        letters = len(claimed.letters)
        return claimed
    finally:
        parts.slots.give_back(slots - letters)


def _end_claim(parts: Parts) -> None:
    parts.ring_all({Bell.CLAIM: parts.slots.end_claim()})


def _ended(parts: Parts, seconds: float) -> None:
    """A call is over: whoever found no room for another claim may find it now."""
    parts.ring_all({Bell.CLAIM: parts.slots.end_call(seconds)})
