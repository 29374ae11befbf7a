"""Is every difference from the provider's list told once, and whom it is about never?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, update
from structlog.testing import capture_logs

from tests.standins.receipts import Receipt
from tests.standins.twilio import NUMBER, TwilioStandIn
from tests.worker.asking import TWILIO, Books
from tests.worker.sending import Post, dana, left, rules
from tests.worker.small_world import HASHER, NOON, rows
from tests.worker.texting import channel, letter
from worker.channels.base import Accepted
from worker.steps.ledger import SETTLED, STALE, LedgerParts, compare_ledgers
from worker.store.engine import in_transaction
from worker.store.tables import alerts, attempts, ledger_checks, ledger_differences

PHONE, WORDS = "+972501234561", "Hello c1"
MIDNIGHT = datetime(2026, 11, 3, tzinfo=UTC)
NIGHT = MIDNIGHT + SETTLED


def taken(engine: Engine, state: str = "delivered", **changed: Any) -> Post:
    """A message that the provider took at noon, as far as we know."""
    post = Post(engine, rules(), senders={"sms": [TWILIO]})
    post.told(dana(phone=PHONE), left())
    post.sms.answer = lambda _letter: Accepted("SM1")
    post.send()
    values = {"state": state, **changed}
    in_transaction(engine, lambda c: c.execute(update(attempts).values(**values)))
    return post


def compare(engine: Engine, books: Books, now: datetime = NIGHT) -> int:
    return compare_ledgers(engine, LedgerParts({books.sender: books}, HASHER), now=now)


def differences(engine: Engine) -> list[tuple[str, str, bool]]:
    found = rows(engine, ledger_differences, "provider_ref")
    return [(one.kind, one.provider_ref, one.message_id is not None) for one in found]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("delivered", "delivered"), ("sent", "sent"), ("accepted", "queued"), ("sent", "queued"),
     ("delivered", "sent"), ("undelivered", "undelivered")],
)  # fmt: skip
def test_what_agrees_is_no_difference(engine: Engine, ours: str, theirs: str) -> None:
    books = Books()
    books.put(PHONE, WORDS, status=theirs)
    taken(engine, ours)

    assert compare(engine, books) == 0

    assert differences(engine) == []
    assert not rows(engine, alerts)
    [check] = rows(engine, ledger_checks)
    assert (check.since, check.compared, check.differences) == (NOON.replace(hour=0), 1, 0)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("sent", "delivered"), ("accepted", "undelivered"), ("delivered", "undelivered")],
)
def test_what_became_of_it_differs(engine: Engine, ours: str, theirs: str) -> None:
    books = Books()
    books.put(PHONE, WORDS, status=theirs)
    taken(engine, ours)

    assert compare(engine, books) == 1

    assert differences(engine) == [("status", "SM1", True)]
    [alarm] = rows(engine, alerts)
    assert (alarm.kind, alarm.subject, alarm.times) == ("ledger_differs", TWILIO, 1)


def test_a_sender_that_never_reports_is_not_expected_to_have_told(engine: Engine) -> None:
    books = Books(reports=False)
    books.put(PHONE, WORDS, status="delivered")
    taken(engine, "accepted")

    assert compare(engine, books) == 0


@pytest.mark.parametrize("state", ["unknown", "absent", "refused", "try_later"])
def test_what_the_provider_sent_and_we_never_knew_of_is_found_by_its_words(
    engine: Engine, state: str
) -> None:
    books = Books()
    books.put(PHONE, WORDS, status="delivered")
    taken(engine, state, provider_ref=None)

    compare(engine, books)

    assert differences(engine) == [("unaccepted", "SM1", True)]


def test_what_is_none_of_ours_is_a_stranger(engine: Engine) -> None:
    books = Books()
    books.put(PHONE, WORDS, status="delivered")
    books.put(PHONE, "other words", "SM2", status="delivered")
    taken(engine)

    compare(engine, books)

    assert differences(engine) == [("stranger", "SM2", False)]


def test_what_the_provider_does_not_have_is_missing(engine: Engine) -> None:
    taken(engine, "accepted")

    compare(engine, Books())

    assert differences(engine) == [("missing", "SM1", True)]


def test_what_left_on_another_day_is_asked_for_by_its_name(engine: Engine) -> None:
    books = Books()
    books.put(PHONE, WORDS, status="delivered", at=MIDNIGHT + timedelta(minutes=1))
    taken(engine)

    assert compare(engine, books) == 0


def test_a_day_is_compared_once_however_many_try(engine: Engine) -> None:
    books = Books()
    books.meanwhile = lambda: compare(engine, Books(away=True))
    taken(engine)

    assert compare(engine, books) == 1
    assert compare(engine, Books()) == compare(engine, Books(), NIGHT + STALE * 2) == 0
    assert len(rows(engine, ledger_checks)) == 1


def test_a_day_is_compared_when_it_is_long_over_and_a_missed_one_is_caught_up_with(
    engine: Engine,
) -> None:
    taken(engine)

    assert compare(engine, Books(), NIGHT - timedelta(seconds=1)) == 0
    assert not rows(engine, ledger_checks)
    assert compare(engine, Books(), NIGHT + timedelta(days=2)) == 1


def test_a_day_whose_list_broke_off_is_compared_again(engine: Engine) -> None:
    taken(engine)
    assert compare(engine, Books(away=True)) == 0
    assert compare(engine, Books(), NIGHT + STALE) == 0

    assert compare(engine, Books(), NIGHT + STALE * 2) == 1


def test_nothing_personal_is_kept_or_logged(engine: Engine) -> None:
    books = Books()
    books.put("+972509999999", "a secret", "SM2", status="delivered")
    taken(engine)

    with capture_logs() as logs:
        compare(engine, books)

    said = str(logs) + str(rows(engine, ledger_differences)) + str(rows(engine, alerts))
    assert not any(word in said for word in ("972509999999", "secret", PHONE, WORDS))


def test_the_provider_s_list_is_read_to_its_end() -> None:
    with TwilioStandIn() as twilio:
        twilio.now = lambda: NOON
        twilio.receipts([Receipt("delivered", 3600)])
        sms = channel(twilio.url, public_url="http://127.0.0.1:9/")
        for number in range(8):
            sms.send(letter(text=f"number {number}"))
        other = channel(twilio.url, number="+15005550007")
        other.send(letter(text="of another sender"))

        day = list(sms.left_between(NOON.replace(hour=0), MIDNIGHT, page=3))
        since = list(sms.taken_since(NOON, page=3))

        texts = {f"number {number}" for number in range(8)}
        assert {one.text for one in day} == {one.text for one in since} == texts
        assert {one.status for one in day} == {"delivered"}
        assert list(sms.left_between(MIDNIGHT, MIDNIGHT + timedelta(days=1))) == []
        assert list(sms.taken_since(MIDNIGHT)) == []
        first = twilio.accepted[0]["sid"]
        assert sms.fetch(first).ref == first  # type: ignore[union-attr]
        assert sms.fetch("SM" + "0" * 32) is None
        assert sms.sender == f"twilio:{NUMBER}"
        sms.close()
        other.close()
