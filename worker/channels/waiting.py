"""What may a call wait for, and how does a thread of its own wait for it?

A call that may share its thread is a coroutine which waits for nothing but these two.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Coroutine, Generator
from dataclasses import dataclass
from functools import partial
from selectors import EVENT_READ
from time import monotonic
from typing import Any, Generic, TypeVar

from urllib3.util.wait import wait_for_socket

from worker.channels.base import Accepted, Channel, Letter

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ready:
    """Until its socket can be read or written (`event`, as in `selectors`).

    TimeoutError: it could not `until` then, by the monotonic clock.
    """

    sock: socket.socket
    until: float
    event: int = EVENT_READ

    def __await__(self) -> Generator[Ready, None, None]:
        yield self


@dataclass(frozen=True, slots=True)
class Aside(Generic[T]):
    """Until a thread of its own has done this, which blocks; raises what that raises."""

    work: Callable[[], T]

    def __await__(self) -> Generator[Aside[T], T, T]:
        return (yield self)


Step = Ready | Aside[Any]
Call = Coroutine[Step, Any, T]


def shared_call(channel: Channel | None) -> Callable[[Letter], Call[Accepted]] | None:
    """As its `send`, in a thread that it shares; None: this channel needs a thread for each."""
    return getattr(channel, "call", None)


def alone(call: Call[T]) -> T:
    """The whole of it, in this thread."""
    on: Callable[[], Step] = partial(call.send, None)
    try:
        while True:
            on = _waited(call, on())
    except StopIteration as end:
        answer: T = end.value
        return answer


def _waited(call: Call[T], step: Step) -> Callable[[], Step]:
    """How the call goes on after this."""
    try:
        if isinstance(step, Aside):
            return partial(call.send, step.work())
    except Exception as error:
        return partial(call.throw, error)
    reading, seconds = step.event == EVENT_READ, max(0.0, step.until - monotonic())
    if wait_for_socket(step.sock, read=reading, write=not reading, timeout=seconds):
        return partial(call.send, None)
    return partial(call.throw, TimeoutError())
