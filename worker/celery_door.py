"""Who stands at the door before Celery does? It stumbles over what a stranger may write.

A message it cannot read ends its worker, which then finds the same message at each new start. Here
every message is made one that it can; worker/sifting.py says what becomes of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from functools import partial
from logging import getLogger
from typing import Any, ClassVar

from celery.worker.consumer import Consumer as CelerysConsumer

from worker.bells import Bell, Rope
from worker.ear import Ear, Hands
from worker.pulse import Pulse
from worker.sifting import (
    Asked,
    Strange,
    Unheard,
    asked,
    body_of,
    headers_of,
    is_bell,
    refusal,
    text_of,
)

log = getLogger(__name__)


DELAYED = "celery.worker.consumer.delayed_delivery:DelayedDelivery"


class Consumer(CelerysConsumer):
    """Hears a call of a task of ours, or the refusal of what is none."""

    class Blueprint(CelerysConsumer.Blueprint):
        """Nothing of ours is delayed by the broker, which would need 28 queues for it."""

        default_steps: ClassVar = [
            one for one in CelerysConsumer.Blueprint.default_steps if one != DELAYED
        ]

    _ear: Ear | None = None
    _pulse: Pulse | None = None
    _rope: Rope | None = None

    def create_task_handler(self, *args: Any, **kwargs: Any) -> Callable[[Any], Any]:
        self._take = super().create_task_handler(*args, **kwargs)
        if self.hub is not None:
            # with each connection anew: of what came by the one before, nobody is told any more
            self._ear = Ear(self._hands())
            self._begin_pulse(self.hub)

        def on_task_received(message: Any) -> Any:
            try:
                tidy(message, self.strategies)
            except Unheard:
                # Beat of another version rings it; whoever knows it hears it at the next tick.
                return self._let_go(message)
            if self._ear is None or not is_bell(message.headers):
                return self._take(message)
            if self._pulse is not None and message.headers["task"] == Bell.HEARTBEAT:
                self._pulse.hear(message.delivery_info.get("routing_key"))
            return self._ear.hear(message)

        return on_task_received

    def _hands(self) -> Hands:
        return Hands(self.pool.num_processes, self._take, self._let_go, self.hub.call_later)

    def _begin_pulse(self, hub: Any) -> None:
        if self._pulse is not None:
            self._pulse.end()
        self._rope = self._rope or Rope(self.app)
        # in this thread, which could do nothing else either while the broker does not answer
        ring = partial(self._rope.pull, Bell.HEARTBEAT)
        self._pulse = Pulse(self.app.amqp.queues.consume_from, ring=ring, later=hub.call_later)
        self._pulse.begin()

    def _let_go(self, message: Any) -> None:
        message.ack_log_error(log, self.connection_errors)

    def on_decode_error(self, message: Any, _error: Exception) -> None:
        """What kombu could not make a body of."""
        _write(message, refusal(text_of(message.body), "its body cannot be decoded"))
        self._take(message)


def tidy(message: Any, known: Container[str]) -> None:
    """Make it say what it asks for and nothing else; where that is nothing of ours, a refusal.

    Unheard: a bell that this version does not know.
    """
    try:
        _write(message, asked(message.headers, _decoded(message), known))
    except Unheard:
        raise
    except Strange as wrong:
        _write(message, refusal(text_of(message.body), str(wrong)))


def _decoded(message: Any) -> Any:
    try:
        return message.decode()
    except Exception as error:
        # Whatever a decoder may raise, from digits without end to a type it does not know.
        raise Strange(f"its body cannot be decoded: {type(error).__name__}") from None


def _write(message: Any, call: Asked) -> None:
    message.headers = headers_of(call, message.headers)
    if not call.plain:
        message.body, message._decoded_cache = body_of(call), None
        message.content_type, message.content_encoding = "application/json", "utf-8"
