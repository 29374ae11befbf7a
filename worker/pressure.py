"""Is it safe to take more? No, before the database or its disk is in danger."""

from __future__ import annotations

import shutil
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import NamedTuple

import structlog
from prometheus_client import Gauge
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from worker.store.backlog import more_unread_than, tell_pressure
from worker.store.clock import read_now
from worker.store.engine import in_transaction, reading

log = structlog.get_logger(__name__)

GAP = timedelta(seconds=1)
MOST_UNREAD = 500_000
"""Minutes of reading: whoever adds to it only makes everything later."""
REST = 20
LONGEST = 10
"""A look that took long is followed by a rest so many times as long, of so many gaps at most."""
LEAST_FREE = 256 * 1024 * 1024
LEAST_SHARE = 10
"""Where the disk is small, this part of it is enough: one in so many."""


class Cause(StrEnum):
    """Why nothing more is taken."""

    UNREAD = "unread"
    DISK = "disk"


class Bounds(NamedTuple):
    """What is too much, and what is too little; `folder`: where the database lies, if we know."""

    folder: Path | None = None
    unread: int = MOST_UNREAD
    free: int = LEAST_FREE
    share: int = LEAST_SHARE


PRESSURE = Gauge(
    "outreach_back_pressure",
    "1 while doors turn events away, by cause.",
    ["cause"],
    multiprocess_mode="livemax",
)


class Pressure:
    """Looked at once a second; an alarm stands while it lasts."""

    def __init__(self, engine: Engine, bounds: Bounds, *, gap: timedelta = GAP) -> None:
        self._engine = engine
        self._bounds = bounds
        self._gap = gap.total_seconds()
        self._lock = Lock()
        self._due = monotonic()
        self._told: Cause | str | None = "nothing yet"
        self.last: Cause | None = None
        """As of the last look; never blocks."""

    @property
    def stale(self) -> bool:
        return monotonic() >= self._due

    def look(self) -> Cause | None:
        """Why nothing more may be taken, or None; blocks, and raises where the database is away."""
        with self._lock:
            if self.stale:
                begun = monotonic()
                self.last = self._find()
                # Counting a long backlog must not be the load that makes it longer.
                took = monotonic() - begun
                self._due = monotonic() + max(self._gap, min(took * REST, self._gap * LONGEST))
                for one in Cause:
                    PRESSURE.labels(one).set(one is self.last)
                self._tell(self.last)
            return self.last

    def _find(self) -> Cause | None:
        if self._short_of_disk():
            return Cause.DISK
        bound = self._bounds.unread
        return Cause.UNREAD if reading(self._engine, lambda c: more_unread_than(c, bound)) else None

    def _short_of_disk(self) -> bool:
        if self._bounds.folder is None:
            return False
        disk = shutil.disk_usage(self._bounds.folder)
        return disk.free < min(self._bounds.free, disk.total // self._bounds.share)

    def _tell(self, cause: Cause | None) -> None:
        """Once a change; where the database cannot take it now, at the next look."""
        if cause == self._told:
            return
        causes = {one.value: self._detail(one) if one is cause else None for one in Cause}
        try:
            in_transaction(self._engine, lambda c: tell_pressure(c, causes, read_now(c)))
        except SQLAlchemyError as error:
            log.warning("back_pressure_untold", error=type(error).__name__)
            return
        if cause is not None:
            log.error("back_pressure", cause=cause.value, detail=self._detail(cause))
        self._told = cause

    def _detail(self, cause: Cause) -> str:
        match cause:
            case Cause.UNREAD:
                return f"more than {self._bounds.unread} events are unread"
            case Cause.DISK:
                return "the disk of the database is nearly full"
