"""What waits, for whom, until when: the rows of occurrences, written many at a time?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, func, select, text

from triggers.facts import TriggerKey
from triggers.verdicts import Reason
from worker.lifecycle import MessageState
from worker.store.bulk import Insertion, Reading, Update
from worker.store.direct import Later
from worker.store.tables import decisions, messages, occurrences
from worker.store.tallies import Tally, count
from worker.store.types import Moment


class Waiting(NamedTuple):
    """A pending occurrence, before anything is locked."""

    id: str
    key: TriggerKey


_TERMS = ("state", "reason", "detail", "start_time", "start_source", "start_id", "moment", "due",
          "expires", "priority", "category", "bundle", "updated_at")  # fmt: skip
STILL_PENDING = "occurrences.state || '' = 'pending'"
"""Of those that their ids or keys name: so written that each is looked up by them. By an index of
all that waits, which was short when the plan was made, each would be compared with all of that."""

_READ = Reading(occurrences, by=("customer_id", "trigger", "key"), only=STILL_PENDING)
_OF_CUSTOMER = Reading(
    occurrences,
    by=("customer_id",),
    columns=("trigger", "customer_id", "key"),
    only=STILL_PENDING,
)
# an epoch that was called off may wait again; one that was spent never does
_ADD = Insertion(
    occurrences,
    conflict='(customer_id, "trigger", "key", epoch) DO UPDATE SET '
    + ", ".join(f"{name} = excluded.{name}" for name in _TERMS)
    + " WHERE occurrences.state = 'called_off' AND excluded.state = 'pending'",
    returning=("id",),
)
_CHANGE = Update(occurrences, by=("id",), columns=_TERMS, only=STILL_PENDING, returning=("id",))
_FOLLOW = Update(occurrences, by=("id",), columns=("bundle",), only=STILL_PENDING)
# what an earlier configuration called off waits again when the one before it comes back
_OUTDATED = text(
    "SELECT id, customer_id, key FROM ("
    " SELECT id, customer_id, key FROM (SELECT id, customer_id, key FROM occurrences"
    " WHERE trigger = :trigger AND id > :after AND state = 'pending' AND bundle <> :bundle"
    " ORDER BY id LIMIT :most) AS waiting"
    " UNION ALL"
    " SELECT id, customer_id, key FROM (SELECT id, customer_id, key FROM occurrences"
    " WHERE trigger = :trigger AND id > :after AND state = 'called_off'"
    " AND (reason = 'trigger_changed' OR reason = 'trigger_removed') AND bundle <> :bundle"
    " AND expires > :now ORDER BY id LIMIT :most) AS gone"
    ") AS outdated ORDER BY id LIMIT :most"
).bindparams(bindparam("now", type_=Moment))
_WAKE = Update(
    occurrences,
    by=("customer_id", "reason"),
    columns=("due", "updated_at"),
    only=STILL_PENDING,
)
_CALL_OFF_MESSAGES = Update(
    messages,
    by=("occurrence_id",),
    columns=("state", "why", "due", "updated_at"),
    only="messages.state || '' = 'planned'",
    returning=("id", "occurrence_id"),
)
DECIDE = Insertion(decisions)


def ask_pending(connection: Connection, keys: Iterable[TriggerKey]) -> Later:
    """What waits for any of the keys, whole rows; asked with what is asked next."""
    return _READ.later(connection, [_key_row(key) for key in keys])


def read_pending(connection: Connection, keys: Iterable[TriggerKey]) -> Sequence[Row[Any]]:
    return ask_pending(connection, keys).rows()


def pending_keys(connection: Connection, customers: Iterable[str]) -> set[TriggerKey]:
    rows = _OF_CUSTOMER.run(connection, [{"customer_id": one} for one in customers])
    return {TriggerKey(row.trigger, row.customer_id, row.key) for row in rows}


def count_pending(connection: Connection, trigger: str) -> int:
    given = (occurrences.c.trigger == trigger) & (occurrences.c.state == "pending")
    found: int = connection.execute(select(func.count()).where(given)).scalar_one()
    return found


def outdated(
    connection: Connection, trigger: str, *, bundle: str, after: str, most: int, now: datetime
) -> Sequence[Waiting]:
    """What waits of a trigger, or might again, and was decided under another bundle; by id."""
    given = {"trigger": trigger, "bundle": bundle, "after": after, "most": most, "now": now}
    rows = connection.execute(_OUTDATED, given)
    return [Waiting(row.id, TriggerKey(trigger, row.customer_id, row.key)) for row in rows]


def follow(connection: Connection, ids: Iterable[str], *, bundle: str) -> None:
    """What still waits of these was decided under this bundle."""
    _FOLLOW.run(connection, [{"id": one, "bundle": bundle} for one in ids])


def add(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> set[str]:
    """Write rows of occurrences; the ids of those that are new, or wait again."""
    return {row.id for row in _ADD.run(connection, rows)}


def change(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> set[str]:
    """Write over rows that still wait; the ids of those that did."""
    return {row.id for row in _CHANGE.run(connection, rows)}


def wake_unreachable(connection: Connection, customers: Iterable[str], *, now: datetime) -> None:
    """Whoever had no address may have one now: ask again at once."""
    terms = {"reason": Reason.NO_ADDRESS, "due": now, "updated_at": now}
    _WAKE.run(connection, [{"customer_id": one, **terms} for one in customers])


def call_off_retries(
    connection: Connection, reasons: Mapping[str, Reason], *, now: datetime
) -> Mapping[str, str]:
    """Call off planned messages by their occurrence's id; occurrence -> message of those."""
    terms = {"state": MessageState.CALLED_OFF, "due": None, "updated_at": now}
    rows = [{"occurrence_id": one, "why": why, **terms} for one, why in reasons.items()]
    found = _CALL_OFF_MESSAGES.run(connection, rows)
    return {row.occurrence_id: row.id for row in found}


def write_decisions(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    written = list(rows)
    DECIDE.run(connection, written)
    count_decisions(connection, written)


def count_decisions(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Of decisions that are written by this transaction."""
    for row in rows:
        verdict, reason = str(row["verdict"]), str(row["reason"] or "")
        count(connection, Tally.DECIDED, trigger=row["trigger"], verdict=verdict, reason=reason)


def _key_row(key: TriggerKey) -> dict[str, str]:
    return {"customer_id": key.customer, "trigger": key.trigger, "key": key.key}
