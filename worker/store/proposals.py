"""Which configurations wait for a second person, and which was refused last?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from worker.store.bulk import Insertion
from worker.store.tables import proposals, refused_applies

# whoever proposes the same anew does so upon what is in force by now
_PROPOSE = Insertion(
    proposals,
    conflict='(bundle) DO UPDATE SET base = excluded.base, "by" = excluded."by", at = excluded.at'
    " WHERE proposals.base <> excluded.base",
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """`base` is the bundle that was in force when it was proposed."""

    bundle: str
    base: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RefusedApply:
    """Files that somebody meant to put in force, and what was wrong with them."""

    at: datetime
    by: str
    mistakes: Sequence[str]


def propose(connection: Connection, digest: str, *, base: str, by: str, now: datetime) -> None:
    """Whoever proposed the same upon the same base before stays its proposer."""
    _PROPOSE.run(connection, [{"bundle": digest, "base": base, "by": by, "at": now}])


def open_proposals(connection: Connection) -> Sequence[Proposal]:
    """Newest first."""
    query = select(proposals).order_by(proposals.c.at.desc(), proposals.c.bundle)
    return [Proposal(row.bundle, row.base, row.by, row.at) for row in connection.execute(query)]


def proposal_of(connection: Connection, digest: str) -> Proposal | None:
    return next((one for one in open_proposals(connection) if one.bundle == digest), None)


def close_proposals(connection: Connection) -> None:
    """Something else is in force: all were made upon what no longer is."""
    connection.execute(proposals.delete())


def keep_refusal(
    connection: Connection, mistakes: Sequence[str], *, by: str, now: datetime
) -> None:
    """In place of whatever was refused before."""
    forget_refusal(connection)
    row = {"at": now, "by": by, "mistakes": list(mistakes)}
    connection.execute(refused_applies.insert().values(row))


def last_refusal(connection: Connection) -> RefusedApply | None:
    """None where the last apply was not refused."""
    query = select(refused_applies).order_by(refused_applies.c.seq.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return RefusedApply(row.at, row.by, row.mistakes) if row else None


def forget_refusal(connection: Connection) -> None:
    connection.execute(refused_applies.delete())
