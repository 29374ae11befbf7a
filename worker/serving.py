"""How is HTTP served? By uvicorn, which leaves the signals to us: told to stop, we exit with 0."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

GRACE_SECONDS = 10


class HttpServer(uvicorn.Server):
    """`stop()` may be called from a signal handler or another thread; `run()` then returns."""

    def __init__(self, application: Any, *, host: str, port: int) -> None:
        super().__init__(
            uvicorn.Config(
                application,
                host=host,
                port=port,
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
