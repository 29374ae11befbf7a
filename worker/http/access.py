"""Who is calling, and what may they do here?"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address
from threading import Lock
from time import monotonic
from typing import Literal
from urllib.parse import urlsplit

from fastapi import Request
from sqlalchemy import Engine
from starlette.types import Scope

from worker.http.problems import Denied
from worker.store.engine import reading
from worker.store.keys import (
    ALL_SCOPES,
    CUSTOMERS_WRITE,
    EVERY_SOURCE,
    MAIL_REPORTS,
    METRICS,
    OPERATE,
    READ,
    REFRESH_SECONDS,
    hash_secret,
    read_keys,
)

__all__ = [
    "CUSTOMERS_WRITE",
    "MAIL_REPORTS",
    "METRICS",
    "OPERATE",
    "READ",
    "REFRESH_SECONDS",
    "Caller",
    "KeyRing",
    "authenticate",
]

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="outreach"'}
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_PROXIED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody whose key is good, or who sits at this machine while there are no keys at all."""

    scopes: frozenset[str]

    def may(self, scope: str) -> bool:
        return scope in self.scopes

    def may_publish(self, source: str) -> bool:
        return EVERY_SOURCE in self.scopes or f"events:{source}" in self.scopes

    @property
    def publishes(self) -> bool:
        return any(scope.startswith("events:") for scope in self.scopes)

    def needs(self, scope: str) -> None:
        """403 unless the key carries the scope."""
        if not self.may(scope):
            raise Denied(HTTPStatus.FORBIDDEN, f"This key does not carry the scope {scope!r}.")


@dataclass(frozen=True, slots=True)
class Stranger:
    """Nobody we know. `why` closes the list of reasons."""

    why: Literal["no key", "bad key", "needless key", "bad signature"]


class KeyRing:
    """The good keys, read again when they are older than two seconds: a revoked one soon fails."""

    def __init__(self, engine: Engine, *, seconds: Callable[[], float] = monotonic) -> None:
        self._engine = engine
        self._seconds = seconds
        self._lock = Lock()
        self._keys: Mapping[str, frozenset[str]] = {}
        self._read_at: float | None = None

    @property
    def stale(self) -> bool:
        return self._read_at is None or self._seconds() - self._read_at > REFRESH_SECONDS

    def refresh(self) -> None:
        """Read the keys; blocks, so the events door calls it in a thread."""
        with self._lock:
            if not self.stale:
                return
            found = reading(self._engine, lambda c: read_keys(c, only_good=True))
            self._keys = {key.hash: frozenset(key.scopes) for key in found}
            self._read_at = self._seconds()

    @property
    def empty(self) -> bool:
        return not self._keys

    def scopes_of(self, secret: str) -> frozenset[str] | None:
        digest = hash_secret(secret)
        found = None
        # no early end: the time taken says nothing about which key came close
        for known, scopes in self._keys.items():
            if hmac.compare_digest(known, digest):
                found = scopes
        return found


def authenticate(request: Request, ring: KeyRing) -> Caller | Stranger:
    """The caller by bearer key; one who signs his events is asked where they are read."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if ring.empty and at_this_machine(request):
        return Stranger("needless key") if scheme else Caller(frozenset(ALL_SCOPES))
    if scheme.lower() == "bearer" and secret.strip():
        scopes = ring.scopes_of(secret.strip())
        return Stranger("bad key") if scopes is None else Caller(scopes)
    return Stranger("no key")


def admitted(who: Caller | Stranger) -> Caller:
    """The caller; 401 for a stranger."""
    if isinstance(who, Caller):
        return who
    raise stranger(who)


def stranger(who: Stranger) -> Denied:
    """What nobody we know is told."""
    detail = {
        "no key": "Send a key: Authorization: Bearer <secret>.",
        "bad key": "This key is not known, or was revoked.",
        "bad signature": "The signature is of no source we know, or not of the last five minutes.",
        "needless key": "No keys are set here: send none, no Authorization header at all.",
    }[who.why]
    return Denied(HTTPStatus.UNAUTHORIZED, detail, headers=_CHALLENGE)


def at_this_machine(request: Request) -> bool:
    """Whether both ends are loopback, no proxy stands between, and no foreign page sent it here."""
    if any(name in request.headers for name in _PROXIED):
        return False
    # a name that resolves to 127.0.0.1 is how a web page reaches into a machine
    try:
        named = urlsplit(f"//{request.headers.get('host', '')}").hostname
    except ValueError:
        return False
    return named in _LOCAL_NAMES and all(_loopback(request.scope, end) for end in _ENDS)


_ENDS = ("client", "server")


def _loopback(scope: Scope, end: str) -> bool:
    try:
        return ip_address((scope.get(end) or ("",))[0]).is_loopback
    except ValueError:
        return False
