"""Which configuration is in force, since when, and what is in it?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, text, update

from worker.store.bulk import Insertion
from worker.store.direct import ask
from worker.store.tables import activations, bundles, trigger_births

_KEEP = Insertion(bundles)
_BEAR = Insertion(trigger_births)
# every process asks once a second
_IN_FORCE = text(
    "SELECT (SELECT bundle FROM activations ORDER BY seq DESC LIMIT 1) AS bundle,"
    " EXISTS (SELECT 1 FROM refused_applies) AS refused"
)


@dataclass(frozen=True, slots=True)
class Activation:
    """A bundle was put in force; `recomputed`: what waited has been made to follow it."""

    seq: int
    bundle: str
    at: datetime
    by: str
    recomputed: bool
    proposed_by: str | None = None


def active_bundle(connection: Connection) -> str | None:
    """The hash of the bundle in force; None before the first was applied."""
    newest = select(activations.c.bundle).order_by(activations.c.seq.desc()).limit(1)
    return connection.execute(newest).scalar_one_or_none()


def in_force(connection: Connection) -> tuple[str | None, bool]:
    """The hash of the bundle in force, and whether an apply was refused since."""
    [row] = ask(connection, _IN_FORCE, {})
    return row.bundle, bool(row.refused)


def bundle_files(connection: Connection, digest: str) -> Mapping[str, str]:
    """The texts of a bundle by their names; KeyError where none of that hash was applied."""
    query = select(bundles.c.files).where(bundles.c.hash == digest)
    found: Mapping[str, str] | None = connection.execute(query).scalar_one_or_none()
    if found is None:
        raise KeyError(digest)
    return found


def keep_bundle(
    connection: Connection, digest: str, files: Mapping[str, str], *, now: datetime
) -> None:
    _KEEP.run(connection, [{"hash": digest, "files": files, "created_at": now}])


def alone(connection: Connection) -> None:
    """Let nobody else activate a bundle until this transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE activations IN SHARE ROW EXCLUSIVE MODE")


def activate(
    connection: Connection, digest: str, *, by: str, now: datetime, proposed_by: str | None = None
) -> None:
    row = {"bundle": digest, "at": now, "by": by, "proposed_by": proposed_by}
    connection.execute(activations.insert().values(row))


def bundles_beginning(connection: Connection, digits: str) -> Sequence[str]:
    """The hashes, two at most, of kept bundles that begin with these digits."""
    query = select(bundles.c.hash).where(bundles.c.hash.startswith(digits, autoescape=True))
    return connection.execute(query.order_by(bundles.c.hash).limit(2)).scalars().all()


def bear(connection: Connection, names: Iterable[str], *, now: datetime) -> None:
    """From now on these triggers see what is received; those born before keep their birth."""
    _BEAR.run(connection, [{"trigger": name, "born_at": now} for name in set(names)])


def recent_activations(connection: Connection) -> Sequence[Activation]:
    """Newest first: those that were not recomputed, and the newest that was."""
    done = select(activations.c.seq).where(activations.c.recomputed_at.is_not(None))
    since = done.order_by(activations.c.seq.desc()).limit(1).scalar_subquery()
    query = select(activations).where((activations.c.seq >= since) | since.is_(None))
    rows = connection.execute(query.order_by(activations.c.seq.desc()))
    return [_activation(row) for row in rows]


def newest_activations(connection: Connection, *, most: int) -> Sequence[Activation]:
    """What was put in force, the newest first."""
    query = select(activations).order_by(activations.c.seq.desc()).limit(most)
    return [_activation(row) for row in connection.execute(query)]


def mark_recomputed(connection: Connection, newest: Activation, *, now: datetime) -> None:
    """This activation and all before it need nothing more."""
    open_ = activations.c.recomputed_at.is_(None) & (activations.c.seq <= newest.seq)
    connection.execute(update(activations).where(open_).values(recomputed_at=now))


def _activation(row: Row[Any]) -> Activation:
    done = row.recomputed_at is not None
    return Activation(row.seq, row.bundle, row.at, row.by, done, row.proposed_by)
