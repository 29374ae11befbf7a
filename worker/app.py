"""How do bells travel? The Celery object, its queues and what beat rings by itself.

`celery -A worker.app worker` finds `app` here: it is made from the environment when asked for,
never by importing this file.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from functools import cache
from logging import getLogger
from math import floor
from time import monotonic
from typing import Any

from celery import Celery
from celery.app.log import Logging as CelerysLogging
from celery.beat import ScheduleEntry, Scheduler
from kombu import Queue

from worker import alive
from worker.bells import Bell, Rope
from worker.celery_wire import Amqp
from worker.logs import Formatter, begin_logging
from worker.settings import Settings, read_settings
from worker.sifting import PUBLISH, REFUSE

QUEUES = ("outreach.events", "outreach.send", "outreach.inbox")

# What has a bell is looked for by the sweep, every few seconds, and rung for; its own tick is for
# when nobody sweeps, or a sweep fails.
# Whoever claims sets an alarm clock for what is due before the next sweep.
TICKS = {
    Bell.EVALUATE: (15.0, "outreach.events"),
    Bell.CLAIM: (15.0, "outreach.send"),
    Bell.RECOMPUTE: (30.0, "outreach.events"),
    # who has waited at the stream rings for the next to do so
    Bell.STREAM: (5.0, "outreach.inbox"),
    Bell.RECEIVE: (60.0, "outreach.inbox"),
    Bell.ANSWER: (60.0, "outreach.inbox"),
    Bell.SWEEP: (5.0, "outreach.inbox"),
    Bell.RECONCILE: (60.0, "outreach.inbox"),
    Bell.LEDGER: (300.0, "outreach.inbox"),
    Bell.FORGET: (300.0, "outreach.inbox"),
    Bell.TELL: (2.0, "outreach.inbox"),
    Bell.LISTEN: (300.0, "outreach.inbox"),
}
HEARTBEAT_SECONDS = 10.0

ROUTES: dict[str, Any] = {
    **{bell: {"queue": queue} for bell, (_, queue) in TICKS.items()},
    **{door: {"queue": "outreach.inbox"} for door in (PUBLISH, REFUSE)},
}


def _tick(bell: Bell, seconds: float, queue: str) -> dict[str, Any]:
    return {"task": bell, "schedule": seconds, "options": {"queue": queue}}


CONFIGURATION: dict[str, Any] = {
    "task_serializer": "json",
    "accept_content": ["json"],
    "task_ignore_result": True,
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "task_acks_on_failure": True,
    "task_acks_on_timeout": True,
    "task_default_queue": "outreach.inbox",
    "task_create_missing_queues": False,
    "task_routes": ROUTES,
    "task_publish_retry": False,
    # Longer than a provider's connect and read timeouts together, shorter than a lease.
    "task_time_limit": 60,
    "task_soft_time_limit": 45,
    "worker_prefetch_multiplier": 1,
    "worker_cancel_long_running_tasks_on_connection_loss": False,
    "worker_soft_shutdown_timeout": 20,
    "worker_max_tasks_per_child": 50_000,
    "worker_max_memory_per_child": 300_000,
    # Strangers may write to the broker: neither their messages nor their commands end a worker.
    "worker_consumer": "worker.celery_door:Consumer",
    "worker_enable_remote_control": False,
    "worker_hijack_root_logger": False,
    "worker_redirect_stdouts": False,
    "worker_send_task_events": False,
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    "beat_schedule": {
        **{bell: _tick(bell, seconds, queue) for bell, (seconds, queue) in TICKS.items()},
        **{f"heartbeat of {one}": _tick(Bell.HEARTBEAT, HEARTBEAT_SECONDS, one) for one in QUEUES},
    },
    "beat_scheduler": "worker.app:Ticker",
    "beat_max_loop_interval": 1,
}

REDIS = {
    "visibility_timeout": 180,
    "unacked_restore_interval": 15,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
    "health_check_interval": 10,
}
# What a publisher's Celery sent is on more than one machine's disk before it hears so.
RABBITMQ = {"confirm_publish": True, "connect_timeout": 2, "read_timeout": 5, "write_timeout": 5}
QUORUM = {"x-queue-type": "quorum"}


class Logging(CelerysLogging):
    """Celery started by its own command would write in its own way: ours redacts."""

    def setup_logging_subsystem(self, *args: Any, **kwargs: Any) -> Any:
        if not any(isinstance(one.formatter, Formatter) for one in getLogger().handlers):
            begin_logging()
        return super().setup_logging_subsystem(*args, **kwargs)


class Outreach(Celery):
    """A Celery app that knows the settings it was made from; its process keeps its parts in it."""

    amqp_cls = Amqp
    log_cls = Logging
    settings: Settings
    parts: object | None = None


class Ticker(Scheduler):
    """Beat without a file: what it rings is in the code, and missing a tick costs nothing.

    All that is due in a second is rung at once, so that beat, the broker and the workers wake
    once for it; Celery's own way to find out what is due cost more than to ring it.
    """

    def __init__(
        self, app: Celery, *, clock: Callable[[], float] = monotonic, **kwargs: Any
    ) -> None:
        super().__init__(app, **kwargs)
        self._rope = Rope(app)
        self._clock = clock
        begun = clock()
        # heartbeats at once: who begins is soon heard of
        self._due: dict[str, float] = {
            name: begun if entry.task == Bell.HEARTBEAT else begun + _every(entry)
            for name, entry in self.schedule.items()
        }

    def tick(self, *_args: Any, **_kwargs: Any) -> float:
        """Ring what is due; seconds until something is."""
        now = self._clock()
        for name, entry in self.schedule.items():
            if self._due[name] <= now:
                self._rope.pull(entry.task, entry.options["queue"])
                missed = floor((now - self._due[name]) / _every(entry))
                self._due[name] += _every(entry) * (missed + 1)
        alive.touch()
        return max(0.0, min(self._due.values()) - self._clock())

    def close(self) -> None:
        self._rope.let_go()
        super().close()


def _every(entry: ScheduleEntry) -> float:
    seconds: float = entry.schedule.seconds
    return seconds


def make_app(settings: Settings) -> Outreach:
    broker = "memory://localhost//" if settings.in_process else settings.broker_url
    app = Outreach("outreach", broker=broker, include=["worker.tasks"])
    app.conf.update(deepcopy(CONFIGURATION))
    rabbitmq = broker.startswith("amqp")
    app.conf.task_queues = [
        Queue(name, queue_arguments=QUORUM if rabbitmq else None) for name in QUEUES
    ]
    options = RABBITMQ if rabbitmq else REDIS
    app.conf.broker_transport_options = {} if settings.in_process else options
    if settings.stream_url is None:
        del app.conf.beat_schedule[Bell.STREAM]
    if not settings.webhook_secrets:
        # nobody can be told without one
        del app.conf.beat_schedule[Bell.TELL]
    app.settings = settings
    return app


@cache
def _from_environment() -> Outreach:
    return make_app(read_settings())


def __getattr__(name: str) -> Any:
    if name in ("app", "celery"):
        return _from_environment()
    raise AttributeError(name)
