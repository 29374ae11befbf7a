"""Is this the same trigger as in another configuration?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from triggers.nodes import Fields, Node, plain

SAID_ONLY = ("about", "examples")
"""Words that say nothing to the worker."""


def digest_of(trigger: Node, policy: Mapping[str, Any], segments: Iterable[str]) -> str:
    """Of what the trigger says and what of the policy it uses; not of layout and comments.

    `segments` are those that its conditions ask.
    """
    said = plain(_without(trigger))
    used = dict(_used(said, policy, segments))
    return hashed(json.dumps([said, used], sort_keys=True))


def _without(trigger: Node) -> Node:
    if not isinstance(trigger, Fields):
        return trigger
    heard = {name: one for name, one in trigger.entries.items() if name not in SAID_ONLY}
    return replace(trigger, entries=heard)


def _used(
    said: Any, policy: Mapping[str, Any], segments: Iterable[str]
) -> Iterator[tuple[str, Any]]:
    limits = said.get("limits") if isinstance(said, dict) else None
    category = _within(policy, "categories", _within(limits, "category"))
    yield "category", category
    yield "quiet", _within(policy, "quiet", _within(category, "quiet") or "default")
    for name in segments:
        yield f"segments.{name}", _within(policy, "segments", name)
    routes = _within(said, "send")
    for route in routes if isinstance(routes, list) else ():
        queue = _within(route, "agent")
        if isinstance(queue, str):
            yield f"agents.{queue}", _within(policy, "agents", queue)


def _within(value: Any, *names: Any) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) and isinstance(name, str) else None
    return value


def hashed(text: str) -> str:
    """32 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]
