"""How does a configuration come into force?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from triggers.changes import changed_triggers
from triggers.configuration import Configuration, read_configuration
from triggers.mistakes import Mistake
from worker.steps.bundled import compiled, wants_approval
from worker.store.bundles import (
    activate,
    active_bundle,
    alone,
    bear,
    bundle_files,
    bundles_beginning,
    keep_bundle,
)
from worker.store.clock import read_now
from worker.store.engine import in_transaction, reading
from worker.store.proposals import (
    Proposal,
    close_proposals,
    forget_refusal,
    keep_refusal,
    proposal_of,
    propose,
)
from worker.told import Told

MISTAKES_KEPT = 20
FEWEST_DIGITS = 6
DIGITS = re.compile(rf"[0-9a-f]{{{FEWEST_DIGITS},32}}")


class NotApplied(Told):
    """Why this configuration does not come into force; nothing has changed."""


class ApprovalNeeded(NotApplied):
    """The configuration in force wants a second person for another one."""


@dataclass(frozen=True, slots=True)
class Applied:
    """`changed`: the triggers that are new, gone or other ones. Not `anew`: it was in force."""

    hash: str
    changed: tuple[str, ...]
    anew: bool


def apply(
    engine: Engine, files: Mapping[str, str], by: str, *, now: datetime | None = None
) -> Applied:
    """Put these files in force. ConfigurationRefused where they are wrong, ApprovalNeeded where
    one person is not enough: nothing is done then."""
    read = read_configuration(files)
    return in_transaction(engine, lambda connection: _apply(connection, read, files, by, now))


def propose_files(engine: Engine, files: Mapping[str, str], by: str) -> Proposal | None:
    """Keep these files for a second person to approve; None where they are in force already."""
    read = read_configuration(files)

    def keep(connection: Connection) -> Proposal | None:
        alone(connection)
        base = active_bundle(connection)
        if base is None or base == read.hash:
            return None
        now = read_now(connection)
        keep_bundle(connection, read.hash, files, now=now)
        propose(connection, read.hash, base=base, by=by, now=now)
        forget_refusal(connection)
        return proposal_of(connection, read.hash)

    return in_transaction(engine, keep)


def approve(engine: Engine, digest: str, by: str) -> Applied:
    """Put in force what another person proposed; NotApplied says why not."""
    files = reading(engine, lambda connection: bundle_files(connection, digest))
    read = read_configuration(files)

    def work(connection: Connection) -> Applied:
        alone(connection)
        active = active_bundle(connection)
        if active == digest:
            return Applied(digest, (), anew=False)
        found = _approvable(proposal_of(connection, digest), active, by)
        now = read_now(connection)
        return _activate(connection, read, by=by, now=now, proposed_by=found.by)

    return in_transaction(engine, work)


def kept_files(engine: Engine, digits: str) -> tuple[str, Mapping[str, str]]:
    """The bundle whose hash begins so; NotApplied where it is not exactly one.

    A few digits fit one bundle today and, of a slip of the pen, another one as well.
    """
    if not DIGITS.fullmatch(digits):
        raise NotApplied(
            f"{digits!r} is no hash: write {FEWEST_DIGITS} or more of its digits, 0-9 and a-f;"
            " `outreach apply --list` shows them"
        )

    def find(connection: Connection) -> tuple[str, Mapping[str, str]]:
        found = bundles_beginning(connection, digits)
        if len(found) != 1:
            many = "more than one configuration begins" if found else "no configuration begins"
            raise NotApplied(f"{many} with {digits!r}: `outreach apply --list` shows them")
        return found[0], bundle_files(connection, found[0])

    return reading(engine, find)


def refuse(engine: Engine, mistakes: Iterable[Mistake], by: str) -> None:
    """Let every process say that what was to come into force did not."""
    told = [str(one) for one in mistakes][:MISTAKES_KEPT]
    in_transaction(engine, lambda c: keep_refusal(c, told, by=by, now=read_now(c)))


def _apply(
    connection: Connection,
    new: Configuration,
    files: Mapping[str, str],
    by: str,
    now: datetime | None,
) -> Applied:
    alone(connection)
    digest = active_bundle(connection)
    if digest == new.hash:
        forget_refusal(connection)
        return Applied(new.hash, (), anew=False)
    if digest and wants_approval(connection, digest):
        raise ApprovalNeeded(f"{new.hash} needs a second person, as {digest} in force says")
    moment = now or read_now(connection)
    keep_bundle(connection, new.hash, files, now=moment)
    return _activate(connection, new, by=by, now=moment)


def _approvable(found: Proposal | None, active: str | None, by: str) -> Proposal:
    if found is None:
        raise NotApplied("nobody proposed it: `outreach apply --list` shows what waits")
    if found.base != active:
        raise NotApplied("another configuration came into force since: propose it anew")
    if _person(found.by) == _person(by):
        raise NotApplied(f"{found.by} proposed it: another person approves")
    return found


def _person(name: str) -> str:
    return " ".join(name.split()).casefold()


def _activate(
    connection: Connection,
    new: Configuration,
    *,
    by: str,
    now: datetime,
    proposed_by: str | None = None,
) -> Applied:
    digest = active_bundle(connection)
    old = compiled(connection, digest) if digest else None
    bear(connection, new.triggers, now=now)
    activate(connection, new.hash, by=by, now=now, proposed_by=proposed_by)
    close_proposals(connection)
    forget_refusal(connection)
    return Applied(new.hash, tuple(sorted(changed_triggers(old, new))), anew=True)
