"""How does the stand-in Twilio call back: signed, when, in which order, how often?"""

from __future__ import annotations

import base64
import hashlib
import heapq
import hmac
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode


def signature(token: str, url: str, form: Mapping[str, str]) -> str:
    """X-Twilio-Signature of a form: HMAC-SHA1 over the URL and the sorted fields."""
    text = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.digest(token.encode(), text.encode(), hashlib.sha1)).decode()


@dataclass(frozen=True)
class Receipt:
    """One callback to come: Twilio's word for the status, after so many seconds.

    Below zero: before the request that it is about has its answer.
    """

    status: str
    after: float = 0.0
    code: int | None = None


DELIVERED = (Receipt("sent"), Receipt("delivered", 0.02))


@dataclass(order=True)
class _Due:
    at: float
    number: int
    url: str = field(compare=False)
    form: dict[str, str] = field(compare=False)


class Postman:
    """Posts signed forms when they are due, and keeps the answers; in order where one hand does."""

    def __init__(self, token: str, *, hands: int = 1) -> None:
        self.token = token
        self.answers: list[dict[str, Any]] = []
        self._due: list[_Due] = []
        self._number = 0
        self._changed = threading.Condition()
        self._stopped = False
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(hands)]
        for thread in self._threads:
            thread.start()

    def later(self, after: float, url: str, form: dict[str, str]) -> None:
        with self._changed:
            self._number += 1
            heapq.heappush(self._due, _Due(time.monotonic() + after, self._number, url, form))
            self._changed.notify()

    def clear(self) -> None:
        with self._changed:
            self._due.clear()
            self.answers.clear()

    def close(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def post(self, url: str, form: dict[str, str]) -> int:
        """The status the other side answered with; 0 when nobody did."""
        request = urllib.request.Request(url, urlencode(form).encode(), method="POST")
        request.add_header("Content-Type", "application/x-www-form-urlencoded")
        request.add_header("X-Twilio-Signature", signature(self.token, url, form))
        request.add_header(
            "I-Twilio-Idempotency-Token", hashlib.md5(repr(form).encode()).hexdigest()
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                status = int(answer.status)
        except urllib.error.HTTPError as error:
            status = error.code
            error.close()
        except OSError:
            status = 0
        self.answers.append({"url": url, "form": form, "answer": status})
        return status

    def _work(self) -> None:
        while (due := self._next()) is not None:
            self.post(due.url, due.form)

    def _next(self) -> _Due | None:
        with self._changed:
            while not self._stopped:
                if self._due and self._due[0].at <= time.monotonic():
                    return heapq.heappop(self._due)
                wait = self._due[0].at - time.monotonic() if self._due else None
                self._changed.wait(wait)
        return None
