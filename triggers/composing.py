"""What will the customer, or the person who calls, read?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from triggers.case import Case
from triggers.customers import Customer
from triggers.definitions import Policy
from triggers.texts.context import build
from triggers.texts.links import Shorten, as_written
from triggers.texts.texts import Rendered, Texts


@dataclass(frozen=True, slots=True)
class OwnLinks:
    """Those made for one message alone, and what becomes of the policy's in it."""

    given: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    shorten: Shorten = as_written


NO_LINKS = OwnLinks()


def language_of(customer: Customer, policy: Policy) -> str:
    """The customer's language; the policy's first where none is known."""
    return customer.text("language") or policy.languages[0]


def context_of(case: Case, links: OwnLinks = NO_LINKS) -> Mapping[str, Any]:
    """What the texts of this case may read."""
    counted = case.waiting.counted
    return build(
        case.waiting.event,
        case.customer,
        case.policy,
        zone=case.where.zones[0],
        trigger=case.trigger.name,
        now=case.now,
        count=counted.as_mapping() if counted else {},
        extra_links=links.given,
        shorten=links.shorten,
    )


def compose(
    case: Case, texts: Texts, message: str, channel: str, links: OwnLinks = NO_LINKS
) -> Rendered:
    """The text in the customer's language, or the next of the policy's; TextFailed without one."""
    language = language_of(case.customer, case.policy)
    return texts.render(message, channel, language, context_of(case, links))
