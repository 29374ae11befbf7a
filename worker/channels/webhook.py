"""How is an event told to another system? One POST, signed as Standard Webhooks has it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import socket
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from threading import Lock, Timer
from typing import Any, Self

import httpx
from pydantic import SecretStr

from worker.settings import SettingsWrong

PREFIX = "whsec_"
LONGEST = 10.0
"""Seconds for the whole of a call, well within the lease under which it is made."""
TIMEOUT = httpx.Timeout(LONGEST, connect=3.0)
CONTENT_TYPE = "application/cloudevents+json"


class NoSecret(ValueError):
    """A secret is whsec_ and base64 of 24 to 64 bytes."""


def signing_key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise NoSecret(NoSecret.__doc__) from None
    if not secret.startswith(PREFIX) or not 24 <= len(key) <= 64:
        raise NoSecret(NoSecret.__doc__)
    return key


def secrets_of(
    given: Iterable[SecretStr], setting: str = "OUTREACH_WEBHOOK_SECRETS"
) -> Mapping[str, Sequence[str]]:
    """By name, from name=secret; SettingsWrong where one is not written so."""
    found: dict[str, list[str]] = {}
    for one in given:
        name, _, secret = one.get_secret_value().partition("=")
        try:
            signing_key(secret)
        except NoSecret as wrong:
            raise SettingsWrong(f"{setting}: name=secret; {wrong}") from None
        found.setdefault(name.strip(), []).append(secret)
    return found


def signed(id_: str, body: bytes, secrets: Sequence[str], *, now: datetime) -> dict[str, str]:
    """The three headers; one signature for each secret, so that they can be changed."""
    moment = str(int(now.timestamp()))
    content = f"{id_}.{moment}.".encode() + body
    made = [hmac.digest(signing_key(one), content, hashlib.sha256) for one in secrets]
    return {
        "webhook-id": id_,
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(f"v1,{base64.b64encode(one).decode()}" for one in made),
    }


class _TooSlow(httpx.ReadTimeout):
    """The whole of it took too long, however alive the line is."""


class _Deadline:
    """Ends a call on its connection, which is its own: each byte of an answer may come in time,
    and the last one never.
    """

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._stream: Any = None
        self._lock = Lock()
        self._timer = Timer(seconds, self._end)
        self._timer.daemon = True

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Told by the client what happens on the line: the stream that it now writes to."""
        if event in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
            with self._lock:
                self._stream = info["return_value"]
                if self.passed:
                    raise _TooSlow("connecting took too long")

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _end(self) -> None:
        with self._lock:
            self.passed = True
            line = self._stream.get_extra_info("socket") if self._stream else None
        if line is not None:
            # the plain socket's: that of TLS would wait for the other side's word
            with suppress(OSError):
                socket.socket.shutdown(line, socket.SHUT_RDWR)


class Webhook:
    """Posts; answers the status, or the error's class where there was no answer.

    `secrets`: by subscription, all that are good now. `longest`: seconds for the whole of a call.

    No redirect is followed and no proxy of the environment is asked: what is signed goes where
    the policy says and nowhere else. The body of an answer is not read.
    """

    def __init__(
        self, secrets: Mapping[str, Sequence[str]] | None = None, *, longest: float = LONGEST
    ) -> None:
        self.secrets = secrets or {}
        self._longest = longest
        # a connection for each call: the deadline ends its own and nobody else's
        self._client = httpx.Client(
            timeout=TIMEOUT,
            follow_redirects=False,
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int | str:
        sent = {**headers, "content-type": CONTENT_TYPE, "user-agent": "outreach"}
        with _Deadline(self._longest) as deadline:
            traced = {"trace": deadline.trace}
            try:
                with self._client.stream(
                    "POST", url, content=body, headers=sent, extensions=traced
                ) as answer:
                    return answer.status_code
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                return "ReadTimeout" if deadline.passed else type(error).__name__

    def close(self) -> None:
        self._client.close()
