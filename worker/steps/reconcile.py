"""What became of messages whose answer was never heard? Their provider's own list is asked."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import structlog
from sqlalchemy import Connection, Engine, Row

from worker.channels.base import ChannelError
from worker.channels.ledger import Found, Ledger, Undecidable
from worker.lifecycle import AttemptState, MessageState
from worker.steps.announcing import Hearing
from worker.steps.answers import Move
from worker.steps.looking import CLOCKS_APART, Held, Look, judged
from worker.steps.marks import Mark, remember
from worker.steps.recording import Attempts, Settled, record
from worker.store.addresses import Address, wait_for
from worker.store.alerts import Alarm, Raised, raise_alerts
from worker.store.clock import read_now
from worker.store.engine import in_transaction
from worker.store.ledger import ours_by_ref
from worker.store.messages import lock_messages, read_attempts_of
from worker.store.sayings import say
from worker.store.unknown import count_alike, put_off_looks, take_looks

log = structlog.get_logger(__name__)

HELD = timedelta(minutes=2)
"""So long a look is its worker's: longer than it asks, and whoever dies meanwhile holds it up."""

PATIENCE_SECONDS = 20.0
"""No other look is begun after this: a bell's work must end in time."""

Attempt = tuple[str, int]


@dataclass(frozen=True, slots=True)
class ReconcileParts:
    """`ledgers`: by sender, those that can be asked. `policy`: channel -> hold or resend."""

    ledgers: Mapping[str, Ledger]
    policy: Mapping[str, str]
    hearing: Hearing
    monotonic: Callable[[], float] = time.monotonic


class Reconciled(NamedTuple):
    """So many messages by where they went; `due`: something is to be claimed again at once."""

    settled: Counter[MessageState]
    heard: bool
    due: bool
    more: bool


@dataclass(slots=True)
class _Settling:
    """One transaction's; `known` says whose each of the provider's messages is."""

    connection: Connection
    parts: ReconcileParts
    now: datetime
    known: dict[str, Attempt]
    settled: list[Settled] = field(default_factory=list)
    waiting: list[dict[str, Any]] = field(default_factory=list)
    alarms: list[Raised] = field(default_factory=list)


def reconcile(
    engine: Engine, parts: ReconcileParts, *, now: datetime | None = None, limit: int = 20
) -> Reconciled:
    """Ask for the oldest unknown messages; any number of workers may, each for others.

    No transaction is open while a provider is asked. Whatever settles a message meanwhile, a late
    answer or a receipt, has settled it: what the look says is then dropped.
    """

    def take(connection: Connection) -> Sequence[Row[Any]]:
        moment = now or read_now(connection)
        return take_looks(connection, moment, moment + HELD, limit)

    taken = in_transaction(engine, take)
    if not taken:
        return Reconciled(Counter(), heard=False, due=False, more=False)
    looks = list(_look(taken, parts))
    done = in_transaction(engine, lambda c: _settle(c, looks, parts, now or read_now(c)))
    return done._replace(more=len(taken) == limit)


def _look(taken: Sequence[Row[Any]], parts: ReconcileParts) -> Iterator[Look]:
    """A sender that does not answer is asked no more this time."""
    began, silent = parts.monotonic(), set[str]()
    for row in taken:
        ledger = parts.ledgers.get(row.sender)
        # an erased customer's words and number are gone, and nothing can be found by them
        askable = ledger is not None and None not in (row.address, row.text)
        found = None
        late = parts.monotonic() - began > PATIENCE_SECONDS
        if ledger is not None and askable and not late and row.sender not in silent:
            found = _ask(ledger, row, silent)
        yield Look(row, found, askable)


