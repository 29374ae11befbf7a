"""After an old backup was restored: what has the provider already, and shall not leave again?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine, Row

from triggers.addresses import canonical, usable
from triggers.configuration import Configuration
from triggers.customers import Customer
from triggers.definitions import MessageRoute
from triggers.facts import TriggerKey
from triggers.standing import EVERYTHING
from worker.channels.ledger import Found, Ledger, same_words
from worker.channels.receipts import Fate, Report
from worker.hashing import Hasher
from worker.lifecycle import AttemptState, MessageState, OccurrenceState, may_move
from worker.steps.announcing import hearing_of
from worker.steps.answers import RESTORED, Move
from worker.steps.claimed_rows import message_id_of
from worker.steps.fates import move_by
from worker.steps.insisting import LOOKS, HeldByOthers, insist
from worker.steps.looking import CLOCKS_APART
from worker.steps.recording import Attempts, Settled, record
from worker.store import customers
from worker.store.actions import note_action
from worker.store.claims import change_occurrences, read_waiting, spend
from worker.store.clock import read_now
from worker.store.engine import in_transaction, reading
from worker.store.ledger import ours_by_ref
from worker.store.messages import add_messages, lock_messages, read_attempts_of
from worker.store.occurrences import write_decisions
from worker.store.pauses import read_paused
from worker.store.restored import due_portion, open_attempts
from worker.told import Told

PORTION = 500


class StillSending(Told):
    """Sending goes on: `outreach pause all` comes first."""


@dataclass(frozen=True, slots=True)
class Restoring:
    """`since`: the moment of the backup, or somewhat before it.

    `unasked`: channels that write to people, and whose providers keep no list that could be read.
    """

    configuration: Configuration
    hasher: Hasher
    ledgers: Mapping[str, Ledger]
    since: datetime
    unasked: frozenset[str] = frozenset()


@dataclass(slots=True)
class Doubts:
    """`listed`: the provider's since then; `unknown`: those this database knows nothing of.

    `accepted`: messages that are surely one of them. `held`: occurrences that may be one.
    """

    listed: int = 0
    unknown: int = 0
    accepted: dict[str, tuple[int, Found]] = field(default_factory=dict)
    held: dict[str, Row[Any]] = field(default_factory=dict)


def doubts(engine: Engine, restoring: Restoring) -> Doubts:
    """What would have to be done; nothing is changed. StillSending unless all is paused.

    A ChannelError where a provider's list cannot be read to its end: then nothing is known.
    """
    if EVERYTHING not in {row.scope for row in reading(engine, read_paused)}:
        raise StillSending(str(StillSending.__doc__))
    found = Doubts()
    unknown: dict[str, list[Found]] = defaultdict(list)
    for one in _unknown(engine, restoring, found):
        address = canonical("sms", one.address)
        unknown[restoring.hasher.address("sms", address)].append(one)
    _match_attempts(engine, unknown, found)
    _match_waiting(engine, restoring, unknown, found)
    return found


def settle_doubts(
    engine: Engine, restoring: Restoring, found: Doubts, *, by: str, looks: int = LOOKS
) -> None:
    """Accept what surely left, park what may have: neither leaves again by itself."""
    for ids in _portions(sorted(found.accepted)):
        some = {id_: found.accepted[id_] for id_ in ids}
        in_transaction(engine, partial(_accept, restoring=restoring, some=some))

    def park(ids: Sequence[str]) -> Sequence[str]:
        left: list[str] = []
        for some in _portions(ids):
            rows = [found.held[id_] for id_ in some]
            left += in_transaction(engine, partial(_park, restoring=restoring, rows=rows))
        return left

    left = insist(park, sorted(found.held), looks=looks)
    told = {"accepted": len(found.accepted), "parked": len(found.held) - len(left)}
    target = {"since": restoring.since.isoformat()}
    in_transaction(
        engine,
        lambda c: note_action(c, "reconcile_since", target, by=by, now=read_now(c), result=told),
    )
    if left:
        raise HeldByOthers(str(HeldByOthers.__doc__))


def _portions(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), PORTION):
        yield ids[start : start + PORTION]


def _unknown(engine: Engine, restoring: Restoring, found: Doubts) -> Iterator[Found]:
    for _, ledger in sorted(restoring.ledgers.items()):
        listed = list(ledger.taken_since(restoring.since))
        found.listed += len(listed)
        refs = [one.ref for one in listed]
        known = reading(engine, partial(ours_by_ref, refs=refs))
        strangers = [one for one in listed if one.ref not in known]
        found.unknown += len(strangers)
        yield from strangers


def _match_attempts(engine: Engine, unknown: dict[str, list[Found]], found: Doubts) -> None:
    """A message whose words were kept is surely the one of the same words to the same number."""
    alike = reading(engine, lambda c: open_attempts(c, unknown))
    for hashed, rows in alike.items():
        for row in rows:
            same = [one for one in unknown[hashed] if same_words(row.text or "", one.text)]
            if same:
                first = min(same, key=lambda one: one.created)
                unknown[hashed].remove(first)
                found.accepted[row.message_id] = (row.number, first)


def _match_waiting(
    engine: Engine, restoring: Restoring, unknown: Mapping[str, Sequence[Found]], found: Doubts
) -> None:
    """What was due when the provider took something for its customer may be that very thing.

    Its words are not compared: they would be written of other facts than they were then. What
    would go first by a channel that nobody can be asked of may have left, too.
    """
    after, until = "", reading(engine, read_now)
    while rows := reading(engine, partial(due_portion, until=until, after=after, limit=PORTION)):
        for row in rows:
            if _may_have_left(row, restoring, unknown):
                found.held[row.id] = row
        after = rows[-1].id


def _may_have_left(
    row: Row[Any], restoring: Restoring, unknown: Mapping[str, Sequence[Found]]
) -> bool:
    route = _route(row, restoring)
    if route is None:
        return False
    customer = Customer(row.customer_id, row.profile or {})
    addresses = usable(customer, restoring.configuration.policy).addresses
    if next((one for one in route.by if one in addresses), None) in restoring.unasked:
        return True
    phone = addresses.get("sms")
    hashed = restoring.hasher.address("sms", canonical("sms", phone)) if phone else ""
    return any(row.moment <= one.created + CLOCKS_APART for one in unknown.get(hashed, ()))


def _accept(
    connection: Connection, restoring: Restoring, some: Mapping[str, tuple[int, Found]]
) -> None:
    now = read_now(connection)
    held = lock_messages(connection, some)
    attempts = read_attempts_of(connection, some)
    settled = [
        _accepted(message, attempts[id_], number, found, now=now)
        for id_, (number, found) in some.items()
        if (message := held.get(id_)) is not None and message.attempt == number
    ]
    record(connection, settled, hearing_of(restoring.configuration), now=now)


def _accepted(
    message: Row[Any], attempts: Attempts, number: int, found: Found, *, now: datetime
) -> Settled:
    report = found.report or Report(Fate.TAKEN, found.ref)
    move = move_by(message, attempts, report, number, now=now)
    if move is None:
        # the attempt we know of did not leave; one that the backup does not know of did
        old = MessageState(message.state)
        state = MessageState.ACCEPTED if may_move(old, MessageState.ACCEPTED) else old
        move = Move(state, AttemptState(attempts[number].state), tuple(message.channels))
    return Settled(message, attempts[number], move, found.ref)


def _route(row: Row[Any], restoring: Restoring) -> MessageRoute | None:
    """None: its trigger is gone, or only asks people to call; neither sends anything."""
    trigger = restoring.configuration.triggers.get(row.trigger)
    routes = (one for one in trigger.send if isinstance(one, MessageRoute)) if trigger else ()
    return next(iter(routes), None)


def _park(connection: Connection, restoring: Restoring, rows: Sequence[Row[Any]]) -> list[str]:
    """A person releases it, or says that it arrived. Those whose customer others hold now."""
    now = read_now(connection)
    ids = {row.customer_id for row in rows}
    held = customers.hold(connection, sorted(ids), most=len(ids))
    waiting = {row.id for row in read_waiting(connection, [row.id for row in rows])}
    mine = [row for row in rows if row.customer_id in held and row.id in waiting]
    change_occurrences(connection, [_messaged(row, now) for row in mine])
    routes = ((row, _route(row, restoring)) for row in mine)
    made = [_message(row, route, restoring, now) for row, route in routes if route is not None]
    add_messages(connection, made)
    spend(connection, [_spent(row, restoring, now) for row in mine])
    write_decisions(connection, [_decision(row, restoring, now) for row in mine])
    return [row.id for row in rows if row.customer_id not in held]


def _message(
    row: Row[Any], route: MessageRoute, restoring: Restoring, now: datetime
) -> dict[str, Any]:
    return {
        "id": message_id_of(row.id),
        "occurrence_id": row.id,
        **{name: getattr(row, name) for name in _KEPT},
        "message": route.message,
        "language": restoring.configuration.policy.languages[0],
        "channels": route.by,
        "channel": route.by[0],
        "state": MessageState.PARKED,
        "why": RESTORED,
        "attempt": 0,
        "claimed_at": now,
        "bundle": restoring.configuration.hash,
        "hops": 0,
        "looks": 0,
        "updated_at": now,
    }


_KEPT = (
    "trigger", "customer_id", "key", "epoch", "category", "expires", "priority", "start_source",
    "start_id",
)  # fmt: skip


def _messaged(row: Row[Any], now: datetime) -> dict[str, Any]:
    kept = {"id": row.id, "due": row.due, "reason": None, "detail": None, "updated_at": now}
    return {**kept, "state": OccurrenceState.MESSAGED}


def _spent(row: Row[Any], restoring: Restoring, now: datetime) -> dict[str, Any]:
    key = TriggerKey(row.trigger, row.customer_id, row.key)
    return {
        "key_hash": restoring.hasher.key(key),
        "epoch_hash": restoring.hasher.epoch(key, row.epoch),
        "trigger": row.trigger,
        "epoch": row.epoch,
        "start_time": row.start_time,
        "start_source": row.start_source,
        "start_id": row.start_id,
        "spent_at": now,
    }


def _decision(row: Row[Any], restoring: Restoring, now: datetime) -> dict[str, Any]:
    return {
        "at": now,
        "trigger": row.trigger,
        "customer_id": row.customer_id,
        "key": row.key,
        "epoch": row.epoch,
        "verdict": MessageState.PARKED,
        "reason": None,
        "detail": RESTORED,
        "moment": None,
        "facts": [[row.start_source, row.start_id]],
        "bundle": restoring.configuration.hash,
        "message_id": message_id_of(row.id),
    }
