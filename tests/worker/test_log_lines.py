"""Does a line of the log say which event, customer and message it is about, and nobody's name?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import Engine
from structlog.testing import capture_logs

from tests.worker.sending import EMAIL, PHONE, ready, saying
from tests.worker.small_world import HASHER
from triggers.case import Case
from triggers.verdicts import Verdict


class Broken(Exception):
    """A mistake of our own."""


def fail(_case: Case) -> Verdict:
    raise Broken(PHONE)


def line(logs: list[Any], event: str) -> dict[str, Any]:
    [found] = [one for one in logs if one["event"] == event]
    return dict(found)


def test_a_claim_that_failed_names_its_event_and_a_hash_of_its_customer(engine: Engine) -> None:
    post = ready(engine)
    post.gates = fail

    with capture_logs() as logs:
        post.claim()

    said = line(logs, "claim_failed")
    assert said["event_id"] == "left-c1-k"
    assert said["customer"] == HASHER.customer("c1")
    assert not [word for word in (PHONE, EMAIL) if word in json.dumps(logs)]


@pytest.mark.parametrize("other", ["c2", "C1", ""])
def test_the_hash_of_a_customer_is_his_alone(other: str) -> None:
    assert HASHER.customer("c1") != HASHER.customer(other)
    assert "c1" not in HASHER.customer("c1").split()


def test_a_channel_that_broke_names_its_message(engine: Engine) -> None:
    post = ready(engine)
    post.sms.answer = saying(Broken())

    with capture_logs() as logs:
        post.send()

    assert line(logs, "channel_failed")["message_id"] == post.message.id
