"""Can a stranger's message end a worker, get lost or be read in its log?"""

from __future__ import annotations

import json
import shlex
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import Popen
from typing import Any
from uuid import uuid4

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st
from kombu.transport.virtual import Channel, Message
from kombu.utils.json import loads
from sqlalchemy import select

from tests.processes.household import FILES, Household, household
from tests.worker.ringing import order
from worker.app import make_app
from worker.celery_door import tidy
from worker.settings import Settings
from worker.sifting import PUBLISH, REFUSE, Unheard, envelope
from worker.steps.apply import apply
from worker.store.engine import make_engine, reading
from worker.store.tables import events, refused_events

QUEUE = "outreach.inbox"
SECRET = "Ploni-Almoni"
KNOWN = {PUBLISH, REFUSE, "outreach.sweep", "celery.map"}
LIMITLESS = "9" * 10_000

HEADERS: dict[str, Any] = {
    "a time limit that is a number": {"timelimit": 5},
    "time limits that are words": {"timelimit": [SECRET, 5]},
    "an id that is a number": {"id": 5},
    "an id of words": {"id": SECRET},
    "an id that is no key": {"id": [SECRET]},
    "an expiry that is an object": {"expires": {}},
    "an expiry that is a word": {"expires": SECRET},
    "a start that is a word": {"eta": SECRET},
    "a start that never comes": {"eta": "9999-12-31T23:59:59+00:00"},
    "stamps that are a number": {"stamped_headers": 5},
    "a name for the log": {"shadow": SECRET, "argsrepr": SECRET},
    "a retry of a word": {"retries": SECRET},
}
BODIES: dict[str, Any] = {
    "an empty list": [],
    "an empty object": {},
    "a number": 5,
    "nothing": None,
    "a text": SECRET,
    "two of three": [[SECRET], {}],
    "arguments that are no list": [SECRET, {}, {}],
    "no list of events": [[], {}, {}],
    "one event that is a number": [[5], {}, {}],
    "one event, not in a list": [[{"id": SECRET}], {}, {}],
    "names nobody asked for": [[], {SECRET: SECRET}, {}],
    "a list and more": [[[], SECRET], {}, {}],
    "protocol 1 with arguments of its own": {"task": PUBLISH, "args": SECRET},
    "nested too deep": [[[json.loads("[" * 150 + "]" * 150)]], {}, {}],
    "a type nobody knows": [[[{"__type__": SECRET, "__value__": 1}]], {}, {}],
    "a UUID that is none": [[[{"__type__": "uuid", "__value__": {"hex": SECRET}}]], {}, {}],
}
TEXTS = {
    "a number without end": f'[[[{{"id": {LIMITLESS}}}]], {{}}, {{}}]'.encode(),
    "no JSON": SECRET.encode(),
    "no UTF-8": b"\xff" + SECRET.encode(),
}
ENTRIES: dict[str, bytes] = {
    "no JSON at all": b"entry" + SECRET.encode(),
    "bytes": b"\xff\x00" + SECRET.encode(),
    "a list": b'["entry"]',
    "a nested list": b"[" * 100_000 + b"]" * 100_000,
    "an object": b'{"entry": 1}',
    "a number without end": b"8" + LIMITLESS.encode(),
    "no properties": json.dumps({"body": SECRET, "headers": {}}).encode(),
    "a body that is no text": json.dumps({"body": 7, "properties": {}}).encode(),
    "a body that is not base64": json.dumps(
        {"body": "x", "properties": {"body_encoding": "base64"}}
    ).encode(),
    "an encoding nobody knows": json.dumps(
        {"body": SECRET, "properties": {"body_encoding": SECRET}}
    ).encode(),
}


def entry(body: bytes, **headers: Any) -> bytes:
    """What kombu's Redis transport pushes."""
    given = {"task": PUBLISH, "id": str(uuid4()), "lang": "py", **headers}
    return json.dumps(
        {
            "body": b64encode(body).decode(),
            "content-encoding": "utf-8",
            "content-type": "application/json",
            "headers": {name: value for name, value in given.items() if value != ""},
            "properties": {
                "body_encoding": "base64",
                "delivery_tag": str(uuid4()),
                "delivery_info": {"exchange": "", "routing_key": QUEUE},
            },
        }
    ).encode()


