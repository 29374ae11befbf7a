"""Does what is heard late, after a message was looked for in vain, keep it from leaving again?"""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.worker.asking import SMTP, TWILIO, Books, look, unheard
from tests.worker.sending import HOUR, Post, dana, left, rules, saying
from tests.worker.small_world import NOON
from worker.channels.base import Accepted, Letter, TryLater
from worker.retrying import ABSENT_AFTER, FIRST_LOOK, LEASE, UNKNOWN_FOR

FIRST, SECOND_LOOK, LIMIT = NOON + FIRST_LOOK, NOON + ABSENT_AFTER, NOON + UNKNOWN_FOR
PHONE, WORDS = "+972501234561", "Hello c1"
RESEND = {"sms": "resend", "email": "resend"}


@pytest.mark.parametrize("word", ["queued", "sent", "delivered"])
@pytest.mark.parametrize("known", ["absent", "unknown"])
def test_what_was_to_leave_again_does_not_once_it_is_told_of(
    engine: Engine, word: str, known: str
) -> None:
    post, books = unheard(engine), Books(away=known == "unknown")
    look(post, books, FIRST)
    look(post, books, SECOND_LOOK if known == "absent" else LIMIT, policy=RESEND)
    assert post.states == ("planned", [known])
    message = post.message.id
    post.receipt(Letter(message, 1, "sms", PHONE, WORDS, NOON), word, MessageSid="SM5")

    post.receive(LIMIT)

    assert post.message.state in {"accepted", word}
    assert post.claim(NOON + HOUR).letters == ()


def test_a_call_that_comes_back_after_it_was_believed_absent_does_not_leave_again(
    engine: Engine,
) -> None:
    post = Post(engine, rules(), senders={"sms": [TWILIO], "email": [SMTP]})
    books = Books()
    post.told(dana(phone=PHONE), left())
    [claimed] = post.claim().letters
    post.sweep(NOON + LEASE)
    look(post, books, NOON + LEASE + FIRST_LOOK)
    look(post, books, NOON + LEASE + ABSENT_AFTER)
    assert post.states == ("planned", ["absent"])

    post.sms.answer = lambda letter: Accepted("SM9")
    post.deliver([claimed], NOON + LEASE + ABSENT_AFTER)

    assert post.states == ("accepted", ["accepted"])
    assert post.claim(NOON + HOUR).letters == ()


def test_a_call_that_comes_back_after_it_was_parked_settles_it(engine: Engine) -> None:
    post = Post(engine, rules(), senders={"sms": [TWILIO], "email": [SMTP]})
    post.told(dana(phone=PHONE), left())
    [claimed] = post.claim().letters
    post.sweep(NOON + LEASE)
    late = NOON + LEASE + UNKNOWN_FOR
    look(post, Books(away=True), late)
    assert post.message.state == "parked"

    post.sms.answer = saying(TryLater("20429"))
    post.deliver([claimed], late)
    assert post.states == ("parked", ["unknown"])
    post.sms.answer = lambda letter: Accepted("SM9")
    post.deliver([claimed], late)

    assert post.states == ("accepted", ["accepted"])
