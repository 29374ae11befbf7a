"""Senders that fail as they are told, for tests of their health and of who takes over."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from tests.worker.sending import POLICY, Line, Post, dana, left, rules, saying, trigger
from tests.worker.small_world import NOON, rows
from worker.breaking import MOST_FAILURES
from worker.channels.base import Uncertain
from worker.store.tables import alerts, messages, occurrences, throttles

BY_SMS = "[{message: hello, by: [sms]}]"
SECOND = timedelta(seconds=1)
FIRST, SPARE = "outbox:sms", "twilio:+15005550006@backup"
ISRAELI, FRENCH = "+9725012345{:02}", "+336121234{:02}"


def house(engine: Engine, *, spare: bool = False, more: str = "") -> Post:
    post = Post(engine, rules(trigger(send=BY_SMS), policy=POLICY + more))
    if spare:
        post.senders = {"sms": [FIRST, SPARE], "email": []}
        post.spare = [Line(sender=SPARE)]
    return post


def crowd(post: Post, count: int, *, phone: str = ISRAELI, at: timedelta = timedelta()) -> None:
    known = len(rows(post.engine, occurrences))
    for n in range(known, known + count):
        post.told(dana(f"c{n}", phone=phone.format(n), email=None), left(f"c{n}", after=at))


def states(post: Post) -> Counter[str]:
    return Counter(one.state for one in rows(post.engine, messages))


def alarms(post: Post) -> list[tuple[str, str, bool]]:
    """Kind, subject, and whether it stands."""
    return [(one.kind, one.subject, one.closed_at is None) for one in rows(post.engine, alerts)]


def line(post: Post, name: str = FIRST) -> Any:
    [row] = [one for one in rows(post.engine, throttles) if one.name == f"sender:{name}"]
    return row


def break_it(post: Post, now: datetime = NOON) -> None:
    """So many failures that the sender rests."""
    crowd(post, MOST_FAILURES, at=now - NOON)
    post.sms.answer = saying(Uncertain("20500"))
    post.send(now)
