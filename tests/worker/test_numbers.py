"""Whose is a number now? What follows a new phone, and a number that passed to somebody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.worker.replying import address, inbox
from tests.worker.sending import EMAIL, HOUR, PHONE, Post, dana, left, offer, ready, saying, trigger
from tests.worker.small_world import NOON, event, rows
from triggers.answering import Call
from worker.channels.base import TryLater
from worker.store.tables import address_marks, occurrences, suppressions

NEW = "+972501234568"
LATER = trigger("later", wait="2h")
DUE = NOON + 3 * HOUR


def moved(post: Post, phone: str = NEW, customer: str = "c1", **more: Any) -> None:
    """The customer's number is another one."""
    at = timedelta(minutes=5)
    post.told(event("customer.updated", f"moved-{phone}-{customer}", customer=customer, after=at,
                    phone=phone, **more))  # fmt: skip


def receivers(post: Post, now: Any = DUE) -> list[str]:
    return [one.letter.address for one in post.claim(now).letters]


def reasons(engine: Engine, name: str) -> list[tuple[str, str | None]]:
    found = rows(engine, occurrences, "customer_id")
    return [(one.state, one.reason) for one in found if one.trigger == name]


def test_what_waits_goes_to_the_new_number(engine: Engine) -> None:
    post = ready(engine, LATER)

    moved(post)

    assert receivers(post) == [NEW]


def test_the_next_try_goes_to_the_new_number(engine: Engine) -> None:
    post = ready(engine, trigger())
    post.sms.answer = saying(TryLater("20429"))
    post.send()
    assert post.message.state == "planned"

    moved(post)

    assert receivers(post, NOON + HOUR) == [NEW]


def test_who_had_no_address_is_asked_again_when_he_has_one(engine: Engine) -> None:
    post = ready(engine, trigger(), phone=None, email=None)
    assert receivers(post, NOON) == []

    moved(post)

    assert receivers(post, NOON) == [NEW]


def test_a_stop_stays_with_the_number_it_was_said_from(engine: Engine) -> None:
    room = inbox(engine, trigger(), LATER, email=None)
    room.says("STOP")

    moved(room.post)
    # whoever gets the old number is not written to either
    room.post.told(dana("c2", phone=PHONE, email=None), left("c2"))

    assert receivers(room.post) == [NEW]
    assert reasons(engine, "later") == [("messaged", None), ("skipped", "suppressed")]


def test_the_customers_own_refusal_stays_with_him(engine: Engine) -> None:
    post = ready(engine, LATER, email=None, consent={"service": False})

    moved(post)

    assert receivers(post) == []
    assert reasons(engine, "later") == [("skipped", "no_consent")]


@pytest.mark.parametrize(
    ("said", "goes"),
    [
        # rule 14: a consent is a field of the customer, as he gave it, whatever his number is
        ({}, [NEW]),
        # whose law ties it to the number says with the new one what holds there
        ({"consent": {"marketing": {"sms": False}}}, []),
        ({"consent": {"marketing": {"sms": {"given": False}, "email": True}}}, []),
    ],
)
def test_a_consent_is_the_customers_until_it_is_said_otherwise(
    engine: Engine, said: dict[str, Any], goes: list[str]
) -> None:
    ad = offer("ad", wait="2h")
    post = ready(engine, ad, email=None, consent={"marketing": True})

    moved(post, **said)

    assert receivers(post) == goes


def test_a_wrong_number_is_cut_and_a_person_is_asked_and_email_takes_over(engine: Engine) -> None:
    room = inbox(engine, trigger(), LATER)

    room.says("wrong number")

    assert [(one.customer_id, one.why) for one in room.calls] == [("c1", Call.WRONG_NUMBER)]
    assert receivers(room.post) == [EMAIL]
    assert room.suppressed == [("wrong number", True)]


@pytest.mark.parametrize("back", ["profile again", "start", "profile with a proven consent"])
def test_nothing_lifts_a_wrong_number_but_another_number(engine: Engine, back: str) -> None:
    room = inbox(engine, trigger(), LATER, email=None)
    room.says("wrong number")
    agreed = {"given": True, "wording": "yes", "source": "shop", "time": "2026-11-02T12:04:00Z"}

    match back:
        case "start":
            room.says("START", now=NOON + HOUR)
        case "profile again":
            moved(room.post, PHONE)
        case _:
            moved(room.post, PHONE, consent={"service": agreed})
    assert receivers(room.post) == []
    moved(room.post)
    room.post.told(left("c1", "new"))

    assert NEW in receivers(room.post)


def test_the_next_holder_of_a_wrong_number_is_not_taken_for_the_first(engine: Engine) -> None:
    room = inbox(engine, trigger(), LATER)
    room.says("wrong number")
    moved(room.post)
    room.post.told(dana("c2", phone=PHONE, email=None))

    room.says("call me", now=NOON + timedelta(days=4))

    [_, call] = room.calls
    assert (call.customer_id, call.why) == ("c2", Call.PERSON)


@pytest.mark.parametrize(
    ("status", "code", "bad", "stopped"),
    [
        ("failed", "21610", False, True),
        ("undelivered", "30005", True, False),
        ("undelivered", "30006", True, False),
        ("failed", "21211", True, False),
        ("failed", "21614", True, False),
        ("undelivered", "30003", False, False),
        ("undelivered", "30008", False, False),
    ],
)
def test_what_the_provider_says_of_a_number_holds_for_all_who_have_it(
    engine: Engine, status: str, code: str, bad: bool, stopped: bool
) -> None:
    post = ready(engine, trigger(), LATER)
    post.told(dana("c2", email="b@mail.example"), left("c2", "other"))
    [first, _] = (one.letter for one in post.claim().letters)

    post.receipt(first, status, ErrorCode=code, To=PHONE)
    post.receive()

    assert [one.address_hash for one in rows(engine, address_marks)] == [address().hash] * bad
    assert [one.address_hash for one in rows(engine, suppressions)] == [address().hash] * stopped
    # the message itself goes on by email, and so does what waits for either
    [next_way] = receivers(post, NOON + timedelta(minutes=1))
    assert "@" in next_way
    later = receivers(post)
    assert (PHONE in later) is not (bad or stopped)


def test_a_number_marked_bad_is_used_no_more_and_a_new_one_at_once(engine: Engine) -> None:
    post = ready(engine, trigger(), LATER, email=None)
    [letter] = (one.letter for one in post.claim().letters)
    post.receipt(letter, "undelivered", ErrorCode="30005", To=PHONE)
    post.receive()
    assert receivers(post) == []
    assert reasons(engine, "later") == [("pending", "no_address")]

    moved(post)

    assert receivers(post) == [NEW]
