"""How does one request travel over an open connection, and what is answered to it?

HTTP/1.1 as far as a provider's API speaks it, written by hand: a tenth of the CPU that a library
for every server spends on each of a thousand calls a second.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from time import monotonic
from typing import NamedTuple

LARGEST_HEAD = 64 * 1024
LARGEST_BODY = 4 * 1024 * 1024
AT_ONCE = 65_536
_STATUS = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9]{2})(?: |$)")
_NEVER_A_BODY = frozenset({204, 304})


class NoAnswer(Exception):
    """The other side hung up, did not come to an end, or does not speak HTTP."""


class Reply(NamedTuple):
    """`headers` by their names in small letters. `stays`: the connection may be used again."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    stays: bool


def exchange(sock: socket.socket, request: bytes, *, head: float, body: float) -> Reply:
    """Say it once and hear the answer: `head` and `body` are the seconds each of them may take.

    NoAnswer or OSError: nobody knows what became of it.
    """
    sock.sendall(request)
    heard = _Heard(sock, monotonic() + head)
    while True:
        newer, status, headers = _head(heard.head())
        if status >= 200:
            break
    heard.until = monotonic() + body
    text, framed = _body(heard, status, headers)
    stays = newer and framed and not heard.left and "close" not in headers.get("connection", "")
    return Reply(status, headers, text, stays)


class _Heard:
    """What has come, as far as it was not asked for yet; `until`: when it must have come."""

    def __init__(self, sock: socket.socket, until: float) -> None:
        self._sock = sock
        self._buffer = bytearray()
        self.until = until

    @property
    def left(self) -> int:
        return len(self._buffer)

    def head(self) -> bytes:
        return self._up_to(b"\r\n\r\n")

    def line(self) -> bytes:
        return self._up_to(b"\r\n")

    def exactly(self, count: int) -> bytes:
        if count > LARGEST_BODY:
            raise NoAnswer("too long")
        while len(self._buffer) < count:
            self._more()
        return self._take(count)

    def rest(self) -> bytes:
        """Until the other side hangs up."""
        while self._more(may_end=True):
            if len(self._buffer) > LARGEST_BODY:
                raise NoAnswer("too long")
        return self._take(len(self._buffer))

    def _up_to(self, end: bytes) -> bytes:
        while (at := self._buffer.find(end)) < 0:
            if len(self._buffer) > LARGEST_HEAD:
                raise NoAnswer("too long")
            self._more()
        return self._take(at + len(end))[:at]

    def _take(self, count: int) -> bytes:
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

    def _more(self, *, may_end: bool = False) -> bool:
        if monotonic() > self.until:
            raise NoAnswer("too slow")
        chunk = self._sock.recv(AT_ONCE)
        if not chunk and not may_end:
            raise NoAnswer("hung up")
        self._buffer += chunk
        return bool(chunk)


def _head(raw: bytes) -> tuple[bool, int, dict[str, str]]:
    """Whether it is HTTP/1.1, the status, the headers; of one that comes twice, both."""
    first, *lines = raw.split(b"\r\n")
    found = _STATUS.match(first)
    if found is None:
        raise NoAnswer("not HTTP")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon:
            raise NoAnswer("not HTTP")
        name, value = name.lower(), value.strip()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    if "connection" in headers:
        headers["connection"] = headers["connection"].lower()
    return found[1] == b"1", int(found[2]), headers


def _body(heard: _Heard, status: int, headers: Mapping[str, str]) -> tuple[bytes, bool]:
    """The body, and whether its end was told and not the connection's."""
    if status in _NEVER_A_BODY:
        return b"", True
    coding = headers.get("transfer-encoding", "").lower()
    if coding == "chunked":
        # beside a length it says two things: it is read, and the connection is not used again
        return _chunks(heard), "content-length" not in headers
    if coding:
        return heard.rest(), False
    length = headers.get("content-length")
    if length is None:
        return heard.rest(), False
    if not (length.isascii() and length.isdigit()):
        raise NoAnswer("not HTTP")
    return heard.exactly(int(length)), True


def _chunks(heard: _Heard) -> bytes:
    text = bytearray()
    while size := _size(heard.line()):
        text += heard.exactly(size)
        if len(text) > LARGEST_BODY or heard.exactly(2) != b"\r\n":
            raise NoAnswer("not HTTP")
    while heard.line():
        """Trailers are of no use to us."""
    return bytes(text)


def _size(line: bytes) -> int:
    digits = line.partition(b";")[0].strip()
    if not re.fullmatch(rb"[0-9a-fA-F]{1,8}", digits):
        raise NoAnswer("not HTTP")
    return int(digits, 16)
