"""What will the customer, or the person who calls, read?"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from triggers.case import Case
from triggers.customers import Customer
from triggers.definitions import Policy
from triggers.texts.context import build
from triggers.texts.texts import Rendered, Texts

NO_LINKS: Mapping[str, str] = MappingProxyType({})


def language_of(customer: Customer, policy: Policy) -> str:
    """The customer's language; the policy's first where none is known."""
    return customer.text("language") or policy.languages[0]


def context_of(case: Case, links: Mapping[str, str] = NO_LINKS) -> Mapping[str, Any]:
    """What the texts of this case may read; `links` are those made for this message alone."""
    counted = case.waiting.counted
    return build(
        case.waiting.event,
        case.customer,
        case.policy,
        zone=case.where.zones[0],
        trigger=case.trigger.name,
        now=case.now,
        count=counted.as_mapping() if counted else {},
        extra_links=links,
    )


def compose(
    case: Case, texts: Texts, message: str, channel: str, links: Mapping[str, str] = NO_LINKS
) -> Rendered:
    """The text in the customer's language, or the next of the policy's; TextFailed without one."""
    language = language_of(case.customer, case.policy)
    return texts.render(message, channel, language, context_of(case, links))
