"""Which configuration is in force? The active row says; each process compiles it once."""

from __future__ import annotations

from datetime import timedelta
from threading import Lock
from time import monotonic

import structlog
from prometheus_client import Gauge
from sqlalchemy import Connection, Engine

from triggers.configuration import Configuration, ConfigurationRefused, read_configuration
from worker.store.bundles import bundle_files, in_force
from worker.store.engine import reading
from worker.store.proposals import RefusedApply, last_refusal

log = structlog.get_logger(__name__)

GAP = timedelta(seconds=1)
MISTAKE = Gauge(
    "outreach_configuration_mistake",
    "1 while what was meant to be in force is not; /readyz tells why.",
    multiprocess_mode="livemax",
)


class Following:
    """The active configuration, looked for again once a second."""

    def __init__(self, engine: Engine, *, gap: timedelta = GAP) -> None:
        self._engine = engine
        self._gap = gap.total_seconds()
        self._lock = Lock()
        self._active: Configuration | None = None
        self._looked: float | None = None
        self._not_understood: ConfigurationRefused | None = None
        self._wrong: str | None = None
        self._refused: RefusedApply | None = None
        self._folder: str | None = None

    def active(self) -> Configuration | None:
        """None before the first was applied, and while a later version's is in force.

        An older one must not decide then: its triggers would be those that others have replaced,
        and events it reads are read for good.
        """
        with self._lock:
            if self.stale:
                self._look()
            return None if self.outdated else self._active

    @property
    def stale(self) -> bool:
        """Whether `active` would ask the database: who must not block asks this first."""
        return self._looked is None or monotonic() - self._looked >= self._gap

    @property
    def outdated(self) -> bool:
        """Whether what is in force was applied by a later version, as of the last look."""
        return self._not_understood is not None

    @property
    def last(self) -> Configuration | None:
        """The last one that was understood; never blocks."""
        return self._active

    def look_again(self, *, mistake: str | None) -> None:
        """What is active may be another now; `mistake`: why what lies in the folder is not."""
        with self._lock:
            self._looked = None
            self._folder = mistake

    @property
    def mistake(self) -> str | None:
        """Why what was meant to be in force is not, as of the last look."""
        if self._folder or self._not_understood:
            return self._folder or str(self._not_understood)
        if self._refused:
            head = f"applied by {self._refused.by} at {self._refused.at.isoformat()}, and refused"
            return "\n".join([f"{head}:", *self._refused.mistakes])
        return None

    def _look(self) -> None:
        looked = monotonic()
        while reading(self._engine, self._read):
            # to compile it took its time: another may be in force by now
            looked = monotonic()
        self._looked = looked
        MISTAKE.set(self.mistake is not None)

    def _read(self, connection: Connection) -> bool:
        """Whether it is another one than at the last look."""
        digest, was_refused = in_force(connection)
        wrong, last = self._wrong, self._active
        if digest and digest != wrong:
            self._follow(connection, digest)
        refused = last_refusal(connection) if was_refused else None
        if refused and refused != self._refused:
            log.error("configuration_refused", by=refused.by, mistakes=len(refused.mistakes))
        self._refused = refused
        return self._wrong != wrong or self._active is not last

    def _follow(self, connection: Connection, digest: str) -> None:
        try:
            if self._active is None or self._active.hash != digest:
                self._active = read_configuration(bundle_files(connection, digest))
            self._wrong, self._not_understood = None, None
        except ConfigurationRefused as refused:
            # Applied by a newer version than this: its workers go on, and we wait.
            self._wrong, self._not_understood = digest, refused
            log.error("configuration_not_understood", mistakes=len(refused.mistakes))
