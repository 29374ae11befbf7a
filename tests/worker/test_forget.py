"""Is what is older than the policy keeps forgotten, and nothing that is still needed?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.worker.operators import in_force
from tests.worker.sending import HOUR, PHONE, Post, dana, left, trigger
from tests.worker.small_world import NOON, rows
from triggers.configuration import ConfigurationRefused
from triggers.keeping import Retention
from worker.steps.forget import AGAIN, LEASE, forget
from worker.store.engine import in_transaction
from worker.store.retention import take_turn
from worker.store.tables import (
    attempts,
    customer_history,
    decisions,
    event_ids,
    events,
    facts,
    handoffs,
    inbound,
    occurrences,
    receipts,
    refused_events,
    spent,
)

DAY = timedelta(days=1)
AGES = Retention(texts=90 * DAY, events=400 * DAY, decisions=730 * DAY, raw=30 * DAY)
FAR = 3000 * DAY
LATER = trigger("later", wait="60d", unless="cart.paid")


def sent(engine: Engine, *triggers: str) -> Post:
    """A message with its receipt, a call that has ended, and what was refused."""
    post = in_force(engine, trigger(), *triggers)
    post.told(dana(), left())
    [letter] = (one.letter for one in post.claim().letters)
    post.receipt(letter, "delivered", To=PHONE)
    post.receive()
    call = {"customer_id": "c1", "queue": "desk", "why": "w", "text": PHONE, "due": NOON,
            "created_at": NOON, "updated_at": NOON}  # fmt: skip
    post.store(handoffs, id="0a" * 16, state="done", **call)
    post.store(handoffs, id="0b" * 16, state="open", **call)
    post.store(refused_events, door="file", received_at=NOON, raw=PHONE, raw_hash="0" * 32,
               reasons=[], state="refused")  # fmt: skip
    post.store(inbound, provider="twilio", provider_ref="r", channel="sms", address_hash="0" * 32,
               raw={"From": PHONE}, received_at=NOON, state="read")  # fmt: skip
    return post


def forgotten(engine: Engine, after: timedelta, ages: Retention = AGES, **more: Any) -> Any:
    return forget(engine, ages, now=NOON + after, **more)


@pytest.mark.parametrize("page", [1, 1000])
def test_each_class_goes_at_its_own_age(engine: Engine, page: int) -> None:
    sent(engine)

    assert forgotten(engine, 29 * DAY, page=page) == {}
    assert forgotten(engine, 31 * DAY, page=page) == {
        "receipts": 1, "inbound": 1, "refused_events": 1,
    }  # fmt: skip
    assert forgotten(engine, 91 * DAY, page=page)["attempts"] == 1
    gone = forgotten(engine, 401 * DAY, page=page)
    assert (gone["customer_history"], gone["events"] >= 2, gone["facts"]) == (1, True, 1)
    gone = forgotten(engine, 731 * DAY, page=page)
    assert gone["occurrences"] == 1
    assert rows(engine, events) == rows(engine, facts) == rows(engine, decisions) == []
    assert rows(engine, customer_history) == rows(engine, occurrences) == []


def test_words_go_and_what_is_counted_stays(engine: Engine) -> None:
    sent(engine)

    forgotten(engine, FAR)

    [attempt] = rows(engine, attempts)
    assert (attempt.text, attempt.address, attempt.state) == (None, None, "delivered")
    [receipt] = rows(engine, receipts)
    assert (receipt.raw, receipt.status) == ({}, "delivered")
    done, waiting = rows(engine, handoffs, "id")
    assert (done.text, waiting.text) == ("", PHONE)
    assert len(rows(engine, spent)) == 1
    assert len(rows(engine, event_ids)) >= 2


def test_what_is_forgotten_is_not_written_again_every_night(engine: Engine) -> None:
    sent(engine)
    forgotten(engine, FAR)

    assert forgotten(engine, FAR + AGAIN) == {}


def test_what_still_waits_keeps_what_it_rests_on(engine: Engine) -> None:
    post = sent(engine, LATER)

    forgotten(engine, 59 * DAY, Retention(events=40 * DAY, decisions=DAY))

    assert [row.trigger for row in rows(engine, occurrences)] == ["later"]
    assert {row.type for row in rows(engine, facts)} == {"cart.left"}
    assert [one.letter.channel for one in post.claim(NOON + 60 * DAY + HOUR).letters] == ["sms"]


def test_what_is_still_in_hand_keeps_its_words(engine: Engine) -> None:
    post = in_force(engine, trigger())
    post.told(dana(), left())
    post.claim()

    forgotten(engine, FAR)

    assert rows(engine, attempts)[0].address == PHONE


def test_without_an_age_nothing_goes(engine: Engine) -> None:
    sent(engine)

    assert forgotten(engine, FAR, Retention()) == {}


def test_it_is_done_once_a_day_by_one_of_them(engine: Engine) -> None:
    def turn(at: datetime) -> bool:
        return in_transaction(engine, lambda c: take_turn(c, at, at + LEASE))

    assert forgotten(engine, DAY) is not None
    assert forgotten(engine, DAY + AGAIN - HOUR) is None
    assert forgotten(engine, DAY + AGAIN) is not None
    # whoever takes the turn and dies leaves it to another
    began = NOON + DAY + 2 * AGAIN
    assert turn(began)
    assert not turn(began + LEASE - DAY / 24 / 60)
    assert turn(began + LEASE)


def test_events_are_kept_as_long_as_they_are_taken_in(engine: Engine) -> None:
    policy = "languages: [en]\ncategories: {service: {quiet: none}}\nlateness: 30d\n"

    with pytest.raises(ConfigurationRefused, match="shorter than lateness"):
        in_force(engine, trigger(), policy=policy + "retention: {events: 29d}\n")
