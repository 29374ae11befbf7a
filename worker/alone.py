"""How do the worker and beat live in one process with HTTP? Each in a thread beside it."""

from __future__ import annotations

import os
import threading

import structlog
from celery import Celery
from celery.beat import EmbeddedService
from celery.worker import WorkController, state

from worker.app import QUEUES, Ticker
from worker.bells import Bell, Rope

log = structlog.get_logger(__name__)

THREADS = 10
GRACE_SECONDS = 35
"""Longer than a provider's call may take."""


class Labour:
    """The worker and beat, each in a thread of this process."""

    def __init__(self, app: Celery) -> None:
        app.conf.worker_enable_remote_control = False
        # A thread that runs a task asks for the default app: nobody told it of ours.
        app.set_default()
        self._app = app
        self._worker = WorkController(
            app=app, pool_cls="threads", concurrency=THREADS, queues=",".join(QUEUES),
            without_gossip=True, without_mingle=True, without_heartbeat=True,
        )  # fmt: skip
        self._thread = threading.Thread(target=self._worker.start, name="worker", daemon=True)
        self._beat = EmbeddedService(app, thread=True, scheduler_cls=Ticker)

    def start(self) -> None:
        self._thread.start()
        self._beat.start()

    def stop(self) -> None:
        """Take no more bells, finish what is being done, and return."""
        self._beat.service.stop()
        state.should_stop = os.EX_OK
        # The worker looks whether to stop whenever something reaches it.
        rope = Rope(self._app)
        while self._thread.is_alive():
            rope.pull(Bell.HEARTBEAT, QUEUES[0])
            self._thread.join(0.1)
        rope.let_go()


def end_by_force(after: float = GRACE_SECONDS) -> None:
    """However a stop goes, the process is gone by then; what was cut off, the sweep finds."""

    def now() -> None:
        log.error("stopped_by_force", after=after)
        os._exit(1)

    timer = threading.Timer(after, now)
    timer.daemon = True
    timer.start()
