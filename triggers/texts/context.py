"""What may a template read about this event and this customer?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from triggers.customers import Customer
from triggers.definitions import Policy
from triggers.events import Event
from triggers.profiles import customer_env
from triggers.texts.brand import Localised
from triggers.texts.filters import READER
from triggers.texts.languages import Reader, is_rtl
from triggers.texts.links import Links, Shorten, as_written

NOTHING: Mapping[str, Any] = MappingProxyType({})
POLICY, ZONE = "_policy", "_zone"
"""Names no template can say; `read_in` needs them once the language is settled."""


def build(  # noqa: PLR0913 - one argument for each name a text may read
    event: Event,
    customer: Customer,
    policy: Policy,
    *,
    zone: ZoneInfo,
    trigger: str,
    now: datetime,
    count: Mapping[str, Any] = NOTHING,
    extra_links: Mapping[str, str] = NOTHING,
    shorten: Shorten = as_written,
) -> Mapping[str, Any]:
    """All a text may read but its language, which is settled when it is rendered.

    `count` has `value`, `events` and `first`; `extra_links` are `unsubscribe`, `preferences` and,
    of a survey, `answer`.
    """
    values = {
        "event": {
            "source": event.source,
            "id": event.id,
            "type": event.type,
            "time": event.time,
            "subject": event.subject,
            "data": event.data,
        },
        "customer": customer_env(customer),
    }
    return {
        **values,
        "links": Links(policy.links, extra_links, values, shorten),
        "count": count,
        "trigger": trigger,
        "now": now,
        POLICY: policy,
        ZONE: zone,
    }


def read_in(context: Mapping[str, Any], language: str, *, html: bool) -> dict[str, Any]:
    """The same context for a text written in `language`."""
    policy: Policy = context[POLICY]
    return {
        **context,
        "language": language,
        "brand": Localised(policy.brand, (language, *policy.languages)),
        READER: Reader(language, context[ZONE], policy.country, html, is_rtl(language)),
    }
