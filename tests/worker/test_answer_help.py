"""Who answers "help" and "עזרה": the provider, a person, or a trigger? Nobody twice."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine

from tests.worker.replying import inbox
from tests.worker.sending import MINUTE, POLICY, trigger
from tests.worker.small_world import NOON

ANSWERS = trigger(
    "help_asked",
    on="outreach.replied",
    key="event.data.text",
    when='event.data.meaning == "help" and not event.data.answered',
    wait="5s",
    send="[{message: hello, by: [sms]}]",
    limits="{category: urgent}",
)
BY_TRIGGER = POLICY + "replies: {help: trigger}\n"


@pytest.mark.parametrize(
    ("words", "raw", "by_provider"),
    [
        ("עזרה", {}, False),
        ("אפשר עזרה?", {}, False),
        ("help me", {}, False),
        ("HELP", {}, True),
        (" info ", {}, True),
        ("עזרה", {"OptOutType": "HELP"}, True),
    ],
)
def test_who_asks_for_help_is_answered_once(
    engine: Engine, words: str, raw: dict[str, Any], by_provider: bool
) -> None:
    room = inbox(engine, trigger(), ANSWERS, policy=BY_TRIGGER)

    room.says(words, **raw)
    room.answer()
    room.post.read()

    [told] = room.told
    assert (told.data["meaning"], told.data["answered"]) == ("help", by_provider)
    assert len(room.post.claim(NOON + MINUTE).letters) == (0 if by_provider else 1)
    assert room.calls == [], "a person is not needed for it"


def test_without_a_word_of_the_policy_a_person_is_asked_to_call(engine: Engine) -> None:
    room = inbox(engine)

    room.says("עזרה")

    assert [call.why for call in room.calls] == ["asks for help"]


@pytest.mark.parametrize("words", ["עזרה, תתקשרו אליי", "help, I want to talk to an agent"])
def test_who_asks_for_a_person_too_gets_one(engine: Engine, words: str) -> None:
    room = inbox(engine, trigger(), policy=BY_TRIGGER)

    room.says(words)

    assert [call.why for call in room.calls] == ["asks for a person"]


@pytest.mark.parametrize(
    ("words", "raw"), [("STOP", {}), ("הסר", {}), ("STOP", {"OptOutType": "STOP"})]
)
def test_stop_is_answered_by_nobody_of_ours(
    engine: Engine, words: str, raw: dict[str, Any]
) -> None:
    room = inbox(engine, trigger(), ANSWERS, policy=BY_TRIGGER)

    room.says(words, **raw)
    room.post.read()

    assert room.post.claim(NOON + MINUTE).letters == ()
