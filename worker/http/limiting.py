"""How many requests of one caller are answered, so that nobody keeps the others waiting?"""

from __future__ import annotations

import math
from collections.abc import Callable
from http import HTTPStatus
from time import time

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from prometheus_client import Counter
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from triggers.definitions import Rate
from worker.http.access import KeyRing
from worker.http.addresses import address_of
from worker.http.problems import Denied, document
from worker.settings import Settings
from worker.store.keys import hash_secret

PROGRAMS = ("/v1/", "/webhooks/", "/metrics")
"""Who calls these is a program of somebody known; all else is for people."""
NEVER = frozenset({"/healthz", "/readyz"})

LIMITED = Counter("outreach_requests_limited_total", "Requests answered with 429.", ["kind"])


class Limiting:
    """Counted by key where it is good, else by address; each process counts for itself."""

    def __init__(self, app: ASGIApp, *, settings: Settings, ring: Callable[[], KeyRing]) -> None:
        self._app = app
        self._ring = ring
        self._proxies = settings.proxies
        self._limits = {
            "programs": _limit(settings.rate_programs),
            "people": _limit(settings.rate_people),
        }
        self._counts = FixedWindowRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in NEVER:
            kind = "programs" if scope["path"].startswith(PROGRAMS) else "people"
            limit, who = self._limits[kind], self._who(scope)
            if not self._counts.hit(limit, kind, who):
                LIMITED.labels(kind).inc()
                again = self._counts.get_window_stats(limit, kind, who).reset_time - time()
                await _too_many(again)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _who(self, scope: Scope) -> str:
        _, _, secret = Headers(scope=scope).get("authorization", "").partition(" ")
        if secret and self._ring().scopes_of(secret.strip()) is not None:
            return hash_secret(secret.strip())
        return address_of(scope, self._proxies)


def _limit(rate: Rate) -> RateLimitItem:
    return RateLimitItemPerSecond(rate.count, max(1, round(rate.per.total_seconds())))


def _too_many(seconds: float) -> ASGIApp:
    headers = {"Retry-After": str(max(1, math.ceil(seconds))), "Connection": "close"}
    return document(Denied(HTTPStatus.TOO_MANY_REQUESTS, "Too many requests.", headers=headers))
