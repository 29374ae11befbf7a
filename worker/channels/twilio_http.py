"""How do requests reach Twilio: on pooled connections, with hard limits, never sent twice?"""

from __future__ import annotations

import logging
import re
from base64 import b64encode
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from http.client import HTTPException
from socket import socket
from time import monotonic
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlencode, urlsplit
from weakref import finalize

import urllib3
from twilio.http import AsyncHttpClient, HttpClient  # type: ignore[import-untyped]
from twilio.http.response import Response  # type: ignore[import-untyped]
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.connection import is_connection_dropped

from worker.channels.base import TryLater, Uncertain
from worker.channels.waiting import Aside, alone
from worker.channels.wire import NoAnswer, Reply, exchange


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: to connect, for the answer to begin, and for its whole body."""

    connect: float = 3.0
    read: float = 10.0
    body: float = 5.0


PATIENCE = Patience()
LONGEST_CONNECTING = 10.0
"""Seconds: several addresses, a slow name server and TLS among them."""
LONGEST_REST = 30.0
"""Seconds: who was not used for longer may be hung up on at the very moment we speak."""
SILENT = logging.getLogger("worker.channels.twilio_http")
CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


class NeverConnectedError(Exception):
    """No byte of the request has left: no address, refused, timed out or no TLS."""


@contextmanager
def _connecting(connection: Connection | SecureConnection) -> Iterator[None]:
    """Whoever was frozen meanwhile wakes long after its claim: nothing may leave any more."""
    began = monotonic()
    try:
        yield
    except (urllib3.exceptions.HTTPError, OSError, HTTPException) as error:
        raise NeverConnectedError(type(error).__name__) from None
    if monotonic() - began > connection.longest:
        connection.close()
        raise NeverConnectedError("too late")


class Connection(HTTPConnection):
    """`longest`: whoever took longer to connect, in seconds, sends nothing."""

    longest = LONGEST_CONNECTING

    def connect(self) -> None:
        with _connecting(self):
            super().connect()


class SecureConnection(HTTPSConnection):
    """The same over TLS."""

    longest = LONGEST_CONNECTING

    def connect(self) -> None:
        with _connecting(self):
            super().connect()


class Shared(AsyncHttpClient):  # type: ignore[misc]
    """The same connections, for calls that share a thread."""

    def __init__(self, http: PooledHttp) -> None:
        super().__init__(SILENT, is_async=True)
        self.request = http.ask


class Kept(NamedTuple):
    """A connection that nobody uses now, and since when."""

    connection: Connection | SecureConnection
    since: float


class PooledHttp(HttpClient):  # type: ignore[misc]
    """The SDK's transport. Raises TryLater, Uncertain; every other answer goes back to the SDK."""

    def __init__(
        self,
        *,
        base_url: str | None = None,
        connections: int = 64,
        patience: Patience = PATIENCE,
    ) -> None:
        super().__init__(SILENT, is_async=False, timeout=patience.read)
        self._patience = patience
        self._base = urlsplit(base_url) if base_url else None
        self._most = connections
        # by scheme and host; the one used last is used next, so that what is too many falls asleep
        self._kept: dict[tuple[str, str], deque[Kept]] = {}
        # who is forgotten without a word lets go of its connections, too
        finalize(self, _let_go, self._kept)

    def request(self, *args: Any, **kwargs: Any) -> Response:
        """As `ask`, in a thread of its own."""
        return alone(self.ask(*args, **kwargs))

    async def ask(  # noqa: PLR0913, PLR0917 - the SDK's own signature
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,  # noqa: ARG002 - never followed: a POST is sent once
    ) -> Response:
        url = self._url(uri, params)
        body = urlencode(data, doseq=True).encode() if data else b""
        named = (*(headers or {}).items(), *_basic(auth))
        told = _head(method, url.netloc, _target(url), named) + b"%d\r\n\r\n" % len(body) + body
        try:
            reply = await self._ask(url, told, timeout or self._patience.read)
        except NeverConnectedError as error:
            raise TryLater("not_connected", str(error), failing=True) from None
        except (NoAnswer, OSError) as error:
            # the cause is left out of the chain: it quotes the request
            raise Uncertain("no_answer", type(error).__name__) from None
        if reply.status == 429:
            after = _retry_after(reply.headers)
            raise TryLater("20429", "too many at once", after, too_fast=True)
        return Response(reply.status, reply.body.decode("utf-8", "replace"), reply.headers)

    def close(self) -> None:
        _let_go(self._kept)

    async def _ask(self, url: SplitResult, told: bytes, read: float) -> Reply:
        kept = self._kept.setdefault((url.scheme, url.netloc), deque())
        connection = _rested(kept) or await _connected(url, self._patience.connect)
        try:
            reply = await exchange(_open(connection), told, head=read, body=self._patience.body)
        except BaseException:
            connection.close()
            raise
        if reply.stays and len(kept) < self._most:
            kept.append(Kept(connection, monotonic()))
        else:
            connection.close()
        return reply

    def _url(self, uri: str, params: Mapping[str, object] | None) -> SplitResult:
        parts = urlsplit(uri)
        if self._base:
            parts = parts._replace(scheme=self._base.scheme, netloc=self._base.netloc)
        return parts._replace(query=urlencode(params, doseq=True)) if params else parts


def _let_go(kept: Mapping[tuple[str, str], deque[Kept]]) -> None:
    for some in kept.values():
        while some:
            some.pop().connection.close()


def _rested(kept: deque[Kept]) -> Connection | SecureConnection | None:
    """One that is still open, as far as we can know without a word."""
    while kept:
        try:
            connection, since = kept.pop()
        except IndexError:
            return None
        if monotonic() - since < LONGEST_REST and not is_connection_dropped(connection):
            return connection
        connection.close()
    return None


def _open(connection: Connection | SecureConnection) -> socket:
    if connection.sock is None:
        raise NeverConnectedError("no socket")
    return connection.sock


async def _connected(url: SplitResult, seconds: float) -> Connection | SecureConnection:
    """Aside, as names are asked for; whoever waited too long for that, too, says nothing."""
    began = monotonic()
    connection = await Aside(lambda: _connect(url, seconds))
    if monotonic() - began > connection.longest:
        connection.close()
        raise NeverConnectedError("too late")
    return connection


def _connect(url: SplitResult, seconds: float) -> Connection | SecureConnection:
    kind = SecureConnection if url.scheme == "https" else Connection
    connection = kind(url.hostname or "", url.port, timeout=seconds)
    try:
        connection.connect()
        _open(connection).setblocking(False)
    except BaseException:
        connection.close()
        raise
    return connection


def _target(url: SplitResult) -> str:
    return f"{url.path or '/'}?{url.query}" if url.query else url.path or "/"


@lru_cache(maxsize=64)
def _head(method: str, host: str, target: str, headers: tuple[tuple[str, str], ...]) -> bytes:
    """All but how long the body is; ValueError for what would begin a line of its own."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in headers]
    if any(CONTROLS.search(line) for line in lines) or " " in target:
        raise ValueError("a control character in a request")
    return "\r\n".join([*lines, "Content-Length: "]).encode("ascii")


@lru_cache(maxsize=8)
def _basic(auth: tuple[str, str] | None) -> tuple[tuple[str, str], ...]:
    if auth is None:
        return ()
    return (("Authorization", "Basic " + b64encode(":".join(auth).encode()).decode()),)


def _retry_after(headers: Mapping[str, str]) -> timedelta | None:
    seconds = headers.get("retry-after", "")
    return timedelta(seconds=int(seconds)) if seconds.isdecimal() and len(seconds) < 6 else None
