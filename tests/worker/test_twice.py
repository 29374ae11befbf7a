"""Is what went out twice told, and is what might go twice held back by whatever is heard?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import Engine, update

from tests.worker.asking import SMTP, TWILIO, Books, look, unheard
from tests.worker.sending import HOUR, Post, dana, left, rules, saying
from tests.worker.small_world import NOON, rows
from tests.worker.test_ledger import NIGHT, compare, differences
from tests.worker.test_reconcile import alarms
from worker.channels.base import Accepted, Letter, Refused, TryLater, Uncertain
from worker.channels.ledger import Found, Undecidable
from worker.retrying import ABSENT_AFTER, FIRST_LOOK, LEASE, UNKNOWN_FOR
from worker.steps.leases import ClaimedLetter
from worker.store.claims import PROVIDERS
from worker.store.engine import in_transaction
from worker.store.tables import alerts, attempts, messages, receipts
from worker.wiring import RECEIPT_READERS

FIRST, SECOND_LOOK, LIMIT = NOON + FIRST_LOOK, NOON + ABSENT_AFTER, NOON + UNKNOWN_FOR
AGAIN = NOON + LEASE + ABSENT_AFTER
PHONE, WORDS = "+972501234561", "Hello c1"


def frozen(engine: Engine) -> tuple[Post, ClaimedLetter]:
    """Its worker stands still after the check of its deadline; the provider's list lacks it."""
    post = Post(engine, rules(), senders={"sms": [TWILIO], "email": [SMTP]})
    post.told(dana(phone=PHONE), left())
    [claimed] = post.claim().letters
    post.sweep(NOON + LEASE)
    look(post, Books(), NOON + LEASE + FIRST_LOOK)
    look(post, Books(), AGAIN)
    assert post.states == ("planned", ["absent"])
    return post, claimed


def woken(post: Post, claimed: ClaimedLetter) -> None:
    post.sms.answer = lambda letter: Accepted(f"SM{letter.attempt}")
    post.deliver([claimed], AGAIN)


@pytest.mark.parametrize("error", [TryLater("20429"), Refused("21211"), Uncertain("timeout")])
def test_a_second_call_that_failed_is_followed_by_no_third_where_the_first_arrived(
    engine: Engine, error: Exception
) -> None:
    post, claimed = frozen(engine)
    second = post.claim(AGAIN).letters
    woken(post, claimed)

    post.sms.answer = saying(error)
    post.deliver(second, AGAIN)

    assert (post.message.state, post.attempts[0].state) == ("accepted", "accepted")
    assert post.claim(AGAIN + HOUR).letters == ()
    assert look(post, Books(), AGAIN + HOUR).settled == {}


def test_a_first_call_that_arrived_settles_a_second_that_nobody_heard_of(engine: Engine) -> None:
    post, claimed = frozen(engine)
    post.sms.answer = saying(Uncertain("timeout"))
    post.send(AGAIN)
    assert post.message.state == "unknown"

    woken(post, claimed)

    assert post.states == ("accepted", ["accepted", "unknown"])
    assert look(post, Books(), AGAIN + HOUR).settled == {}


@pytest.mark.parametrize("heard", [True, False])
def test_what_left_twice_is_told_in_the_night(engine: Engine, heard: bool) -> None:
    post, claimed = frozen(engine)
    second = post.claim(AGAIN).letters
    woken(post, claimed)
    post.deliver(second, AGAIN)
    if not heard:
        forget = update(attempts).where(attempts.c.number == 1)
        in_transaction(
            engine, lambda c: c.execute(forget.values(state="absent", provider_ref=None))
        )
    books = Books()
    books.put(PHONE, WORDS, "SM1")
    books.put(PHONE, WORDS, "SM2", at=AGAIN)

    compare(engine, books)

    told = "SM2" if heard else "SM1"
    assert ("twice", told, True) in differences(engine)
    assert ("sent_twice", TWILIO, 1) in alarms(engine)


def test_a_message_that_went_again_after_it_failed_went_once(engine: Engine) -> None:
    post, claimed = frozen(engine)
    second = post.claim(AGAIN).letters
    woken(post, claimed)
    post.receipt(claimed.letter, "undelivered")
    post.receive(AGAIN)
    post.deliver(second, AGAIN)
    books = Books()
    books.put(PHONE, WORDS, "SM1", status="undelivered")
    books.put(PHONE, WORDS, "SM2", at=AGAIN)

    compare(engine, books, NIGHT)

    assert "twice" not in {kind for kind, *_ in differences(engine)}


def test_nothing_goes_again_while_a_receipt_of_it_is_unread(engine: Engine) -> None:
    post = unheard(engine)
    look(post, Books(), FIRST)
    look(post, Books(), SECOND_LOOK)
    assert post.message.state == "planned"
    post.receipt(Letter(post.message.id, 1, "sms", PHONE, WORDS, NOON), "delivered")

    assert post.claim(SECOND_LOOK).letters == ()
    post.receive(SECOND_LOOK)

    assert post.message.state == "delivered"


def test_whoever_sends_receipts_is_asked_for_unread_ones() -> None:
    assert set(RECEIPT_READERS) <= set(PROVIDERS)


def test_a_receipt_that_settles_the_last_one_that_was_parked_ends_its_alarm(
    engine: Engine,
) -> None:
    post = unheard(engine, customers=2)
    look(post, Books(away=True), LIMIT)
    first, second = rows(engine, messages)

    for one, standing in ((first, 1), (second, 0)):
        post.receipt(Letter(one.id, 1, "sms", PHONE, WORDS, NOON), "delivered")
        post.receive(LIMIT)
        post.sweep(LIMIT)
        assert sum(row.closed_at is None for row in rows(engine, alerts)) == standing


class Odd(Books):
    """Cannot say of one phone what it has."""

    error: Exception

    def find(self, address: str, *rest: object) -> list[Found]:
        if address == PHONE:
            raise self.error
        return super().find(address, *rest)  # type: ignore[arg-type]


@pytest.mark.parametrize("error", [Undecidable("redacted"), TypeError("our own mistake")])
def test_one_message_that_cannot_be_told_from_others_keeps_none_from_being_decided(
    engine: Engine, error: Exception
) -> None:
    post, books = unheard(engine, customers=3), Odd()
    books.error = error

    for moment in (FIRST, SECOND_LOOK, LIMIT + timedelta(hours=1)):
        look(post, books, moment)

    states: Sequence[str] = [one.state for one in rows(engine, messages, "customer_id")]
    assert states == ["parked", "planned", "planned"]


def test_what_a_later_version_has_moved_holds_up_no_answer_and_no_receipt(engine: Engine) -> None:
    post = Post(engine, rules())
    post.told(*(one for name in ("c1", "c2") for one in (dana(name), left(name))))
    letters = post.claim().letters
    theirs, mine = (one.letter for one in letters)
    strange = update(messages).where(messages.c.id == theirs.message_id)
    in_transaction(engine, lambda c: c.execute(strange.values(state="of_the_future")))

    post.deliver(letters)
    for one in (theirs, mine):
        post.receipt(one, "delivered")
    assert post.receive().applied == 1

    states = {one.id: one.state for one in rows(engine, messages)}
    assert states == {theirs.message_id: "of_the_future", mine.message_id: "delivered"}
    assert [one.state for one in rows(engine, receipts, "seq")] == ["new", "applied"]
    assert not post.receive().more
