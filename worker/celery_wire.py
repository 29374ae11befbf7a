"""What of all that lies in a broker does kombu come to see, and how does it wait for it?

An entry that it could not read is sealed before it tries to; a bell need not be kept until it is
heard; and where nothing comes, nobody looks many times a second whether something has.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from queue import Empty, Queue
from threading import Event
from time import monotonic
from typing import Any

import orjson
from celery.app.amqp import AMQP
from kombu import Connection as KombusConnection
from kombu.transport import memory, virtual
from kombu.transport.virtual import QoS
from kombu.utils.json import dumps, loads

from worker.sifting import OURS, carries_nothing, deep, envelope, is_bell, refusal, sealed, text_of


class Connection(KombusConnection):
    """A connection whose transport delivers nothing that is no message."""

    def get_transport_cls(self) -> Any:
        return _sifting(super().get_transport_cls())


SMALL = 2_000
"""Bytes; a bell's entry has a quarter of it."""
ASKED_AGAIN = 5
"""Seconds after which a queue that stays empty is asked for again; kombu does so each second."""


class Amqp(AMQP):
    Connection = Connection


@cache
def _sifting(transport: Any) -> Any:
    if not issubclass(transport, virtual.Transport):
        # Behind a real broker the client reads frames, and only the body is a stranger's.
        return transport
    channel = transport.Channel
    if hasattr(channel, "_brpop_read"):
        channel = type("Channel", (_ReadsAnything, channel), {"QoS": _forgetful(channel.QoS)})
        options = {"Channel": channel, "brpop_timeout": ASKED_AGAIN}
        return type("Transport", (_Sifts, _Rests, transport), options)
    if transport is memory.Transport:
        channel = type("Channel", (_Rings, channel), {})
        return type("Transport", (_Sifts, _Waits, transport), {"Channel": channel})
    return type("Transport", (_Sifts, transport), {"Channel": channel})


class _Sifts:
    """Between a virtual transport's queue and the message made of its entry."""

    def _deliver(self, message: Any, queue: str) -> None:
        if queue.startswith(OURS):
            message = envelope(message, queue)
        super()._deliver(message, queue)  # type: ignore[misc]


class _Rests:
    """Our queues never expire: nobody looks each second whether one is to be kept from it."""

    cycle: Any

    def register_with_event_loop(self, connection: Any, loop: Any) -> None:
        super().register_with_event_loop(connection, loop)  # type: ignore[misc]
        looks = getattr(self.cycle, "_binding_expiry_tref", None)
        if looks is not None:
            looks.cancel()


CAME = Event()
"""Something lies in a queue of the in-process broker, which is this process's alone."""
LOOKED_AGAIN = 1.0
"""Seconds: of two who wait, one may take what woke the other."""


class _Ringing(Queue[Any]):
    """Wakes whoever waits for what is put into it."""

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        super().put(item, block, timeout)
        CAME.set()


class _Rings:
    """Who publishes has a channel of kombu's own, but the queue that a consumer has made."""

    queues: dict[str, Queue[Any]]

    def _new_queue(self, queue: str, **_options: Any) -> None:
        self._queue_for(queue)

    def _queue_for(self, queue: str) -> Queue[Any]:
        held = self.queues.get(queue)
        if isinstance(held, _Ringing):
            return held
        made = self.queues[queue] = _Ringing()
        while held is not None and not held.empty():
            made.put(held.get())
        return made


class _Waits:
    """kombu's own way is to look a hundred times a second whether something has come."""

    cycle: Any
    _deliver: Any

    def drain_events(self, _connection: Any, timeout: float | None = None) -> None:
        end = None if timeout is None else monotonic() + timeout
        while True:
            CAME.clear()
            try:
                self.cycle.get(self._deliver, timeout=timeout)
                return
            except Empty:
                left = LOOKED_AGAIN if end is None else end - monotonic()
            if left <= 0:
                raise TimeoutError
            CAME.wait(min(left, LOOKED_AGAIN))


class _ReadsAnything:
    """A Redis list holds whatever was pushed: what is no JSON is sealed before kombu reads it."""

    pool: Any
    _kept: Any = None

    def _create_client(self, asynchronous: bool = False) -> Any:
        if asynchronous:
            client = super()._create_client(asynchronous=asynchronous)  # type: ignore[misc]
            client.parse_response = _sealing(client.parse_response)
            return client
        # kombu makes one for each command, which costs as much as the command
        if self._kept is None or self._kept.connection_pool is not self.pool:
            self._kept = super()._create_client()  # type: ignore[misc]
        return self._kept


@cache
def _forgetful(kept: type[QoS]) -> type[QoS]:
    """Redis need not keep a copy of a bell until it is heard: the next tick says the same."""

    class Forgetful(kept):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._bells: set[str] = set()

        def append(self, message: Any, delivery_tag: str) -> None:
            if is_bell(message.headers) and carries_nothing(message.body):
                self._bells.add(delivery_tag)
            else:
                super().append(message, delivery_tag)

        def ack(self, delivery_tag: str) -> None:
            if delivery_tag in self._bells:
                self._bells.discard(delivery_tag)
            else:
                super().ack(delivery_tag)

        def reject(self, delivery_tag: str, requeue: bool = False) -> None:
            if delivery_tag in self._bells:
                self._bells.discard(delivery_tag)
            else:
                super().reject(delivery_tag, requeue=requeue)

    return Forgetful


def _sealing(read: Callable[..., Any]) -> Callable[..., Any]:
    def parse_response(connection: Any, command: str, **options: Any) -> Any:
        reply = read(connection, command, **options)
        if command != "BRPOP" or not reply:
            return reply
        queue, item = reply
        if not _readable(item):
            call = refusal(text_of(item), "is not a Celery message: its entry is not JSON")
            item = dumps(sealed(call, text_of(queue)))
        return queue, item

    return parse_response


def _readable(item: Any) -> bool:
    if len(item) < SMALL and b"__type__" not in item:
        # what reads it in the end is more patient than this, and ten times slower
        with suppress(orjson.JSONDecodeError):
            return not deep(orjson.loads(item))
    try:
        return not deep(loads(item))
    except Exception:
        # Whatever its decoder may raise: it would end the worker.
        return False
