"""How is HTTP served? By uvicorn, which leaves the signals to us: told to stop, we exit with 0."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from worker.told import CANNOT_START, Told

GRACE_SECONDS = 10
WAITING = 2048
"""Connections the machine keeps for us while we are busy."""
HEAD_SECONDS = 20.0
TICKS_A_SECOND = 10
"""As uvicorn counts: every so many of them it says anew what time it is."""
LARGEST_HEAD = 64 * 1024
"""For the lines before a body, which uvicorn would wait for and keep without an end."""


class CannotListen(Told):
    """The address is taken, or not this machine's."""

    status = CANNOT_START


def listening(host: str, port: int) -> socket.socket:
    """A socket that takes connections from now on; CannotListen says why not."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        heard_on = socket.create_server((host, port), family=family, backlog=WAITING)
    except OSError as error:
        raise CannotListen(
            f"cannot listen on {host} port {port}: {error.strerror}; choose another by --port"
        ) from None
    # Connections inherit it. Without it a body waits 40 ms for its headers to be acknowledged;
    # asyncio sets it only on sockets that name their protocol, which these do not.
    heard_on.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return heard_on


class Visit(HttpToolsProtocol):
    """One connection: whoever says who they are too slowly, or at too great a length, is left."""

    patience = HEAD_SECONDS
    _head: int | None = None
    """Its bytes so far, while it is not whole."""
    _closing: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._heard()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._head is None or self.transport.is_closing():
            return
        self._head += len(data)
        if self._head > LARGEST_HEAD:
            self.send_400_response("The head of this request is too large.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._wait()

    def on_headers_complete(self) -> None:
        self._heard()
        super().on_headers_complete()

    def _wait(self) -> None:
        self._heard()
        self._head = 0
        self._closing = self.loop.call_later(self.patience, self.transport.close)

    def _heard(self) -> None:
        self._head = None
        if self._closing is not None:
            self._closing.cancel()
            self._closing = None


class HttpServer(uvicorn.Server):
    """`stop()` may be called from a signal handler or another thread; `run()` then returns."""

    _tell: Callable[[], object] = staticmethod(lambda: None)

    def __init__(self, application: Any) -> None:
        super().__init__(
            uvicorn.Config(
                application,
                http=Visit,
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def main_loop(self) -> None:
        """As uvicorn's, which looks ten times a second whether it is told to stop."""
        told, loop, ticks = asyncio.Event(), asyncio.get_running_loop(), 0
        self._tell = lambda: loop.call_soon_threadsafe(told.set)
        while not await self.on_tick(ticks):
            ticks += TICKS_A_SECOND
            with suppress(TimeoutError):
                await asyncio.wait_for(told.wait(), 1)

    def stop(self) -> None:
        self.should_exit = True
        # told twice, it may be over by now
        with suppress(RuntimeError):
            self._tell()
