"""Are other systems told of our events, signed, each until it has listened, and by one of us?"""

from __future__ import annotations

import contextlib
import itertools
import json
import socketserver
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from tests.worker.sending import POLICY, AtOnce, Post, dana, left, rules, trigger
from tests.worker.small_world import NOON, rows
from triggers.configuration import ConfigurationRefused
from triggers.subscribing import Subscription
from worker.channels.webhook import Webhook, secrets_of, signed
from worker.settings import SettingsWrong
from worker.steps.telling import WAITS, TellParts, Told, tell
from worker.store.alerts import standing_alerts
from worker.store.engine import reading
from worker.store.tables import callbacks, events

NEW, OLD = (f"whsec_{letter * 43}=" for letter in "AQ")
SECOND = timedelta(seconds=1)


class Listener(ThreadingHTTPServer):
    """Another system: what it heard, and what it answers."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Ear)
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        self.length = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"


class _Ear(BaseHTTPRequestHandler):
    server: Listener

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.heard.append(({k.lower(): v for k, v in self.headers.items()}, body))
        self.send_response(self.server.status)
        self.send_header("location", "/elsewhere")
        self.send_header("content-length", str(self.server.length))
        self.end_headers()

    def log_message(self, *_args: Any) -> None:
        """Nothing is said on the terminal."""


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def announced(engine: Engine, listener: Listener, types: str = "[outreach.sent]") -> Post:
    """A message that left, and a system that wants to know."""
    hooks = f"webhooks: {{crm: {{url: '{listener.url}', events: {types}}}}}\n"
    post = Post(engine, rules(trigger(), policy=POLICY + hooks))
    post.told(dana(), left())
    post.send()
    return post


def parts(listener: Listener, *secrets: str, pool: Any = None) -> TellParts:
    known = {"crm": Subscription("crm", listener.url, frozenset({"outreach.sent"}))}
    return TellParts(known, Webhook({"crm": secrets or (NEW,)}), pool or AtOnce())


def standing(engine: Engine) -> tuple[str, int, Any]:
    [row] = rows(engine, callbacks)
    return row.state, row.tries, row.due


def test_an_event_is_told_as_it_was_announced_and_signed(
    engine: Engine, listener: Listener
) -> None:
    announced(engine, listener)

    assert tell(engine, parts(listener, NEW, OLD)) == Told(1, 0, more=False)

    [(headers, body)] = listener.heard
    [event] = [one for one in rows(engine, events) if one.type == "outreach.sent"]
    told = json.loads(body)
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    assert headers["webhook-signature"] == " ".join(
        signed(told["id"], body, [one], now=at)["webhook-signature"] for one in (NEW, OLD)
    )
    assert headers["content-type"] == "application/cloudevents+json"
    assert headers["webhook-id"] == told["id"] == event.id
    assert (told["type"], told["subject"], told["data"]) == ("outreach.sent", "c1", event.data)
    assert (told["specversion"], told["source"]) == ("1.0", "outreach")
    assert standing(engine)[:2] == ("delivered", 1)
    assert tell(engine, parts(listener)) == Told(0, 0, more=False)
    assert len(listener.heard) == 1


def test_a_signature_is_the_one_that_standard_webhooks_own_library_makes() -> None:
    headers = signed(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        b'{"test": 2432232314}',
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        now=datetime.fromtimestamp(1614265330, UTC),
    )

    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_only_what_is_subscribed_is_told(engine: Engine, listener: Listener) -> None:
    announced(engine, listener, "[outreach.clicked]")

    assert rows(engine, callbacks) == []


@pytest.mark.parametrize("status", [500, 302, 404])
def test_who_does_not_listen_is_told_again_later_and_given_up_loudly(
    engine: Engine, listener: Listener, status: int
) -> None:
    announced(engine, listener)
    listener.status = status
    moment = NOON

    for number, wait in enumerate(WAITS, 1):
        assert tell(engine, parts(listener), now=moment) == Told(0, 1, more=False)
        assert standing(engine) == ("waiting", number, moment + wait)
        assert tell(engine, parts(listener), now=moment + wait - SECOND).failed == 0
        moment += wait
    tell(engine, parts(listener), now=moment)

    assert standing(engine)[0] == "given_up"
    assert {json.loads(body)["id"] for _, body in listener.heard} == {
        headers["webhook-id"] for headers, _ in listener.heard
    }
    assert len(listener.heard) == len(WAITS) + 1
    alarms = reading(engine, standing_alerts)
    assert [(one.kind, one.subject, one.detail) for one in alarms] == [
        ("webhook_failing", "crm", str(status))
    ]


def test_who_is_gone_is_told_no_more(engine: Engine, listener: Listener) -> None:
    announced(engine, listener)
    listener.status = 410

    tell(engine, parts(listener), now=NOON)

    assert standing(engine)[:2] == ("given_up", 1)


def test_nobody_is_told_while_there_is_no_secret(engine: Engine, listener: Listener) -> None:
    announced(engine, listener)
    unsigned = TellParts(parts(listener).subscriptions, Webhook(), AtOnce())

    tell(engine, unsigned, now=NOON)

    [row] = rows(engine, callbacks)
    assert (row.state, row.error, listener.heard) == ("waiting", "no secret", [])


def test_who_answers_a_letter_at_a_time_or_without_end_is_not_waited_for() -> None:
    over = threading.Event()

    class Dripping(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            letters = itertools.chain(b"HTTP/1.1 200 OK\r\nx: ", itertools.repeat(ord("x")))
            with contextlib.suppress(OSError):
                while not over.wait(0.05):
                    self.request.sendall(bytes([next(letters)]))

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Dripping) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        # each letter comes in time, so that nothing but the deadline of the whole ends it
        told = Webhook(longest=1.0).post(f"http://127.0.0.1:{server.server_address[1]}", b"", {})
        over.set()
        server.shutdown()

    assert told == "ReadTimeout"


def test_the_answers_body_is_not_read(listener: Listener) -> None:
    listener.status, listener.length = 200, 10**12

    assert Webhook().post(listener.url, b"{}", {}) == 200


def test_of_many_who_tell_at_once_one_does(engine: Engine, listener: Listener) -> None:
    announced(engine, listener)

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda _: tell(engine, parts(listener), now=NOON), range(8)))

    assert sum(one.delivered for one in told) == len(listener.heard) == 1


def test_what_a_worker_that_died_was_telling_is_told_by_another(
    engine: Engine, listener: Listener
) -> None:
    announced(engine, listener)

    class Killed(AtOnce):
        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
            raise SystemExit

    with pytest.raises(SystemExit):
        tell(engine, parts(listener, pool=Killed()), now=NOON)

    assert tell(engine, parts(listener), now=NOON + 59 * SECOND) == Told(0, 0, more=False)
    assert tell(engine, parts(listener), now=NOON + 60 * SECOND).delivered == 1


def test_a_try_that_comes_back_after_its_lease_says_nothing_any_more(
    engine: Engine, listener: Listener
) -> None:
    announced(engine, listener)
    listener.status = 500
    later = NOON + 60 * SECOND

    class Slow(AtOnce):
        """Its answer comes when another has taken over, and failed too."""

        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
            answer = super().submit(fn, *args, **kwargs)
            tell(engine, parts(listener), now=later)
            return answer

    tell(engine, parts(listener, pool=Slow()), now=NOON)

    assert standing(engine) == ("waiting", 2, later + WAITS[1])


@pytest.mark.parametrize("given", ["crm", "crm=x", "crm=whsec_AAAA", "whsec_" + "A" * 43 + "="])
def test_a_secret_written_wrong_is_told_at_the_start(given: str) -> None:
    with pytest.raises(SettingsWrong, match="OUTREACH_WEBHOOK_SECRETS") as wrong:
        secrets_of([SecretStr(given)])

    assert given not in str(wrong.value)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("{url: 'ftp://a.example', events: [outreach.sent]}", "plain address"),
        ("{url: 'https://a:b@a.example', events: [outreach.sent]}", "plain address"),
        ("{url: 'https://a.example', events: [cart.left]}", "we announce no"),
        ("{url: 'https://a.example', events: []}", "the list is empty"),
        ("{events: [outreach.sent]}", "url"),
    ],
)
def test_a_subscription_written_wrong_is_refused(written: str, told: str) -> None:
    with pytest.raises(ConfigurationRefused, match=told):
        rules(trigger(), policy=POLICY + f"webhooks: {{crm: {written}}}\n")