def call(*told: Any) -> bytes:
    return json.dumps([[list(told)], {}, {}]).encode()


def changed(raw: bytes, **parts: Any) -> bytes:
    return json.dumps({**json.loads(raw), **parts}).encode()


def strange() -> dict[str, bytes]:
    """By what is wrong with them: entries of which nothing can be accepted."""
    found = dict(ENTRIES)
    found |= {f"body: {name}": entry(json.dumps(body).encode()) for name, body in BODIES.items()}
    found |= {f"text: {name}": entry(text) for name, text in TEXTS.items()}
    unknown = json.dumps([[SECRET, "unknown"], {}, {}]).encode()
    found["a task nobody knows"] = entry(unknown, task=f"outreach.{SECRET}")
    found["a task of Celery's"] = entry(unknown.replace(b"unk", b"map"), task="celery.map")
    found["a task that is no name"] = entry(unknown.replace(b"unk", b"nam"), task=[SECRET])
    found["no task"] = entry(unknown.replace(b"unk", b"no "), task="")
    found["a bell that carries"] = entry(unknown.replace(b"unk", b"bel"), task="outreach.sweep")
    found["a refusal in his own words"] = entry(
        json.dumps([["refuse" + SECRET, SECRET], {}, {}]).encode(), task=REFUSE
    )
    found["a pickle"] = changed(entry(b"pickle" + SECRET.encode()), **{
        "content-type": "application/x-python-serialize", "content-encoding": "binary"
    })  # fmt: skip
    found["a kind that is no name"] = changed(
        entry(b"kind" + SECRET.encode()), **{"content-type": [SECRET]}
    )
    found["compressed"] = entry(b"squeezed" + SECRET.encode(), compression="application/x-gzip")
    return found


@pytest.fixture
def house(tmp_path: Path, bare_sqlite_url: str, broker_url: str) -> Iterator[Household]:
    with household(
        tmp_path,
        OUTREACH_DATABASE_URL=bare_sqlite_url,
        OUTREACH_BROKER_URL=broker_url,
        OUTREACH_SECRET_KEY="a-signing-key-of-the-tests",
    ) as made:
        assert made.outreach("db", "upgrade").wait(60) == 0, made.log()
        engine = make_engine(bare_sqlite_url)
        apply(engine, FILES, by="test")
        engine.dispose()
        yield made


def outreach(house: Household) -> Popen[str]:
    return house.outreach("worker", "--queues", "inbox")


def plain_celery(house: Household) -> Popen[str]:
    words = "-m celery -A worker.app worker --concurrency 1 -Q outreach.inbox --pool"
    return house.start([sys.executable, *shlex.split(words), "prefork"])


def push(house: Household, *entries: bytes) -> None:
    with redis.Redis.from_url(house.environment["OUTREACH_BROKER_URL"]) as client:
        client.lpush(QUEUE, *entries)


def stored(house: Household, column: Any) -> list[Any]:
    engine = make_engine(house.environment["OUTREACH_DATABASE_URL"])
    found = reading(engine, lambda c: c.execute(select(column)).scalars().all())
    engine.dispose()
    return list(found)


@pytest.mark.parametrize("start", [outreach, plain_celery])
def test_no_message_ends_a_worker_or_is_lost_and_none_is_read_in_its_log(
    house: Household, start: Callable[[Household], Popen[str]]
) -> None:
    bad = strange()
    push(house, *bad.values(), entry(call(order(1))))
    worker = start(house)
    house.until(lambda: stored(house, events.c.id), "the good one")
    house.until(lambda: len(stored(house, refused_events.c.seq)) >= len(bad), "the bad ones")
    assert len(stored(house, refused_events.c.seq)) == len(bad)
    assert set(stored(house, refused_events.c.door)) == {"celery"}
    assert worker.poll() is None
    log = (house.folder / "1.log").read_text()
    assert "message_refused" in log
    assert SECRET not in log
    assert "Traceback" not in log


