"""How does one request travel over an open connection, and what is answered to it?"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from selectors import EVENT_WRITE
from ssl import SSLWantReadError, SSLWantWriteError
from time import monotonic
from typing import NamedTuple

import httptools

from worker.channels.waiting import Ready

LARGEST_HEAD = 64 * 1024
LARGEST_BODY = 4 * 1024 * 1024
AT_ONCE = 65_536
_NEVER_A_BODY = frozenset({204, 304})


class NoAnswer(Exception):
    """The other side hung up, did not come to an end, or does not speak HTTP."""


class Reply(NamedTuple):
    """`headers` by their names in small letters. `stays`: the connection may be used again."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    stays: bool


async def exchange(sock: socket.socket, request: bytes, *, head: float, body: float) -> Reply:
    """Say it once and hear the answer: `head` and `body` are the seconds each of them may take.

    The socket never blocks. NoAnswer or OSError: nobody knows what became of it.
    """
    await _say(sock, request, monotonic() + head)
    answer, until = _Answer(), monotonic() + head
    while not answer.whole:
        if monotonic() > until:
            raise NoAnswer("too slow")
        if answer.awaited:
            # to look before anything can be there costs as much as to wait
            await Ready(sock, until)
        chunk = await _hear(sock, until)
        if not chunk:
            answer.hung_up()
        elif answer.take(chunk):
            until = monotonic() + body
    return answer.reply()


async def _say(sock: socket.socket, request: bytes, until: float) -> None:
    rest = memoryview(request)
    while rest:
        try:
            rest = rest[sock.send(rest) :]
        except (BlockingIOError, SSLWantWriteError):
            await Ready(sock, until, EVENT_WRITE)
        except SSLWantReadError:
            await Ready(sock, until)


async def _hear(sock: socket.socket, until: float) -> bytes:
    while True:
        try:
            return sock.recv(AT_ONCE)
        except (BlockingIOError, SSLWantReadError):
            await Ready(sock, until)
        except SSLWantWriteError:
            await Ready(sock, until, EVENT_WRITE)


class _Answer:
    """What was heard so far; httptools calls the methods that begin with `on_`."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._status = 0
        self._headers: dict[str, str] = {}
        self._body = bytearray()
        self._size = 0
        self._stays = False
        self.whole = False

    def take(self, chunk: bytes) -> bool:
        """Whether this piece brought the end of the head."""
        began, self._size = self._status == 0, self._size + len(chunk)
        try:
            self._parser.feed_data(chunk)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            if not self.whole:
                raise NoAnswer("not HTTP") from None
            # what follows a whole answer is none of ours, and no more is heard on this connection
            self._stays = False
        if self._size > (LARGEST_BODY if self._status else LARGEST_HEAD):
            raise NoAnswer("too long")
        return began and self._status != 0

    def hung_up(self) -> None:
        """NoAnswer, but where that is how an answer without a length ends."""
        told = "content-length" in self._headers or self._chunked
        if not self._status or told or self._status in _NEVER_A_BODY:
            raise NoAnswer("hung up")
        self.whole = True

    def reply(self) -> Reply:
        return Reply(self._status, self._headers, bytes(self._body), self._stays)

    @property
    def awaited(self) -> bool:
        """Nothing of it was heard."""
        return self._size == 0

    @property
    def _chunked(self) -> bool:
        return self._headers.get("transfer-encoding", "").lower() == "chunked"

    def on_message_begin(self) -> None:
        if self.whole:
            self._stays = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.whole:
            return
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        self._headers[key] = f"{self._headers[key]}, {text}" if key in self._headers else text

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        # 100 and its kind only go before the answer
        if status < 200:
            self._headers.clear()
        elif not self.whole:
            self._status = status

    def on_body(self, piece: bytes) -> None:
        if not self.whole:
            self._body += piece

    def on_message_complete(self) -> None:
        if self._status and not self.whole:
            self.whole, self._stays = True, self._parser.should_keep_alive()
