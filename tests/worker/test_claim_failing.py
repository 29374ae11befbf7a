"""Does one row that our own code fails on hold up nobody else?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy import event as hooks
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from tests.worker.sending import Post, dana, left, rules, trigger
from tests.worker.small_world import NOON, rows
from triggers.texts.texts import Texts
from worker.store.tables import alerts, occurrences

POISON = "c7"


class Explosive(Texts):
    """Texts that a defect of ours breaks on, for one customer."""

    def render(self, message: str, channel: str, language: str, context: Any) -> Any:
        if context["customer"]["id"] == POISON:
            raise ZeroDivisionError("whoever reads this reads a phone number")
        return super().render(message, channel, language, context)


def post_of(engine: Engine, *customers: str) -> Post:
    made = rules(trigger())
    languages = made.policy.languages
    texts = Explosive.from_files(made.templates, languages)
    post = Post(engine, replace(made, texts=texts))
    for number, one in enumerate(customers):
        post.told(dana(one, phone=f"+9725012300{number:02}"), left(one))
    return post


def test_the_others_leave_and_the_one_that_fails_is_asked_again_later(engine: Engine) -> None:
    names = [f"c{n}" for n in range(12)]
    post = post_of(engine, *names)

    with capture_logs() as logs:
        while post.send().attempts:
            pass

    found = {row.customer_id: row for row in rows(engine, occurrences)}
    poisoned = found.pop(POISON)
    assert {row.state for row in found.values()} == {"messaged"}
    assert (poisoned.state, poisoned.reason, poisoned.detail) == (
        "pending", "our_error", "ZeroDivisionError",
    )  # fmt: skip
    assert poisoned.due == NOON + timedelta(minutes=10)
    assert [one["event"] for one in logs if one["log_level"] == "error"] == ["claim_failed"]
    assert "phone number" not in str(logs)
    [alarm] = rows(engine, alerts)
    assert (alarm.kind, alarm.subject, alarm.detail) == ("claim_failed", "hi", "ZeroDivisionError")


def test_it_leaves_once_somebody_has_mended_it(engine: Engine) -> None:
    post = post_of(engine, POISON)
    post.send()
    assert post.sms.calls == []

    post.configuration = rules(trigger())
    post.send(NOON + timedelta(minutes=10))

    assert [letter.text for letter in post.sms.calls] == [f"Hello {POISON}"]


def test_a_database_that_is_away_is_nobodys_fault(engine: Engine) -> None:
    post = post_of(engine, "c1")

    def away(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "occurrences" in statement:
            raise OperationalError("SELECT", {}, Exception("gone"))

    hooks.listen(engine, "before_cursor_execute", away)
    with pytest.raises(OperationalError):
        post.claim()
    hooks.remove(engine, "before_cursor_execute", away)

    assert post.occurrence.reason is None
    assert len(post.claim().letters) == 1
