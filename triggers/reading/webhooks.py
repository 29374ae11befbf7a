"""Which systems does the policy have told of our events, and where?"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from triggers.mistakes import meant, quoted
from triggers.nodes import Node
from triggers.reading.fields import Form, Notes, form, items, named, text
from triggers.subscribing import Subscription

WEBHOOK_KEYS = ("url", "events")
OWN = ("outreach.", "survey.")


def read_webhooks(policy: Form, events: frozenset[str]) -> Mapping[str, Subscription]:
    node = policy.get("webhooks")
    if node is None:
        return {}
    ours = frozenset(event for event in events if event.startswith(OWN))
    found = (
        _one(name, entry.value, policy.notes, ours)
        for name, entry in named(node, policy.notes, "subscriptions")
    )
    return {one.name: one for one in found if one is not None}


def _one(name: str, node: Node, notes: Notes, ours: frozenset[str]) -> Subscription | None:
    opened = form(node, notes, known=WEBHOOK_KEYS, required=WEBHOOK_KEYS)
    if opened is None:
        return None
    url = opened.read("url", _url, "")
    listed = opened.get("events")
    events = frozenset(_events(listed, notes, ours)) if listed else frozenset()
    return Subscription(name, url, events) if url and events else None


def _url(node: Node, notes: Notes) -> str | None:
    written = text(node, notes)
    if written is None:
        return None
    try:
        parts = urlsplit(written)
        good = parts.scheme in {"https", "http"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or "@" in parts.netloc or parts.fragment or not written.isascii():
        notes.wrong(node, "must be a plain address such as https://crm.bank.example/outreach")
        return None
    return written


def _events(node: Node, notes: Notes, ours: frozenset[str]) -> set[str]:
    found: set[str] = set()
    for item in items(node, notes) or ():
        event = text(item, notes)
        if event is not None and event not in ours:
            notes.wrong(item, f"we announce no {quoted(event)}{meant(event, ours)}")
        elif event is not None:
            found.add(event)
    return found
