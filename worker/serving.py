"""How is HTTP served? By uvicorn, which leaves the signals to us: told to stop, we exit with 0."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from worker.told import CANNOT_START, Told

GRACE_SECONDS = 10
WAITING = 2048
"""Connections the machine keeps for us while we are busy."""


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


class HttpServer(uvicorn.Server):
    """`stop()` may be called from a signal handler or another thread; `run()` then returns."""

    def __init__(self, application: Any) -> None:
        super().__init__(
            uvicorn.Config(
                application,
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

    def stop(self) -> None:
        self.should_exit = True
