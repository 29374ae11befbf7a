"""How does somebody of us put a customer into a people's queue, whom no trigger has sent there?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection, Engine

from triggers.configuration import Configuration
from worker.lifecycle import HandoffState
from worker.steps.claimed_rows import id_of
from worker.steps.replied import PEOPLE, due_in
from worker.store import customers, merging
from worker.store.actions import note_action
from worker.store.clock import read_now
from worker.store.engine import in_transaction
from worker.store.erasure import is_known
from worker.store.handoffs import add_handoffs, find_handoff
from worker.store.sayings import say

log = structlog.get_logger(__name__)


class NotHanded(Exception):
    """Nobody is asked to call; `kind` says why in a word."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Wish:
    """`due` None: as soon as somebody is at work. `once`: said twice, it is one call.

    `why` is read by whoever calls, and goes when its customer is erased.
    """

    customer: str
    queue: str
    why: str
    by: str
    once: str
    due: datetime | None = None

    @property
    def id(self) -> str:
        return id_of("asked", "\x1f".join((self.by, self.customer, self.once)))


def queues_of(configuration: Configuration) -> list[str]:
    """The policy's, in its order; without any, the one that texts go to."""
    return list(configuration.policy.agents) or [PEOPLE]


def hand_over(
    engine: Engine, configuration: Configuration, wish: Wish, *, now: datetime | None = None
) -> str:
    """The call's id. NotHanded where nobody knows the customer or the queue, or he is held now."""
    if not wish.why:
        raise NotHanded("no_why")
    if wish.queue not in queues_of(configuration):
        raise NotHanded("no_queue")

    def work(connection: Connection) -> str:
        moment = now or read_now(connection)
        if find_handoff(connection, wish.id) is not None:
            return wish.id
        # held, so that neither a merge nor an erasure passes by what is written here
        held = _held(connection, wish.customer, moment)
        row = _row(wish, configuration, held, moment)
        add_handoffs(connection, [row])
        # not the reason: it may hold anything, and actions are kept for ever
        target = {"handoff": wish.id, "queue": wish.queue}
        note_action(connection, "handoff asked", target, by=wish.by, now=moment)
        say(connection, log, "handed_over", handoff_id=wish.id, queue=wish.queue)
        return wish.id

    return in_transaction(engine, work)


def _held(connection: Connection, asked: str, now: datetime) -> customers.Held:
    customer = merging.survivor_of(connection, asked)
    if not is_known(connection, customer):
        raise NotHanded("nobody")
    customers.register(connection, [customer], now=now)
    held = customers.hold(connection, [customer], most=1).get(customer)
    if held is None:
        raise NotHanded("held")
    return held


def _row(
    wish: Wish, configuration: Configuration, held: customers.Held, now: datetime
) -> dict[str, Any]:
    due = wish.due or due_in(wish.queue, configuration.policy, now)
    return {
        "id": wish.id,
        "occurrence_id": None,
        "customer_id": held.id,
        "trigger": None,
        "key": None,
        "queue": wish.queue,
        "why": wish.why,
        "text": "",
        "state": HandoffState.OPEN,
        "due": max(due, now),
        "created_at": now,
        "updated_at": now,
        "message_id": None,
        "inbound": None,
        "language": held.profile.get("language"),
    }
