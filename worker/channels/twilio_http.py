"""How do requests reach Twilio: on pooled connections, with hard limits, never sent twice?"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPException
from time import monotonic
from typing import Any
from urllib.parse import urlencode, urlsplit

import urllib3
from twilio.http import HttpClient  # type: ignore[import-untyped]
from twilio.http.response import Response  # type: ignore[import-untyped]
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from worker.channels.base import TryLater, Uncertain


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: to connect, between two bytes of the answer, and for its whole body."""

    connect: float = 3.0
    read: float = 10.0
    body: float = 5.0


PATIENCE = Patience()
LONGEST_CONNECTING = 10.0
"""Seconds: several addresses, a slow name server and TLS among them."""
LARGEST_ANSWER = 4 * 1024 * 1024
SILENT = logging.getLogger("worker.channels.twilio_http")


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


class _Pool(HTTPConnectionPool):
    ConnectionCls = Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = SecureConnection


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
        self._pools = urllib3.PoolManager(num_pools=4, maxsize=connections, retries=False)
        self._pools.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def request(  # noqa: PLR0913, PLR0917 - the SDK's own signature
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
        patience = self._patience
        try:
            answer = self._pools.request(
                method,
                self._url(uri, params),
                body=urlencode(data, doseq=True).encode() if data else None,
                headers={**(headers or {}), **_basic(auth)},
                timeout=urllib3.Timeout(connect=patience.connect, read=timeout or patience.read),
                preload_content=False,
                redirect=False,
            )
            text = _read(answer, until=monotonic() + patience.body)
        except NeverConnectedError as error:
            raise TryLater("not_connected", str(error), failing=True) from None
        except (urllib3.exceptions.HTTPError, OSError, HTTPException) as error:
            # the cause is left out of the chain: it quotes the request
            raise Uncertain("no_answer", type(error).__name__) from None
        if answer.status == 429:
            after = _retry_after(answer.headers)
            raise TryLater("20429", "too many at once", after, too_fast=True)
        return Response(answer.status, text, answer.headers)

    def close(self) -> None:
        self._pools.clear()

    def _url(self, uri: str, params: Mapping[str, object] | None) -> str:
        parts = urlsplit(uri)
        if self._base:
            parts = parts._replace(scheme=self._base.scheme, netloc=self._base.netloc)
        if params:
            parts = parts._replace(query=urlencode(params, doseq=True))
        return parts.geturl()


def _read(answer: urllib3.BaseHTTPResponse, *, until: float) -> str:
    """The body; one that drips or never ends is given up, and its connection with it."""
    body = bytearray()
    try:
        while chunk := answer.read1(65_536):
            body += chunk
            if len(body) > LARGEST_ANSWER or monotonic() > until:
                raise urllib3.exceptions.ResponseError("the answer did not end")
    except BaseException:
        answer.close()
        raise
    answer.release_conn()
    return body.decode("utf-8", "replace")


def _basic(auth: tuple[str, str] | None) -> dict[str, Any]:
    return dict(urllib3.make_headers(basic_auth=":".join(auth))) if auth else {}


def _retry_after(headers: Mapping[str, str]) -> timedelta | None:
    seconds = headers.get("Retry-After", "")
    return timedelta(seconds=int(seconds)) if seconds.isdecimal() and len(seconds) < 6 else None
