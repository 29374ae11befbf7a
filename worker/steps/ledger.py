"""Does what the provider says it sent on a day agree with what we say it took?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from functools import partial
from itertools import islice
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, Row

from triggers.addresses import canonical
from triggers.clock import UTC
from worker.channels.base import ChannelError
from worker.channels.ledger import Found, Ledger, same_words
from worker.channels.receipts import Fate
from worker.hashing import Hasher
from worker.lifecycle import CERTAINLY_NOT_SENT, AttemptState
from worker.steps.looking import CLOCKS_APART
from worker.store.alerts import Alarm, Raised, raise_alerts
from worker.store.clock import read_now
from worker.store.engine import in_transaction, reading
from worker.store.ledger import (
    Day,
    begin_check,
    end_check,
    first_claim,
    keep_differences,
    ours_by_address,
    ours_by_ref,
    taken_on,
)
from worker.store.messages import read_attempts_of

log = structlog.get_logger(__name__)

SETTLED = timedelta(hours=3)
"""A day is compared so long after its end, when nearly everything of it has been reported."""

DAYS_BACK = 3
"""A house that stood still catches up with so many days."""

STALE = timedelta(hours=1)
"""Who began to compare so long ago, and has not ended, has died."""

PORTION = 500
TOOK = frozenset({AttemptState.ACCEPTED, AttemptState.SENT, AttemptState.DELIVERED})
"""The provider has it, and it did not finally fail."""
_AS_FAR = {
    Fate.TAKEN: frozenset(AttemptState) - CERTAINLY_NOT_SENT,
    Fate.SENT: {AttemptState.SENT, AttemptState.DELIVERED, AttemptState.UNDELIVERED},
    Fate.DELIVERED: {AttemptState.DELIVERED},
    Fate.UNDELIVERED: {AttemptState.UNDELIVERED},
}


class Difference(StrEnum):
    """The provider has it and we do not say so; it is none of ours; we say so and it has it not;
    both have it, and say something else became of it; it has one message of ours twice."""

    UNACCEPTED = "unaccepted"
    STRANGER = "stranger"
    MISSING = "missing"
    STATUS = "status"
    TWICE = "twice"


@dataclass(frozen=True, slots=True)
class LedgerParts:
    ledgers: Mapping[str, Ledger]
    hasher: Hasher


def compare_ledgers(engine: Engine, parts: LedgerParts, *, now: datetime | None = None) -> int:
    """Compare every day that is over and was not compared; how many differences are new.

    Any number may try at once: a day is one's who began it. A provider that breaks off leaves the
    day for another time.
    """
    moment = now or reading(engine, read_now)
    found = 0
    for sender, ledger in sorted(parts.ledgers.items()):
        for day in _days(sender, moment):
            if not in_transaction(engine, _beginning(day, moment)):
                continue
            try:
                found += _Comparison(engine, ledger, parts.hasher, day, moment).run()
            except ChannelError as error:
                log.warning("ledger_not_compared", sender=sender, code=error.code)
                break
    return found


def _days(sender: str, now: datetime) -> Iterator[Day]:
    today = datetime.combine((now - SETTLED).astimezone(UTC).date(), time(), UTC)
    for back in range(DAYS_BACK, 0, -1):
        since = today - timedelta(days=back)
        yield Day(sender, since, since + timedelta(days=1))


def _beginning(day: Day, now: datetime) -> Callable[[Connection], bool]:
    def begin(connection: Connection) -> bool:
        first = first_claim(connection, day.sender)
        if first is None or first >= day.until:
            return False
        return begin_check(connection, day, now=now, stale=now - STALE)

    return begin


class _Comparison:
    """Of one day of one sender, page by page; nothing personal is kept of what differs."""

    def __init__(
        self, engine: Engine, ledger: Ledger, hasher: Hasher, day: Day, now: datetime
    ) -> None:
        self._engine = engine
        self._ledger = ledger
        self._hasher = hasher
        self._day = day
        self._now = now
        self._seen: set[str] = set()
        self._rows: list[dict[str, Any]] = []
        self._left: dict[str, Row[Any]] = {}
        """Attempts that may be one too many, by the provider's name."""

    def run(self) -> int:
        listed = self._ledger.left_between(self._day.since, self._day.until)
        while page := list(islice(listed, PORTION)):
            self._seen |= {one.ref for one in page}
            self._against_ours(page)
        for row in self._ours():
            if row.provider_ref not in self._seen:
                self._against_theirs(row)
        self._twice()
        return in_transaction(self._engine, self._keep)

    def _against_ours(self, page: Sequence[Found]) -> None:
        hashes = {one.ref: self._hash(one) for one in page}
        known = reading(self._engine, lambda c: ours_by_ref(c, hashes))
        nameless = [hashes[one.ref] for one in page if one.ref not in known]
        alike = reading(self._engine, lambda c: ours_by_address(c, nameless))
        for one in page:
            row = known.get(one.ref) or _alike(one, alike.get(hashes[one.ref], ()))
            if row is None:
                self._differs(Difference.STRANGER, one.ref, f"{one.status} there, unknown here")
            else:
                self._compare(one, row)

    def _against_theirs(self, row: Row[Any]) -> None:
        """What was claimed on this day and left on another, or never, is asked for by its name."""
        found = self._ledger.fetch(row.provider_ref)
        self._seen.add(row.provider_ref)
        if found is None:
            detail = f"{row.state} here, unknown there"
            self._differs(Difference.MISSING, row.provider_ref, detail, row)
        else:
            self._compare(found, row)

    def _compare(self, found: Found, row: Row[Any]) -> None:
        detail = f"{row.state} here, {found.status} there"
        if row.state in CERTAINLY_NOT_SENT | {AttemptState.UNKNOWN, AttemptState.SENDING}:
            self._differs(Difference.UNACCEPTED, found.ref, detail, row)
            self._left[found.ref] = row
            return
        fate = found.report.fate if found.report else Fate.TAKEN
        # who never reports leaves us behind, and that is no difference
        behind = not self._ledger.reports and row.state in {
            AttemptState.ACCEPTED,
            AttemptState.SENT,
        }
        if row.state not in _AS_FAR[fate] and not behind:
            self._differs(Difference.STATUS, found.ref, detail, row)

    def _twice(self) -> None:
        """Of one message, more than one was taken that did not finally fail."""
        asked = list(self._left.items())
        for start in range(0, len(asked), PORTION):
            some = asked[start : start + PORTION]
            ids = [row.message_id for _, row in some]
            attempts = reading(self._engine, partial(read_attempts_of, ids=ids))
            for ref, row in some:
                others = attempts.get(row.message_id, {}).values()
                numbers = [o.number for o in others if o.number != row.number and o.state in TOOK]
                if numbers:
                    detail = f"attempt {row.number} there, and attempt {numbers[0]} too"
                    self._differs(Difference.TWICE, ref, detail, row)

    def _ours(self) -> Iterator[Row[Any]]:
        after: tuple[datetime, str] | None = None
        while rows := self._portion(after):
            again = (row for row in rows if row.number > 1 and row.state in TOOK)
            self._left.update((row.provider_ref, row) for row in again)
            yield from rows
            after = (rows[-1].claimed_at, rows[-1].message_id)

    def _portion(self, after: tuple[datetime, str] | None) -> Sequence[Row[Any]]:
        return reading(self._engine, lambda c: taken_on(c, self._day, after=after, limit=PORTION))

    def _hash(self, found: Found) -> str:
        return self._hasher.address("sms", canonical("sms", found.address))

    def _differs(
        self, kind: Difference, ref: str, detail: str, row: Row[Any] | None = None
    ) -> None:
        self._rows.append(
            {
                "sender": self._day.sender,
                "kind": kind,
                "provider_ref": ref,
                "message_id": row.message_id if row is not None else None,
                "attempt": row.number if row is not None else None,
                "detail": detail,
                "found_at": self._now,
            }
        )

    def _keep(self, connection: Connection) -> int:
        new = keep_differences(connection, self._rows)
        counts = len(self._seen), len(self._rows)
        end_check(connection, self._day, now=self._now, counts=counts)
        if new:
            log.error("ledger_differs", sender=self._day.sender, count=new)
            raised = [Raised(Alarm.LEDGER_DIFFERS, self._day.sender, f"{new} differ", new)]
            twice = sum(row["kind"] is Difference.TWICE for row in self._rows)
            if twice:
                raised.append(Raised(Alarm.SENT_TWICE, self._day.sender, None, twice))
            raise_alerts(connection, raised, now=self._now)
        return new


def _alike(found: Found, rows: Iterable[Row[Any]]) -> Row[Any] | None:
    """Our attempt of these words to this number at this time, whose name we never heard."""
    near = (
        row
        for row in rows
        if same_words(row.text or "", found.text)
        and row.claimed_at - CLOCKS_APART <= found.created <= row.claimed_at + timedelta(days=1)
    )
    return next(near, None)
