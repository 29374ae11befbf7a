"""How is the next station woken? By a bell that may be lost: it carries nothing but its name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from threading import Event, Lock, Thread
from time import monotonic
from uuid import uuid4

import structlog
from celery import Celery
from kombu import Connection, Producer
from prometheus_client import Counter

from worker.clock import MOST_APART

log = structlog.get_logger(__name__)


class Bell(StrEnum):
    """The task that each bell calls."""

    EVALUATE = "outreach.evaluate"
    CLAIM = "outreach.claim"
    RECOMPUTE = "outreach.recompute"
    STREAM = "outreach.stream"
    RECEIVE = "outreach.receive"
    ANSWER = "outreach.answer"
    SWEEP = "outreach.sweep"
    RECONCILE = "outreach.reconcile"
    LEDGER = "outreach.ledger"
    FORGET = "outreach.forget"
    TELL = "outreach.tell"
    LISTEN = "outreach.listen"
    HEARTBEAT = "outreach.heartbeat"


LOST = Counter("outreach_bells_lost_total", "Bells the broker did not take.", ["bell"])
GAP = timedelta(milliseconds=3)
LONGEST_GAP = timedelta(milliseconds=10)
WORTH = MOST_APART + timedelta(seconds=5)
"""So long it is worth hearing: then a sweep has said the same, by whatever clock."""
CALL = "[[], {}, {}]"
"""A task without arguments, as Celery writes it."""


class Rope:
    """What one thread rings by: a connection of its own, kept, which Celery's `send_task` has not.

    The message is the one that `send_task` would make, without what is for results, chains and the
    log, and costs a third of it.
    """

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._connection: Connection | None = None
        self._producer: Producer | None = None

    def pull(self, bell: str, queue: str | None = None) -> None:
        """Ring once; where the broker does not take it, that is counted and logged."""
        queue = queue or self._app.conf.task_routes[bell]["queue"]
        try:
            self._pull(bell, queue)
        except Exception as error:
            # Whatever the broker's client may raise: the tick or the sweep says the same later.
            LOST.labels(bell).inc()
            log.warning("bell_lost", bell=bell, error=type(error).__name__)

    def let_go(self) -> None:
        """Close the connection; whoever pulls again has a new one."""
        connection, self._connection, self._producer = self._connection, None, None
        if connection is not None:
            connection.release()

    def _pull(self, bell: str, queue: str) -> None:
        used = self._producer is not None
        try:
            self._publish(bell, queue)
        except Exception:
            self.let_go()
            if not used:
                raise
            # it may have died of old age since the last bell
            self._publish(bell, queue)

    def _publish(self, bell: str, queue: str) -> None:
        if self._producer is None:
            self._connection = self._app.connection_for_write()
            self._producer = Producer(self._connection.channel(), auto_declare=False)
        expires = (datetime.now(UTC) + WORTH).isoformat()
        self._producer.publish(
            CALL,
            routing_key=queue,
            headers={"task": str(bell), "id": str(uuid4()), "expires": expires},
            content_type="application/json",
            content_encoding="utf-8",
        )


class Ringer:
    """Rings for one process, from a thread of its own, so that a slow broker delays nobody.

    The first ring goes out at once; those that come within the gap after it become one at its end.
    While they come that fast the gap grows: a bell costs more than to wait for one.
    """

    def __init__(self, app: Celery, *, gap: timedelta = GAP) -> None:
        self._rope = Rope(app)
        self._gap = gap.total_seconds()
        self._longest = max(gap, LONGEST_GAP).total_seconds()
        self._asked: set[Bell] = set()
        self._later: dict[Bell, float] = {}
        self._lock = Lock()
        self._wake = Event()
        self._closing = Event()
        self._thread: Thread | None = None

    def ring(self, bell: Bell) -> None:
        """Ask for a bell; never waits, never fails."""
        with self._lock:
            self._asked.add(bell)
            self._begin()
        self._wake.set()

    def ring_in(self, bell: Bell, seconds: float) -> None:
        """Ask for a bell so much later, or when it was asked for before, whichever is sooner.

        One that is asked for twice is rung once, by which whoever hears it looks for what is next;
        what is still to be rung when the process ends, nobody rings.
        """
        at = monotonic() + seconds
        with self._lock:
            if self._later.get(bell, at) < at:
                return
            self._later[bell] = at
            self._begin()
        self._wake.set()

    def close(self) -> None:
        """Ring what is asked for by now, and end."""
        self._closing.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def _begin(self) -> None:
        if self._thread is None and not self._closing.is_set():
            self._thread = Thread(target=self._run, name="ringer", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        gap = self._gap
        while True:
            self._wake.wait(self._rest())
            self._wake.clear()
            bells = self._due()
            for bell in sorted(bells):
                self._rope.pull(bell)
            if self._closing.wait(gap if bells else 0) and not self._asked:
                self._rope.let_go()
                return
            gap = min(2 * gap, self._longest) if self._asked else self._gap

    def _rest(self) -> float | None:
        """Seconds until one is to be rung that was asked for later."""
        with self._lock:
            return max(0.0, min(self._later.values()) - monotonic()) if self._later else None

    def _due(self) -> set[Bell]:
        with self._lock:
            now = monotonic()
            come = {bell for bell, at in self._later.items() if at <= now}
            for bell in come:
                del self._later[bell]
            bells, self._asked = self._asked | come, set()
            return bells
