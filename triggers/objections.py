"""What can speak against sending now? Each objection is None, or a verdict with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from triggers.calendars.allowed import release
from triggers.case import Case
from triggers.chance import share
from triggers.definitions import Mode
from triggers.standing import EVERYTHING, PastClaim, calls_name, fuse_name, spend_name
from triggers.verdicts import Never, Reason, Verdict

CUSTOMER = "customer"
"""The subject of a past claim that counts against the customer, whatever address it used."""

CALLS_WAIT = "calls wait:"
"""Begins the detail of what waits until people have ended some of the calls they have."""

PAUSE_ASKED_AGAIN = timedelta(minutes=1)
"""A pause has no end that we know; whoever ends it wakes what waits."""


def full_when(case: Case) -> Verdict | None:
    when = case.trigger.when
    if when is None or when.holds(case.env):
        return None
    unknown = when.unknown_fields(case.env)
    return Never(Reason.WHEN_FALSE, f"unknown: {', '.join(unknown)}" if unknown else "")


def paused(case: Case, channel: str | None) -> Verdict | None:
    """A message waits for the channel it would take; none slips out by another meanwhile."""
    scopes = {EVERYTHING, f"category:{case.category.name}", f"trigger:{case.trigger.name}"}
    if channel:
        scopes.add(f"channel:{channel}")
    found = sorted(scopes & case.standing.paused)
    if not found:
        return None
    return case.later(case.now + PAUSE_ASKED_AGAIN, Reason.PAUSED, found[0])


def quiet(case: Case) -> Verdict | None:
    quiet = case.category.quiet
    if quiet is None or case.category.urgent:
        return None
    moment = release(
        quiet,
        case.now,
        where=case.where,
        switches=case.customer.profile.get("quiet"),
        occurrence="\x1f".join((case.trigger.name, case.customer.id, case.key, case.waiting.epoch)),
        priority=case.trigger.limits.priority,
    )
    return None if moment is None else case.later(moment, Reason.QUIET)


def busy(case: Case, names: Sequence[str], reason: Reason = Reason.PACE) -> Verdict | None:
    full = case.standing.busy_until
    if not full:
        return None
    until = max((full[one] for one in names if one in full), default=case.now)
    return None if until <= case.now else case.later(until, reason)


def calls(case: Case, queue: str) -> Verdict | None:
    """Whether people have more to do than they can: no trigger makes it worse."""
    until = case.standing.busy_until.get(calls_name(queue))
    if until is None or until <= case.now:
        return None
    return case.later(until, Reason.PACE, f"{CALLS_WAIT} {queue}")


def broken(case: Case, channel: str) -> Verdict | None:
    until = case.standing.broken_until.get(channel)
    return None if until is None or until <= case.now else case.later(until, Reason.BREAKER)


def cooldown(case: Case) -> Verdict | None:
    cooldown = case.trigger.limits.cooldown
    if cooldown is None:
        return None
    since = case.now - cooldown
    # by the customer alone: what another one got at a shared address is no reason for silence
    for claim in case.standing.claims:
        if claim.trigger == case.trigger.name and claim.at > since and CUSTOMER in claim.subjects:
            return Never(Reason.COOLDOWN)
    return None


def uncapped(case: Case, channels: Sequence[str]) -> tuple[str, ...]:
    if case.category.urgent or not case.category.caps:
        return tuple(channels)
    return tuple(one for one in channels if not _capped(case, one))


def _capped(case: Case, channel: str) -> bool:
    same = [one for one in case.standing.claims if one.category == case.category.name]
    return any(
        len(_busiest(same, case.now - cap.per, channel)) >= cap.count for cap in case.category.caps
    )


def _busiest(claims: Sequence[PastClaim], since: datetime, channel: str) -> list[datetime]:
    """When claims were made since then: the customer's or the address's, whichever are more."""
    recent = [claim for claim in claims if claim.at > since]
    if not recent:
        return []
    return max(
        ([one.at for one in recent if subject in one.subjects] for subject in (CUSTOMER, channel)),
        key=len,
    )


def cap(case: Case, uncapped: Sequence[str]) -> Verdict | None:
    """`uncapped`: the channels that are left."""
    return None if uncapped else Never(Reason.CAP, case.category.name)


def arms(case: Case) -> Verdict | None:
    limits, salt, name = case.trigger.limits, case.standing.salt, case.trigger.name
    if limits.ramp < 1 and share(salt, "ramp", name, case.customer.id) >= limits.ramp:
        return Never(Reason.RAMP)
    if limits.holdout > 0 and share(salt, "holdout", name, case.customer.id) < limits.holdout:
        return Never(Reason.HOLDOUT)
    if limits.mode is Mode.SHADOW:
        return Never(Reason.SHADOW)
    return None


def fuse(case: Case, channel: str) -> Verdict | None:
    blown = case.standing.busy_until.get(fuse_name(case.trigger.name))
    if blown is not None and blown > case.now:
        return case.later(blown, Reason.FUSE, "trigger")
    rate = case.policy.fuse_customer
    claims = _busiest(case.standing.claims, case.now - rate.per, channel)
    if len(claims) < rate.count:
        return None
    # room comes when the oldest of the last so many has left the window
    return case.later(sorted(claims)[-rate.count] + rate.per, Reason.FUSE, "customer")


def spend(case: Case, channel: str) -> Verdict | None:
    return busy(case, (spend_name(channel),), Reason.SPEND) or busy(
        case, (spend_name(channel, case.trigger.name),), Reason.SPEND
    )
