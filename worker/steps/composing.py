"""What does a claimed message say, on which channel, to which address?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Row

from triggers.calendars.hours import within_hours
from triggers.case import Case
from triggers.composing import OwnLinks, compose, context_of
from triggers.definitions import AgentRoute
from triggers.texts.failures import TextFailed
from triggers.texts.texts import Rendered, Texts
from triggers.zones import known_zone
from worker.steps.turns import Turn
from worker.store.addresses import Address

Preferences = Callable[[Address], str]
"""The signed link under which an address may be taken off, or its owner's wishes changed."""

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


def compose_message(
    case: Case, turn: Turn, texts: Texts, *, send: tuple[str, str], links: OwnLinks
) -> Rendered:
    """The text of (message, channel), written now; a channel tried before keeps its words.

    TextFailed where something is missing.
    """
    message, channel = send
    return _kept(turn.last, channel) or compose(case, texts, message, channel, links)


def _kept(last: Row[Any] | None, channel: str) -> Rendered | None:
    if last is None or last.channel != channel or last.text is None:
        return None
    return Rendered("", last.subject, last.text, last.html, last.segments)


def headers_of(case: Case, channel: str, page: str) -> Mapping[str, str]:
    """The way out in the mail program, too (RFC 8058); what is urgent is left on the page only."""
    if channel != "email" or case.category.urgent:
        return NO_HEADERS
    return {
        "List-Unsubscribe": f"<{page}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def agent_text(case: Case, route: AgentRoute, texts: Texts) -> tuple[str, str]:
    """Why a person calls, and what he reads; a text that fails does not silence the call."""
    why = case.trigger.about or case.trigger.name
    language = case.policy.languages[0]
    try:
        return why, texts.render(route.message, "agent", language, context_of(case)).text
    except TextFailed as failed:
        return f"{why} ({failed})", why


def call_due(case: Case, route: AgentRoute) -> datetime:
    """When the customer must have been called: within the queue's working hours."""
    zone = known_zone(case.policy.timezone) or case.where.zones[0]
    due = route.due.after(case.now, zone) if route.due else case.now
    queue = case.policy.agents.get(route.queue)
    return within_hours(queue.hours, due, zone) if queue and queue.hours else due
