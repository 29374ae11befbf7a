"""How do many calls wait in one thread? Whoever's answer has come goes on, one after the other.

A thread for each of them would cost more than the calls: with 64, most of the time goes to handing
Python from one to the next.
"""

from __future__ import annotations

import os
import socket
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from math import inf
from selectors import EVENT_READ, DefaultSelector
from threading import Lock, Thread
from time import monotonic
from typing import Any, NamedTuple

import structlog

from worker.channels.waiting import Aside, Call, Ready

log = structlog.get_logger(__name__)


class _Waiting(NamedTuple):
    call: Call[None]
    until: float


class Closed(RuntimeError):
    """A switchboard that is closed begins no call."""


class Switchboard:
    """At most so many calls at once; what is more waits in line."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.aside = ThreadPoolExecutor(most, "aside")
        self._lock = Lock()
        self._line: deque[Callable[[], Call[None]]] = deque()
        self._back: deque[Callable[[], None]] = deque()
        self._asleep = False
        self._closing = False
        self._thread: Thread | None = None
        self._under_way = 0
        self._soonest = inf

    @property
    def is_closing(self) -> bool:
        return self._closing

    def begin(self, call: Callable[[], Call[None]]) -> None:
        """As soon as there is room; never waits. It tells nobody how it ends."""
        with self._lock:
            if self._closing:
                raise Closed(Closed.__doc__)
            self._line.append(call)
            if self._thread is None:
                self._open()
            self._wake()

    def close(self) -> None:
        """Once all that was begun is over."""
        with self._lock:
            self._closing = True
            self._wake()
        if self._thread is not None:
            self._thread.join()
        self.aside.shutdown()

    def _open(self) -> None:
        """At the first call, so after any fork."""
        self._selector = DefaultSelector()
        self._bell, self._ear = socket.socketpair()
        self._selector.register(self._ear, EVENT_READ)
        self._thread = Thread(target=self._run, name="switchboard", daemon=True)
        self._thread.start()

    def _wake(self) -> None:
        """With the lock held, so that nobody wakes it after its end."""
        if self._asleep:
            self._asleep = False
            self._bell.send(b"!")

    def _run(self) -> None:
        try:
            self._serve()
        except BaseException:
            # whoever waits for a call would wait for ever: what is cut off, the sweep finds
            log.exception("switchboard_broken")
            os._exit(1)

    def _serve(self) -> None:
        while self._go():
            for key, _ in self._selector.select(self._patience()):
                if key.data is None:
                    self._ear.recv(4096)
                else:
                    self._selector.unregister(key.fileobj)
                    self._on(key.data.call)
            if monotonic() >= self._soonest:
                self._give_up()
        for one in (self._selector, self._bell, self._ear):
            one.close()

    def _go(self) -> bool:
        """Whatever needs not wait; False: all is over, and nothing will come."""
        while True:
            with self._lock:
                if self._back:
                    on: Callable[[], None] = self._back.popleft()
                elif self._line and self._under_way < self._most:
                    on = partial(self._start, self._line.popleft())
                else:
                    self._asleep = self._under_way > 0 or not self._closing
                    return self._asleep
            on()

    def _start(self, call: Callable[[], Call[None]]) -> None:
        self._under_way += 1
        self._on(call())

    def _on(
        self, call: Call[None], heard: object = None, error: BaseException | None = None
    ) -> None:
        """To its next step, or to its end."""
        try:
            step = call.send(heard) if error is None else call.throw(error)
        except BaseException as end:
            self._under_way -= 1
            if not isinstance(end, StopIteration):
                log.exception("call_broken")
            return
        if isinstance(step, Aside):
            self._put_aside(call, step)
        else:
            self._put_off(call, step)

    def _put_off(self, call: Call[None], step: Ready) -> None:
        try:
            self._selector.register(step.sock, step.event, _Waiting(call, step.until))
        except (ValueError, KeyError, OSError) as error:
            # closed meanwhile
            self._on(call, error=error)
        else:
            self._soonest = min(self._soonest, step.until)

    def _put_aside(self, call: Call[None], step: Aside[Any]) -> None:
        try:
            done = self.aside.submit(step.work)
        except RuntimeError:
            # the process ends and begins no more threads: this one can wait for it, too
            done = Future()
            try:
                done.set_result(step.work())
            except Exception as error:
                done.set_exception(error)
        done.add_done_callback(partial(self._came_back, call))

    def _came_back(self, call: Call[None], done: Future[Any]) -> None:
        error = done.exception()
        heard = None if error else done.result()
        with self._lock:
            self._back.append(partial(self._on, call, heard, error))
            self._wake()

    def _patience(self) -> float | None:
        return None if self._soonest == inf else max(0.0, self._soonest - monotonic())

    def _give_up(self) -> None:
        """Those whose time is over; whoever waits longest from now on, is known again."""
        # of a process that was stopped meanwhile, what has come was not looked at
        come = {key.fileobj for key, _ in self._selector.select(0)}
        now = monotonic()
        waiting = [key for key in self._selector.get_map().values() if key.data is not None]
        late = [key for key in waiting if key.data.until <= now and key.fileobj not in come]
        self._soonest = min(
            (key.data.until for key in waiting if key.data.until > now), default=inf
        )
        for key in late:
            self._selector.unregister(key.fileobj)
            self._on(key.data.call, error=TimeoutError())
