"""How do the load generator and the stand-in provider speak HTTP as cheaply as Python can?

Nothing but what these two need: HTTP/1.1, Content-Length, connections that stay open.
"""

from __future__ import annotations

import asyncio
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
ENDED = b"\r\n\r\n"


class Whole(asyncio.Protocol, ABC):
    """Hands over whole messages: the head with its first line, and the body."""

    transport: asyncio.Transport
    _rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._rest = self._rest + data if self._rest else data
        for head, body in self._whole():
            self.got(head, body)

    @abstractmethod
    def got(self, head: bytes, body: bytes) -> None: ...

    def _whole(self) -> Iterator[tuple[bytes, bytes]]:
        while (end := self._rest.find(ENDED)) >= 0:
            found = LENGTH.search(self._rest, 0, end)
            start = end + len(ENDED)
            stop = start + (int(found[1]) if found else 0)
            if len(self._rest) < stop:
                return
            head, body, self._rest = self._rest[:end], self._rest[start:stop], self._rest[stop:]
            yield head, body


def request(path: str, body: bytes, *, kind: str, headers: str = "") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\n{headers}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def answer(status: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
