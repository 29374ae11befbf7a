"""By which route and channels could this occurrence reach its customer?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from triggers.case import Case
from triggers.definitions import AgentRoute, MessageRoute, Route
from triggers.profiles import has_consent, is_refused
from triggers.standing import EVERYTHING
from triggers.verdicts import Never, Reason


def choose_route(case: Case) -> Route | Never | None:
    """The first route whose condition holds; who wants people only gets a person instead."""
    route = next((one for one in case.trigger.send if case.holds(one.when)), None)
    if isinstance(route, MessageRoute) and case.customer.agent_only:
        return _person_instead(case, route)
    return route


def _person_instead(case: Case, route: MessageRoute) -> AgentRoute | Never:
    # its `when` is not asked: who wants a person gets one rather than nothing
    for other in case.trigger.send:
        if isinstance(other, AgentRoute):
            return other
    queue = next(iter(case.policy.agents), None)
    if queue is None:
        return Never(Reason.NO_ROUTE, "agent_only, and no queue of people")
    return AgentRoute(queue=queue, message=route.message)


def reachable(case: Case, route: MessageRoute) -> tuple[str, ...]:
    """The route's channels that have an address, in the order the customer prefers."""
    preferred = case.customer.profile.get("channels")
    channels: Sequence[str] = route.by
    # the order is a choice too: a channel that the customer leaves out of it is not used
    if isinstance(preferred, list) and preferred:
        channels = [one for one in preferred if one in route.by]
    return tuple(one for one in channels if one in case.standing.addresses)


def asks(case: Case, message: str) -> bool:
    """Whether the case's trigger sends this message as a survey."""
    routes = (one for one in case.trigger.send if isinstance(one, MessageRoute))
    return any(one.survey and one.message == message for one in routes)


def why_unreachable(case: Case, route: MessageRoute) -> str:
    whys = (f"{one}: {case.standing.unusable.get(one, 'not chosen')}" for one in route.by)
    return ", ".join(whys)


def willing(case: Case, channels: Sequence[str]) -> Iterator[str]:
    for channel in channels:
        if not _suppressed(case, channel) and not _without_consent(case, channel):
            yield channel


def _suppressed(case: Case, channel: str) -> bool:
    words = case.standing.suppressed
    return (channel, EVERYTHING) in words or (channel, case.category.name) in words


def _without_consent(case: Case, channel: str) -> bool:
    consents, category = case.standing.consents, case.category
    if not consents:
        return category.consent_required
    if category.consent_required:
        return not has_consent(consents, category.name, channel)
    # a refusal counts even where nobody needed to agree
    return is_refused(consents, category.name, channel)


def unwilling(case: Case, channels: Sequence[str]) -> Never:
    if all(_suppressed(case, one) for one in channels):
        return Never(Reason.SUPPRESSED, ", ".join(channels))
    return Never(Reason.NO_CONSENT, case.category.name)
