"""How is a settlement written down: as a row of occurrences and as a decision?"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Row

from triggers.facts import Occurrence, TriggerKey
from triggers.settling import Change, Settlement
from triggers.verdicts import Reason
from worker.lifecycle import OccurrenceState
from worker.steps.ground import Ground


class Settled(NamedTuple):
    """A change to one key; `row` is what stood in the store, `doubt` what its clock rests on."""

    key: TriggerKey
    settlement: Settlement
    row: Row[Any] | None = None
    doubt: str = ""

    def id(self, ground: Ground) -> str:
        """The occurrence's: the same whoever writes it, whenever."""
        if self.row is not None:
            stored: str = self.row.id
            return stored
        return ground.hasher.epoch(self.key, self.settlement.epoch or "")

    @property
    def reason(self) -> Reason:
        return self.settlement.reason or Reason.CALLED_OFF

    @property
    def tells(self) -> bool:
        """Whether somebody who asks why would want to read it."""
        return self.settlement.change is not Change.KEPT


def added_row(one: Settled, ground: Ground) -> dict[str, Any]:
    """A new row: what waits, or what was called off before it was ever stored."""
    settlement = one.settlement
    occurrence = settlement.occurrence
    if occurrence is None:
        raise ValueError("what was never stored cannot change without its occurrence")
    return {
        "id": one.id(ground),
        "trigger": one.key.trigger,
        "customer_id": one.key.customer,
        "key": one.key.key,
        "epoch": occurrence.epoch,
        "created_at": ground.now,
        **_state(settlement),
        **_terms(one.key, occurrence, ground),
        "due": settlement.due or occurrence.moment,
    }


def changed_row(one: Settled, ground: Ground) -> dict[str, Any]:
    """A stored row, as it is to be."""
    stored: dict[str, Any] = dict(one.row._mapping) if one.row is not None else {}
    settlement = one.settlement
    if settlement.change is Change.CALLED_OFF or settlement.occurrence is None:
        by = {"bundle": ground.configuration.hash, "updated_at": ground.now}
        return {**stored, **_state(settlement), **by}
    changed = {**stored, **_terms(one.key, settlement.occurrence, ground), "due": settlement.due}
    if settlement.change is Change.MOVED:
        # what had put it off concerned another moment
        changed |= _state(settlement)
    return changed


def decision_row(one: Settled, ground: Ground) -> dict[str, Any]:
    settlement = one.settlement
    occurrence = settlement.occurrence
    started = settlement.change in {Change.STARTED, Change.MOVED}
    return {
        "at": ground.now,
        "trigger": one.key.trigger,
        "customer_id": one.key.customer,
        "key": one.key.key,
        "epoch": settlement.epoch,
        "verdict": settlement.change,
        "reason": settlement.reason,
        "detail": settlement.detail or (one.doubt if started else "") or None,
        "moment": occurrence.moment if occurrence and started else None,
        "facts": [[fact.source, fact.id] for fact in settlement.facts],
        "bundle": ground.configuration.hash,
    }


def retry_row(one: Settled, ground: Ground, message_id: str) -> dict[str, Any]:
    """The decision that a message which was to be tried again is not."""
    return {**decision_row(one, ground), "message_id": message_id}


def _state(settlement: Settlement) -> dict[str, Any]:
    called_off = settlement.change is Change.CALLED_OFF
    return {
        "state": OccurrenceState.CALLED_OFF if called_off else OccurrenceState.PENDING,
        "reason": settlement.reason,
        "detail": settlement.detail or None,
    }


def _terms(key: TriggerKey, occurrence: Occurrence, ground: Ground) -> dict[str, Any]:
    limits = ground.configuration.triggers[key.trigger].limits
    start = occurrence.start.order
    return {
        "start_time": start.time,
        "start_source": start.source,
        "start_id": start.id,
        "moment": occurrence.moment,
        "expires": occurrence.expires,
        "priority": int(limits.priority),
        "category": limits.category,
        "bundle": ground.configuration.hash,
        "updated_at": ground.now,
    }
