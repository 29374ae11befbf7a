"""How is a customer forgotten, and what may be said about it afterwards?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row

from triggers.addresses import canonical
from triggers.configuration import Configuration
from triggers.consents import consents_of, is_refused
from triggers.verdicts import Reason
from worker.hashing import Hasher
from worker.lifecycle import MessageState, OccurrenceState, move
from worker.steps.answers import MAY_HAVE_LEFT
from worker.steps.insisting import LOOKS, HeldByOthers, insist
from worker.store import customers, erasure
from worker.store.actions import note_action
from worker.store.addresses import Address
from worker.store.clock import read_now
from worker.store.engine import in_transaction, reading
from worker.store.erased_contacts import keep_contacts
from worker.store.erasure import Trace, Whose
from worker.store.messages import lock_messages
from worker.store.occurrences import write_decisions
from worker.store.suppressions import OptOut, suppress
from worker.told import Told

BATCH = 500
"""Rows that one transaction forgets: nobody waits long for a lock of ours."""


PROFILE = "profile"
"""The source of a refusal that somebody's profile held when he was erased."""
CONTACT = "support.contacted"


def contact_of(configuration: Configuration | None) -> str:
    """The type of the events that the report counts; its default, where nothing is in force."""
    return configuration.policy.outcome_event if configuration else CONTACT


