"""Which configuration is in force? The active row says; each bundle is compiled once a process."""

from __future__ import annotations

from datetime import timedelta
from threading import Lock
from time import monotonic

import structlog
from sqlalchemy import Connection, Engine

from triggers.configuration import Configuration, ConfigurationRefused, read_configuration
from worker.store.bundles import active_bundle, bundle_files
from worker.store.engine import reading

log = structlog.get_logger(__name__)

KEPT = 4
"""Bundles kept compiled: the active one, and those whose messages still wait."""
GAP = timedelta(seconds=1)


class Following:
    """The active configuration, looked for again once a second; a bundle never changes."""

    def __init__(self, engine: Engine, *, gap: timedelta = GAP) -> None:
        self._engine = engine
        self._gap = gap.total_seconds()
        self._lock = Lock()
        self._compiled: dict[str, Configuration] = {}
        self._active: Configuration | None = None
        self._looked: float | None = None
        self.mistake: str | None = None

    def active(self) -> Configuration | None:
        """None before the first was applied."""
        with self._lock:
            if self._looked is None or monotonic() - self._looked >= self._gap:
                self._look()
            return self._active

    def look_again(self, *, mistake: str | None) -> None:
        """What is active may be another now; `mistake`: why what lies in the folder is not."""
        with self._lock:
            self._looked = None
            self.mistake = mistake

    def bundle(self, digest: str) -> Configuration:
        """One that was applied at some time; KeyError where none of that hash was."""
        with self._lock:
            return reading(self._engine, lambda connection: self._of(connection, digest))

    def _look(self) -> None:
        try:
            self._active = reading(self._engine, self._read_active)
        except ConfigurationRefused as refused:
            # Applied by a newer version than this: the last one we understand goes on.
            self.mistake = str(refused)
            log.error("configuration_not_understood", mistakes=len(refused.mistakes))
        self._looked = monotonic()

    def _read_active(self, connection: Connection) -> Configuration | None:
        digest = active_bundle(connection)
        return self._of(connection, digest) if digest else None

    def _of(self, connection: Connection, digest: str) -> Configuration:
        found = self._compiled.pop(digest, None)
        if found is None:
            found = read_configuration(bundle_files(connection, digest))
        self._compiled[digest] = found
        if len(self._compiled) > KEPT:
            del self._compiled[next(iter(self._compiled))]
        return found
