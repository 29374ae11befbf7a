"""What answers in Twilio's place, for next to nothing: `python -m bench.provider --seconds 0.05`.

It prints its address. Every message is taken after so many seconds; `GET /_count` says how many
were, `GET /_arrivals` whom they were for and when each request had come (seconds since 1970),
`GET /_most` how many it had in hand at once, `POST /_reset` forgets them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs
from urllib.request import Request, urlopen

from bench.dying import started
from bench.http_wire import Whole, answer

SID = "AC" + "0" * 32
TOKEN = "token-of-the-stand-in"
NUMBER = "+15005550006"


class Taken(Whole):
    """One connection of a sender. `arrivals` and `hands` are those of the whole server."""

    def __init__(self, arrivals: list[tuple[bytes, float]], hands: dict[str, int], wait: float):
        self._arrivals, self._hands, self._wait = arrivals, hands, wait

    def got(self, head: bytes, body: bytes) -> None:
        if head.startswith(b"POST /2010-04-01/"):
            self._take(body)
        else:
            self.transport.write(answer("200 OK", json.dumps(self._told(head)).encode()))

    def _take(self, body: bytes) -> None:
        self._arrivals.append((body, time.time()))
        ours = created(len(self._arrivals))
        if not self._wait:
            self.transport.write(ours)
            return
        self._hands["now"] += 1
        self._hands["most"] = max(self._hands.values())
        asyncio.get_running_loop().call_later(self._wait, self._answer, ours)

    def _answer(self, ours: bytes) -> None:
        self._hands["now"] -= 1
        if not self.transport.is_closing():
            self.transport.write(ours)

    def _told(self, head: bytes) -> Any:
        if head.startswith(b"GET /_count"):
            return len(self._arrivals)
        if head.startswith(b"GET /_most"):
            return self._hands["most"]
        if head.startswith(b"GET /_arrivals"):
            return [(parse_qs(one.decode())["To"][0], at) for one, at in self._arrivals]
        self._arrivals.clear()
        self._hands.update(now=0, most=0)
        return {}


def created(number: int) -> bytes:
    """What the SDK reads of a message that Twilio has queued."""
    now = "Sun, 22 Nov 2026 09:00:00 +0000"
    ours = f"SM{number:032x}"
    message: dict[str, Any] = {
        "sid": ours, "account_sid": SID, "api_version": "2010-04-01", "direction": "outbound-api",
        "to": "+972500000000", "from": NUMBER, "body": "", "status": "queued", "num_media": "0",
        "num_segments": "1", "price": None, "price_unit": None, "error_code": None,
        "error_message": None, "messaging_service_sid": None, "subresource_uris": {},
        "date_created": now, "date_updated": now, "date_sent": None,
        "uri": f"/2010-04-01/Accounts/{SID}/Messages/{ours}.json",
    }  # fmt: skip
    return answer("201 Created", json.dumps(message).encode())


@dataclass(frozen=True, slots=True)
class Provider:
    """A stand-in that runs, and how it is asked."""

    url: str
    pid: int

    def count(self) -> int:
        return int(self._ask("GET", "/_count"))

    def most(self) -> int:
        """So many calls it had in hand at once, while it makes them wait."""
        return int(self._ask("GET", "/_most"))

    def arrivals(self) -> list[tuple[str, float]]:
        return [(to, at) for to, at in self._ask("GET", "/_arrivals")]

    def reset(self) -> None:
        self._ask("POST", "/_reset")

    @property
    def environment(self) -> dict[str, str]:
        """What makes our processes send there."""
        return {
            "OUTREACH_SMS": "twilio",
            "OUTREACH_TWILIO_BASE_URL": self.url,
            "TWILIO_ACCOUNT_SID": SID,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_FROM": NUMBER,
        }

    def _ask(self, verb: str, path: str) -> Any:
        with urlopen(Request(self.url + path, method=verb), timeout=30) as answered:
            return json.loads(answered.read())


@contextmanager
def provider(*, seconds: float = 0.0) -> Iterator[Provider]:
    command = [sys.executable, "-m", "bench.provider", "--seconds", str(seconds)]
    with started(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Provider(process.stdout.readline().strip(), process.pid)
        finally:
            process.kill()


async def serve(seconds: float, port: int) -> None:
    arrivals: list[tuple[bytes, float]] = []
    hands = {"now": 0, "most": 0}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Taken(arrivals, hands, seconds), "127.0.0.1", port, backlog=1024
    )
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=0.0)
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    asyncio.run(serve(given.seconds, given.port))


if __name__ == "__main__":
    main()