def test_what_the_headers_say_beside_the_task_keeps_no_event_out(house: Household) -> None:
    told = [
        entry(call(order(number)), **headers) for number, headers in enumerate(HEADERS.values())
    ]
    proto1 = json.dumps({"task": PUBLISH, "id": "1", "args": [[order(98)]], "kwargs": {}})
    chained = json.dumps([[[order(99)]], {}, {"callbacks": [SECRET], "chord": 5}])
    push(house, *told, entry(proto1.encode(), task=""), entry(chained.encode()))
    outreach(house)

    house.until(lambda: len(stored(house, events.c.id)) == len(told) + 2, "all of them")
    assert stored(house, refused_events.c.seq) == []
    assert SECRET not in house.log()


def test_what_cannot_be_read_is_kept_as_it_came(house: Household) -> None:
    push(house, *strange().values())
    outreach(house)
    house.until(lambda: len(stored(house, refused_events.c.seq)) == len(strange()), "the bad ones")
    kept = set(stored(house, refused_events.c.raw))
    assert {SECRET, "[]", "{}", "5", "null", "8" + LIMITLESS, "\\xff" + SECRET} <= kept
    assert TEXTS["a number without end"].decode() in kept


def test_a_bell_of_another_version_is_passed_over(house: Household) -> None:
    nothing = json.dumps([[], {}, {}]).encode()
    bells = [entry(nothing, task="outreach.bell_of_the_future") for _ in range(20)]
    push(house, *bells, entry(call(order(1))))
    worker = outreach(house)

    house.until(lambda: stored(house, events.c.id), "what was pushed after them")

    assert stored(house, refused_events.c.seq) == []
    assert worker.poll() is None
    with redis.Redis.from_url(house.environment["OUTREACH_BROKER_URL"]) as client:
        house.until(lambda: not client.exists("unacked") or None, "that nothing comes again")
    assert "Traceback" not in house.log()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = ("body", "headers", "properties", "content-type", "content-encoding")
HEADER_NAMES = ("task", "id", "eta", "expires", "timelimit", "stamped_headers", "compression")
ENTRY = JSON | st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(NAMES, JSON),
        "headers": st.fixed_dictionaries(
            {}, optional=dict.fromkeys(HEADER_NAMES, JSON | st.sampled_from(sorted(KNOWN)))
        ),
        "properties": st.fixed_dictionaries(
            {},
            optional={
                "body_encoding": st.sampled_from(["base64", "utf-8", None, 7, "rot13"]),
                "delivery_tag": JSON,
                "delivery_info": JSON,
            },
        ),
        "body": JSON.map(lambda told: b64encode(json.dumps(told).encode()).decode()) | JSON,
    },
)


@given(ENTRY)
def test_whatever_lies_in_the_queue_becomes_a_call_that_celery_can_read(told: Any) -> None:
    # As much of a channel as making a message takes.
    message = Message(envelope(told, QUEUE), channel=Channel.__new__(Channel))
    message.accept = {"application/json"}
    try:
        tidy(message, KNOWN)
    except Unheard:
        return
    args, kwargs, _ = loads(message.body)
    assert message.headers["task"] in KNOWN - {"celery.map"}
    assert isinstance(args, list)
    assert isinstance(kwargs, dict)
    assert message.delivery_info == {"exchange": "", "routing_key": QUEUE}
    assert set(message.headers) == {"task", "id", "expires"}
    assert set(message.properties) == {"body_encoding", "delivery_tag", "delivery_info"}


def test_redis_keeps_a_copy_of_a_list_of_events_until_it_is_ours_and_none_of_a_bell(
    broker_url: str,
) -> None:
    app = make_app(Settings(broker_url=broker_url))
    server = redis.Redis.from_url(broker_url)
    bell = entry(b"[[], {}, {}]", task="outreach.sweep")
    for raw, kept in ((entry(call(order(1))), 1), (bell, 0), (entry(call(), task="celery.map"), 1)):
        server.lpush(QUEUE, raw)
        with app.connection_for_read() as connection:
            message = connection.channel().basic_get(QUEUE)
            assert server.hlen("unacked") == kept
            message.ack()
            assert server.hlen("unacked") == 0