def _ask(ledger: Ledger, row: Row[Any], silent: set[str]) -> Sequence[Found] | None:
    """None: nothing is known."""
    since = row.claimed_at - CLOCKS_APART
    until = row.claimed_at + timedelta(days=1)
    try:
        return ledger.find(row.address, row.text, since, until)
    except Undecidable as error:
        log.warning("unknown_undecidable", message_id=row.id, code=error.code)
    except ChannelError as error:
        silent.add(row.sender)
        log.warning("provider_not_asked", sender=row.sender, code=error.code)
    except Exception as error:
        # Our own mistake over one message must not keep the others from being decided.
        log.error("provider_not_understood", message_id=row.id, error=type(error).__name__)
    return None


def _settle(
    connection: Connection, looks: Sequence[Look], parts: ReconcileParts, now: datetime
) -> Reconciled:
    # Two messages of the same words to one number: what is found is the one's or the other's.
    wait_for(connection, (one.row.address_hash for one in looks if one.found))
    refused = remember(connection, _marks(looks), parts.hearing, now=now)
    ids = [one.row.id for one in looks]
    messages = lock_messages(connection, ids)
    attempts = read_attempts_of(connection, ids)
    refs = [found.ref for one in looks for found in one.found or ()]
    known = {
        ref: (row.message_id, row.number) for ref, row in ours_by_ref(connection, refs).items()
    }
    settling = _Settling(connection, parts, now, known)
    for look in looks:
        if _still_unknown(look, messages, attempts):
            _judge(look, Held(messages[look.row.id], attempts[look.row.id]), settling)
    put_off_looks(connection, settling.waiting)
    heard = record(connection, settling.settled, parts.hearing, now=now) or refused
    for one in settling.settled:
        which, state = {"message_id": one.message.id}, one.move.message.value
        say(connection, log, "unknown_settled", **which, state=state, sender=one.attempt.sender)
    raise_alerts(connection, settling.alarms, now=now)
    due = any(one.move.due is not None and one.move.due <= now for one in settling.settled)
    states = Counter(one.move.message for one in settling.settled)
    return Reconciled(states, heard, due, more=False)


def _still_unknown(
    look: Look, messages: Mapping[str, Row[Any]], attempts: Mapping[str, Attempts]
) -> bool:
    """Whether nobody has settled it since it was taken: the compare of the compare-and-set."""
    message = messages.get(look.row.id)
    attempt = attempts.get(look.row.id, {}).get(look.row.attempt)
    if message is None or attempt is None:
        return False
    stands = (message.state, message.attempt, attempt.state)
    return stands == (MessageState.UNKNOWN, look.row.attempt, AttemptState.UNKNOWN)


def _judge(look: Look, held: Held, settling: _Settling) -> None:
    row = look.row
    mine = (row.id, row.attempt)
    free = [one for one in look.found or () if settling.known.get(one.ref, mine) == mine]
    # the oldest: of two messages of the same words, the one that asks first went first
    found = min(free, key=lambda one: one.created) if free else None
    if len(free) > 1 and len(free) > count_alike(settling.connection, row.address_hash, row.text):
        settling.alarms.append(Raised(Alarm.SENT_TWICE, row.sender))
    policy = settling.parts.policy.get(row.channel, "hold")
    verdict = judged(look, held, found, policy=policy, now=settling.now)
    if not isinstance(verdict, Move):
        waits = {"looks": look.looks, "look_at": verdict.until}
        settling.waiting.append({"id": row.id, "attempt": row.attempt, **waits})
        return
    ref = code = None
    if found is not None:
        settling.known[found.ref] = mine
        ref, code = found.ref, found.report.code if found.report else None
    settling.settled.append(Settled(held.message, held.attempts[row.attempt], verdict, ref, code))
    if verdict.message is MessageState.PARKED:
        settling.alarms.append(Raised(Alarm.UNKNOWN_PARKED, row.sender))


def _marks(looks: Sequence[Look]) -> Iterator[Mark]:
    for look in looks:
        address = Address(look.row.address_hash, look.row.channel)
        for one in look.found or ():
            report = one.report
            if report is not None and (report.bad_address or report.opted_out):
                yield Mark(address, report.code, report.bad_address, report.opted_out)
