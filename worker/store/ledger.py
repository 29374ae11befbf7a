"""What do we have of what a sender took on a day, and which days were compared?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, func, select

from worker.store.bulk import Insertion, Reading, Values
from worker.store.tables import attempts, ledger_checks, ledger_differences

BEGUN = -1
"""What stands for the count of a day that somebody is comparing."""

_BEGIN = Insertion(ledger_checks, returning=("sender",))
_DIFFERENCES = Insertion(ledger_differences, returning=("provider_ref",))
_OURS = ("message_id", "number", "state", "provider_ref", "address_hash", "text", "claimed_at")
_BY_REF = Reading(attempts, by=("provider_ref",), columns=_OURS)
_BY_ADDRESS = Reading(attempts, by=("address_hash",), columns=_OURS)


class Day(NamedTuple):
    sender: str
    since: datetime
    until: datetime


def begin_check(connection: Connection, day: Day, *, now: datetime, stale: datetime) -> bool:
    """Whether the day is ours to compare: nobody has, and nobody began after `stale`."""
    row = {"sender": day.sender, "since": day.since, "until": day.until, "at": now}
    if _BEGIN.run(connection, [{**row, "compared": BEGUN, "differences": 0}]):
        return True
    taken = connection.execute(
        ledger_checks.update()
        .where(ledger_checks.c.sender == day.sender, ledger_checks.c.since == day.since)
        .where(ledger_checks.c.compared == BEGUN, ledger_checks.c.at < stale)
        .values(at=now)
    )
    return taken.rowcount > 0


def end_check(connection: Connection, day: Day, *, now: datetime, counts: tuple[int, int]) -> None:
    """`counts`: compared, and different."""
    connection.execute(
        ledger_checks.update()
        .where(ledger_checks.c.sender == day.sender, ledger_checks.c.since == day.since)
        .values(at=now, compared=counts[0], differences=counts[1])
    )


def keep_differences(connection: Connection, rows: Iterable[Values]) -> int:
    """How many of them nobody had found before."""
    return len(_DIFFERENCES.run(connection, rows))


def first_claim(connection: Connection, sender: str) -> datetime | None:
    """When this sender's first message was claimed."""
    query = select(func.min(attempts.c.claimed_at)).where(attempts.c.sender == sender)
    found: datetime | None = connection.scalar(query)
    return found


def ours_by_ref(connection: Connection, refs: Iterable[str]) -> Mapping[str, Row[Any]]:
    """By the provider's name, our attempts."""
    rows = _BY_REF.run(connection, [{"provider_ref": one} for one in set(refs)])
    return {row.provider_ref: row for row in rows}


def ours_by_address(
    connection: Connection, hashes: Iterable[str]
) -> Mapping[str, Sequence[Row[Any]]]:
    """By the address's hash, our attempts of which we know no name of the provider's."""
    found: dict[str, list[Row[Any]]] = {}
    for row in _BY_ADDRESS.run(connection, [{"address_hash": one} for one in set(hashes)]):
        if row.provider_ref is None:
            found.setdefault(row.address_hash, []).append(row)
    return found


def taken_on(
    connection: Connection, day: Day, *, after: tuple[datetime, str] | None, limit: int
) -> Sequence[Row[Any]]:
    """Attempts claimed on the day that the sender took, by its name, in portions."""
    query = select(*(attempts.c[name] for name in _OURS)).where(
        attempts.c.sender == day.sender,
        attempts.c.claimed_at >= (after[0] if after else day.since),
        attempts.c.claimed_at < day.until,
        attempts.c.provider_ref.is_not(None),
    )
    if after:
        later = attempts.c.claimed_at > after[0]
        query = query.where(later | (attempts.c.message_id > after[1]))
    ordered = query.order_by(attempts.c.claimed_at, attempts.c.message_id)
    return connection.execute(ordered.limit(limit)).all()


def read_differences(connection: Connection, *, since: datetime) -> Mapping[str, int]:
    """By kind, those found since then."""
    query = (
        select(ledger_differences.c.kind, func.count().label("count"))
        .where(ledger_differences.c.found_at >= since)
        .group_by(ledger_differences.c.kind)
    )
    return {row.kind: int(row[1]) for row in connection.execute(query)}
