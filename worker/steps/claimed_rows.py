"""How are a claimed message, its attempt and a person's call written as rows?"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from triggers.case import Case
from triggers.composing import language_of
from triggers.definitions import AgentRoute, MessageRoute
from worker.channels.base import Letter
from worker.lifecycle import AttemptState, HandoffState
from worker.steps.ground import Ground
from worker.steps.turns import Turn

Row = dict[str, Any]


def id_of(noun: str, occurrence_id: str) -> str:
    """The same for the same occurrence, whoever makes it: 32 hexadecimal digits."""
    return hashlib.blake2b(f"{noun}\x1f{occurrence_id}".encode(), digest_size=16).hexdigest()


def message_id(turn: Turn) -> str:
    """The occurrence's message, whether it has one or not."""
    return message_id_of(turn.occurrence_id)


def message_id_of(occurrence_id: str) -> str:
    return id_of("message", occurrence_id)


def message_row(
    turn: Turn, case: Case, route: MessageRoute, channels: tuple[str, ...], ground: Ground
) -> Row:
    """A message before its text is written: a new one whole, of an old one what changes."""
    claimed = {
        "id": message_id(turn),
        "channels": channels,
        "channel": channels[0],
        "claimed_at": ground.now,
        "due": None,
        "why": None,
        "detail": None,
        "bundle": ground.configuration.hash,
        "updated_at": ground.now,
    }
    if turn.is_retry:
        return {**claimed, "attempt": turn.row.attempt}
    event = case.waiting.event
    return {
        **claimed,
        "attempt": 0,
        "occurrence_id": turn.occurrence_id,
        "trigger": turn.key.trigger,
        "customer_id": turn.customer.id,
        "key": turn.key.key,
        "epoch": turn.epoch,
        "category": case.category.name,
        "message": route.message,
        "language": language_of(case.customer, case.policy),
        "expires": case.waiting.expires,
        "priority": int(case.trigger.limits.priority),
        "start_source": event.source,
        "start_id": event.id,
        "hops": event.hops,
    }


def attempt_row(turn: Turn, case: Case, letter: Letter, lease: Mapping[str, Any]) -> Row:
    """`lease`: address_hash, sender, segments, cost, summed, lease_owner, claimed_at."""
    return {
        "message_id": letter.message_id,
        "number": letter.attempt,
        "trigger": turn.key.trigger,
        "category": case.category.name,
        "customer_id": turn.customer.id,
        "channel": letter.channel,
        "address": letter.address,
        "subject": letter.subject,
        "text": letter.text,
        "html": letter.html,
        "headers": letter.headers,
        "state": AttemptState.SENDING,
        **lease,
    }


def handoff_row(turn: Turn, route: AgentRoute, ground: Ground, told: Mapping[str, Any]) -> Row:
    """`told`: why, text, due."""
    return {
        "id": id_of("handoff", turn.occurrence_id),
        "occurrence_id": turn.occurrence_id,
        "customer_id": turn.customer.id,
        "trigger": turn.key.trigger,
        "key": turn.key.key,
        "queue": route.queue,
        "state": HandoffState.OPEN,
        "created_at": ground.now,
        "updated_at": ground.now,
        **told,
    }
