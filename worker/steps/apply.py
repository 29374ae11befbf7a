"""How does a configuration come into force?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from triggers.changes import changed_triggers
from triggers.configuration import Configuration, read_configuration
from worker.steps.bundled import compiled
from worker.store.bundles import activate, active_bundle, alone, bear, keep_bundle
from worker.store.clock import read_now
from worker.store.engine import in_transaction


@dataclass(frozen=True, slots=True)
class Applied:
    """`changed`: the triggers that are new, gone or other ones. Not `anew`: it was in force."""

    hash: str
    changed: tuple[str, ...]
    anew: bool


def apply(engine: Engine, files: Mapping[str, str], by: str) -> Applied:
    """Put these files in force; ConfigurationRefused, and nothing done, where they are wrong."""
    read = read_configuration(files)
    return in_transaction(engine, lambda connection: _apply(connection, read, files, by))


def _apply(
    connection: Connection, new: Configuration, files: Mapping[str, str], by: str
) -> Applied:
    alone(connection)
    digest = active_bundle(connection)
    if digest == new.hash:
        return Applied(new.hash, (), anew=False)
    old = compiled(connection, digest) if digest else None
    now = read_now(connection)
    keep_bundle(connection, new.hash, files, now=now)
    bear(connection, new.triggers, now=now)
    activate(connection, new.hash, by=by, now=now)
    return Applied(new.hash, tuple(sorted(changed_triggers(old, new))), anew=True)