class NobodyKnown(Told):
    """There is no customer of this id."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """Of one customer, in small transactions.

    Whoever is killed in between begins again: what is forgotten is not found any more. By the
    `hasher` it is known what came from addresses that he was never written to. Of events of the
    type `contact` it is kept that they were, for the report.
    """

    engine: Engine
    whose: Whose
    by: str
    _: KW_ONLY
    hasher: Hasher
    contact: str
    now: datetime | None = None
    batch: int = BATCH
    looks: int = LOOKS

    @property
    def customer(self) -> str:
        return self.whose.customer

    def run(self) -> Mapping[str, int]:
        """By table, so many rows were forgotten."""
        if not reading(self.engine, lambda c: erasure.is_known(c, self.customer)):
            raise NobodyKnown(str(NobodyKnown.__doc__))
        return replace(self, whose=reading(self.engine, self._whole))._run()

    def _whole(self, connection: Connection) -> Whose:
        whose = erasure.whole(connection, self.whose)
        hashes = [
            self.hasher.address(channel, canonical(channel, address))
            for channel, address in sorted(erasure.contacts_of(connection, whose))
        ]
        return whose._replace(hashes=hashes)

    def _run(self) -> Mapping[str, int]:
        # first of all, while his names are known
        done = {"refused_events": self._refused(reading(self.engine, self._names))}
        self._silenced()
        self._landed()
        # what was on its way meanwhile has told of itself: its events go, too. What others share is
        # found by the numbers in his history: whoever is killed in between must still find them
        for trace in (*erasure.TOLD_SINCE, *erasure.SHARED, *erasure.TRACES):
            done[trace.table] = done.get(trace.table, 0) + self._trace(trace)
        return {table: count for table, count in done.items() if count}

    def preview(self) -> Mapping[str, int]:
        """By table, so many rows there are of this customer."""

        def count(connection: Connection) -> dict[str, int]:
            found: dict[str, int] = {}
            for table, _ in erasure.held_of(connection, self._whole(connection)):
                found[table] = found.get(table, 0) + 1
            return found

        found = reading(self.engine, count)
        if not found:
            raise NobodyKnown(str(NobodyKnown.__doc__))
        return found

    def _silenced(self) -> None:
        """Call off what waits, and forget where he is reached."""

        def work(ids: Sequence[str]) -> Sequence[str]:
            return () if in_transaction(self.engine, self.silence) else ids

        if insist(work, [self.customer], looks=self.looks):
            raise HeldByOthers(str(HeldByOthers.__doc__))

    def _landed(self) -> None:
        """Wait for what a provider is asked about just now: its answer would name him again."""

        def work(ids: Sequence[str]) -> Sequence[str]:
            return ids if reading(self.engine, self._in_flight) else ()

        if insist(work, [self.customer], looks=self.looks):
            raise HeldByOthers(str(HeldByOthers.__doc__))

    def _in_flight(self, connection: Connection) -> bool:
        return erasure.in_flight(connection, self.whose, self.now or read_now(connection))

    def silence(self, connection: Connection) -> bool:
        """From its commit on nothing is said to him. False: others hold him now."""
        now = self.now or read_now(connection)
        customers.register(connection, [self.customer], now=now)
        if not customers.hold(connection, [self.customer], most=1):
            return False
        waiting = erasure.waiting_of(connection, self.whose)
        write_decisions(connection, [_called_off(row, now) for row in waiting])
        self._end_messages(connection, now)
        erasure.end_calls(connection, self.whose, now=now)
        suppress(connection, self._refusals(connection, now))
        keep_contacts(connection, self.whose.ids, self.contact)
        # at once: whoever reads an event between them would begin something by half of his facts
        for trace in erasure.BEGINNINGS:
            while erasure.forget(connection, trace, self.whose, most=self.batch):
                pass
        erasure.blank_profile(connection, self.customer, now=now)
        note_action(connection, "erase", {"customer": self.customer}, by=self.by, now=now)
        return True

    def _refusals(self, connection: Connection, now: datetime) -> Iterator[OptOut]:
        """What his profile refuses, by address: whoever comes back under it has refused it."""
        profile = customers.look_up(connection, [self.customer])[self.customer].profile
        said = consents_of(profile)
        contact = (("sms", profile.get("phone")), ("email", profile.get("email")))
        for channel, given in contact:
            if not isinstance(given, str):
                continue
            address = Address(self.hasher.address(channel, canonical(channel, given)), channel)
            for category in sorted({one.category for one in said if not one.given}):
                if is_refused(said, category, channel):
                    yield OptOut(address, PROFILE, now, category)

    def _names(self, connection: Connection) -> list[str]:
        profile = customers.look_up(connection, [self.customer])[self.customer].profile
        contact = [profile.get(name) for name in ("phone", "email")]
        return [*self.whose.ids, *(one for one in contact if isinstance(one, str) and one)]

    def _end_messages(self, connection: Connection, now: datetime) -> None:
        """What may have left counts as if it had; nobody is asked about it any more."""
        held = lock_messages(connection, erasure.unsettled_of(connection, self.whose))
        for id_, row in held.items():
            ended = MessageState.FAILED if _doubtful(row) else MessageState.CALLED_OFF
            erasure.end_message(connection, id_, move(MessageState(row.state), ended), now=now)

    def _refused(self, names: list[str]) -> int:
        return self._until_none_is_left(lambda c: erasure.forget_refused(c, names, most=self.batch))

    def _trace(self, trace: Trace) -> int:
        return self._until_none_is_left(
            lambda c: erasure.forget(c, trace, self.whose, most=self.batch)
        )

    def _until_none_is_left(self, work: Callable[[Connection], int]) -> int:
        total = 0
        while done := in_transaction(self.engine, work):
            total += done
        return total


def _doubtful(row: Row[Any]) -> bool:
    """Whether nobody knows if it left."""
    if row.state == MessageState.PARKED:
        return bool(row.why in MAY_HAVE_LEFT)
    return bool(row.state == MessageState.UNKNOWN)


def _called_off(row: Row[Any], now: datetime) -> dict[str, Any]:
    return {
        "at": now,
        "trigger": row.trigger,
        "customer_id": row.customer_id,
        "key": "",
        "epoch": row.epoch,
        "verdict": OccurrenceState.CALLED_OFF,
        "reason": Reason.ERASED,
        "detail": None,
        "moment": None,
        "facts": [[row.start_source, row.start_id]],
        "bundle": row.bundle,
    }
