"""How much of what callers are sending do we hold, and how long do we wait for the rest?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from http import HTTPStatus

from starlette.requests import ClientDisconnect

from worker.http.problems import RETRY_AFTER, Denied

MAX_BODY = 1024 * 1024
MOST_HELD = 64 * MAX_BODY
"""In one process, of bodies that have not come whole."""
PATIENCE = timedelta(seconds=30)
# What was not read would be taken for the next request, so the connection ends.
CLOSE = {"Connection": "close"}


class Bodies:
    """Those that one process reads at this moment; used by its event loop alone."""

    def __init__(self, patience: timedelta) -> None:
        self._patience = patience.total_seconds()
        self._held = 0

    async def read(self, pieces: AsyncIterator[bytes]) -> bytes:
        """The whole; Denied: 400 broken off, 408 too slow, 413 too large, 503 too many at once."""
        async with self._in_time():
            with self._room() as body:
                async for piece in pieces:
                    body.extend(piece)
                    self._held += len(piece)
                    if len(body) > MAX_BODY:
                        raise too_large()
                    if self._held > MOST_HELD:
                        raise Denied(
                            HTTPStatus.SERVICE_UNAVAILABLE,
                            "Too much is being sent at once.",
                            headers={**RETRY_AFTER, **CLOSE},
                        )
                return bytes(body)

    @contextmanager
    def _room(self) -> Iterator[bytearray]:
        body = bytearray()
        try:
            yield body
        finally:
            self._held -= len(body)

    @asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._patience):
                yield
        except ClientDisconnect:
            # Nobody hears this; that somebody left is no mistake of ours to be logged as one.
            raise Denied(HTTPStatus.BAD_REQUEST, "The body broke off.", headers=CLOSE) from None
        except TimeoutError:
            raise Denied(
                HTTPStatus.REQUEST_TIMEOUT, "The body did not come in time.", headers=CLOSE
            ) from None


def too_large() -> Denied:
    return Denied(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A body may have {MAX_BODY} bytes.", headers=CLOSE
    )
