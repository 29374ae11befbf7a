"""What changes for keys when other rules are in force than those they were decided by?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from sqlalchemy import Connection

from triggers.facts import TriggerKey
from triggers.settling import Change, Settlement
from triggers.verdicts import Reason
from worker.steps.ground import Ground, clocks_of
from worker.steps.settled_rows import Settled
from worker.steps.settling import changes_of
from worker.store import occurrences
from worker.store.customers import Held


def asked_again(
    connection: Connection,
    ground: Ground,
    keys: Collection[TriggerKey],
    people: Mapping[str, Held],
) -> list[Settled]:
    """The changes of these keys, whose customers are all among `people`; nothing is written."""
    touched = {key: () for key in keys if key.trigger in ground.configuration.triggers}
    clocks = clocks_of(people, ground.policy)
    found = changes_of(connection, ground, touched, clocks, otherwise=Reason.TRIGGER_CHANGED)
    return [*found, *_gone(connection, [key for key in keys if key not in touched])]


def _gone(connection: Connection, keys: Collection[TriggerKey]) -> Iterator[Settled]:
    """Their trigger is no longer there."""
    for row in occurrences.read_pending(connection, keys):
        key = TriggerKey(row.trigger, row.customer_id, row.key)
        reason = Reason.TRIGGER_REMOVED
        yield Settled(key, Settlement(Change.CALLED_OFF, row.epoch, (), True, reason=reason), row)
