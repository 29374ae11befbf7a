"""May this occurrence be claimed now? The first objection wins."""

from __future__ import annotations

from triggers import objections as o
from triggers.case import Case
from triggers.definitions import AgentRoute, MessageRoute, Mode
from triggers.routing import choose_route, reachable, unwilling, why_unreachable, willing
from triggers.standing import pace_name, queue_name, rate_name
from triggers.verdicts import HandOver, Never, Reason, Send, Verdict


def ask(case: Case) -> Verdict:
    """Ask the gates in their order; whoever passes all of them may be claimed at once."""
    objection = _before_route(case)
    if objection:
        return objection
    route = case.route or choose_route(case)
    match route:
        case None:
            return Never(Reason.NO_ROUTE)
        case Never():
            return route
        case AgentRoute():
            return _ask_for_agent(case, route)
        case MessageRoute():
            return _ask_for_message(case, route)


def _before_route(case: Case) -> Verdict | None:
    if case.occurrence is None:
        return Never(Reason.CALLED_OFF)
    if case.now >= case.waiting.expires:
        return Never(Reason.EXPIRED)
    if case.trigger.limits.mode is Mode.OFF:
        return Never(Reason.MODE_OFF)
    return None


def _ask_for_agent(case: Case, route: AgentRoute) -> Verdict:
    return (
        o.full_when(case)
        or o.paused(case, None)
        or o.quiet(case)
        or o.busy(case, (pace_name(case.trigger.name), queue_name(route.queue)))
        or o.calls(case, route.queue)
        or o.cooldown(case)
        or o.arms(case)
        or HandOver(route)
    )


def _ask_for_message(case: Case, route: MessageRoute) -> Verdict:
    with_address = reachable(case, route)
    if not with_address:
        why = why_unreachable(case, route)
        return case.later(case.waiting.expires, Reason.NO_ADDRESS, why)
    channels = tuple(willing(case, with_address))
    if not channels:
        return unwilling(case, with_address)
    uncapped = o.uncapped(case, channels)
    first = (uncapped or channels)[0]
    return (
        o.full_when(case)
        or o.paused(case, first)
        or o.quiet(case)
        or o.busy(case, (pace_name(case.trigger.name),))
        or o.busy(case, (rate_name(first),), Reason.RATE)
        or o.broken(case, first)
        or o.cooldown(case)
        or o.cap(case, uncapped)
        or o.arms(case)
        or o.fuse(case, first)
        or o.spend(case, first)
        or Send(route, uncapped)
    )
