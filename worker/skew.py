"""Does this machine's clock agree with the database's? One that is off must not send."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from time import monotonic

import structlog
from sqlalchemy import Engine

from worker.clock import MOST_APART, utc_now
from worker.store.clock import read_now
from worker.store.engine import reading

log = structlog.get_logger(__name__)

MOST = MOST_APART
GAP = timedelta(seconds=5)


class Skew:
    """Compared again every few seconds."""

    def __init__(
        self, engine: Engine, *, now: Callable[[], datetime] = utc_now, gap: timedelta = GAP
    ) -> None:
        self._engine = engine
        self._now = now
        self._gap = gap.total_seconds()
        self._lock = Lock()
        self._compared: float | None = None
        self._off = False

    def too_large(self) -> bool:
        with self._lock:
            if self._compared is None or monotonic() - self._compared >= self._gap:
                self.compare()
            return self._off

    def compare(self) -> timedelta:
        """How far they are apart now, whichever is ahead; asks the database."""
        apart = abs(reading(self._engine, read_now) - self._now())
        self._off = apart > MOST
        self._compared = monotonic()
        if self._off:
            log.error("clock_is_off", seconds=apart.total_seconds())
        return apart
