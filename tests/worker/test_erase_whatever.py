"""Is there a place in any table where a number, an address, a name or a word outlives erasure?

One customer lives through the doors. Then every column of every table is searched.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event as Flag
from typing import Any

import pytest
from sqlalchemy import Engine, update

from tests.worker.replying import SENDERS, Inbox, address
from tests.worker.sending import EMAIL, HOUR, PHONE, POLICY, Post, dana, rules, saying, trigger
from tests.worker.small_world import HASHER, NOON, event, rows
from tests.worker.test_surveys import ASKS, LOW, SURVEYS
from tests.worker.test_surveys import TEXTS as ASKING
from worker.channels.base import Accepted, Letter, TryLater
from worker.steps.clicks import Gone, follow
from worker.steps.erase import CONTACT, Erasure
from worker.steps.insisting import HeldByOthers
from worker.steps.surveys import PAGE, Said, TextedSurveys, answer_by_page
from worker.store.engine import in_transaction
from worker.store.erasure import Whose
from worker.store.refused import keep_refused
from worker.store.tables import (
    answers,
    attempts,
    clicks,
    customers,
    events,
    handoffs,
    links,
    messages,
    metadata,
    outbox,
    refusals,
)

NAME, CART, NEVER_USED = "Danoushka", "golden-cart", "+972501234561"
WORDS = (PHONE, PHONE[1:], EMAIL, NAME, CART, NEVER_USED, "zebra", "walrus", "badger", "lynx")
HELD = {"key": "event.data.cart", "wait": "3d", "unless": "cart.paid"}
HI = trigger(limits="{category: service, priority: high}")
CALLS = trigger("calls", on="plan.changed", key="event.data.plan",
                send="[{agent: desk, message: hello}]")  # fmt: skip
HOOKS = """
webhooks:
  crm:
    url: https://crm.bank.example/outreach
    events: [outreach.sent, outreach.replied, outreach.opted_out, survey.answered]
"""
ERASED = NOON + 3 * HOUR
KNOWN: Any = {"hasher": HASHER, "contact": CONTACT}


def lived(engine: Engine) -> Inbox:
    """Somebody who was written to, clicked, answered, wrote, refused, moved and was called."""
    texts = {**ASKING, "templates/hello/sms.en.txt": f"{{{{ event.data.cart }}}} {NAME}"}
    configuration = rules(HI, ASKS, LOW, CALLS, trigger("held", **HELD),
                          policy=POLICY + SURVEYS + HOOKS, **texts)  # fmt: skip
    post = Post(engine, configuration, senders=SENDERS)
    room = Inbox(post, TextedSurveys(configuration))
    before = event("customer.updated", "old", after=-HOUR, phone=NEVER_USED)
    post.told(before)
    post.told(dana(nickname=NAME))
    post.told(event("cart.left", "e1", cart=CART, note=NAME),
              event("plan.changed", "e2", plan=CART))  # fmt: skip
    letters = post.claim().letters
    post.deliver(letters)
    for one in letters:
        post.receipt(one.letter, "delivered", To=one.letter.address)
    post.receive()
    token = survey_of(engine)
    follow(engine, post.hearing, token, scanner=False, now=NOON + HOUR)
    for words in ("zebra, what is this?", "wrong number, lynx", "stop badger"):
        room.says(words, now=NOON + HOUR)
    room.says("zebra from an old number", phone=NEVER_USED, now=NOON + HOUR)
    answer_by_page(engine, post.hearing, token, Said(1, "walrus", PAGE), now=NOON + HOUR)
    post.read(NOON + HOUR)
    post.claim(NOON + HOUR)
    refused = {"door": "file", "received_at": NOON, "source": "shop", "id": "r", "type": None,
               "raw": f'{{"data": {{"nickname": "{NAME}", "phone": "{PHONE}"}}}}',
               "raw_hash": "0" * 32, "reasons": [], "state": "refused"}  # fmt: skip
    in_transaction(engine, lambda c: keep_refused(c, [refused]))
    _fill(post, letters[0].letter.message_id)
    return room


def _fill(post: Post, message_id: str) -> None:
    """What this life has left empty: an email's parts, a provider's words, a person's notes."""
    words = {
        attempts: {"subject": CART, "html": CART, "error": PHONE, "headers": {"X-Cart": CART}},
        handoffs: {"why": CART, "note": NAME},
        messages: {"detail": CART},
        links: {"url": f"https://shop.example/{PHONE}"},
    }
    for table, values in words.items():
        made = update(table).values(**values)
        in_transaction(post.engine, lambda c, made=made: c.execute(made))
    post.store(outbox, message_id=message_id, attempt=9, channel="sms", address=PHONE, text=CART,
               at=NOON)  # fmt: skip


def survey_of(engine: Engine) -> str:
    return str(next(one.token for one in rows(engine, links) if one.name == "answer"))


def erase(engine: Engine, **more: Any) -> Any:
    whose = Whose("c1", ("twilio", "email", "mailgun"))
    return Erasure(engine, whose, "noa", now=ERASED, **KNOWN, **more).run()


def found(engine: Engine) -> set[tuple[str, str, str]]:
    """(table, column, word): wherever one of the words stands. Bundles are the operator's."""
    return {
        (table.name, column.name, word)
        for table in metadata.sorted_tables
        if table.name != "bundles"
        for row in rows(engine, table)
        for column in table.columns
        for word in WORDS
        if word in str(getattr(row, column.name))
    }


def test_before_it_every_table_that_may_hold_something_does(engine: Engine) -> None:
    lived(engine)

    holding = {table for table, _, _ in found(engine)}

    assert holding >= {
        "answers", "attempts", "callbacks", "customer_history", "customers", "decisions", "events",
        "facts", "handoffs", "inbound", "messages", "occurrences", "receipts", "refusals",
        "refused_events", "suppressions",
    }  # fmt: skip
    assert {word for _, _, word in found(engine)} == set(WORDS)


def test_afterwards_no_column_of_any_table_does(engine: Engine) -> None:
    lived(engine)

    erase(engine)

    assert found(engine) == set()


@pytest.mark.parametrize(
    "words",
    ["zebra, what is this?", "wrong number, lynx", "stop badger", "please call me, lynx",
     "1 walrus", "start badger", "enough of this, badger"],
)  # fmt: skip
def test_a_reply_that_is_read_afterwards_leaves_no_word(engine: Engine, words: str) -> None:
    room = lived(engine)
    room.writes(words, now=NOON + 2 * HOUR)

    erase(engine)
    room.answer(ERASED + HOUR)
    room.post.read(ERASED + HOUR)

    assert found(engine) == set()
    assert {one.state for one in room.kept} == {"read"}


@pytest.mark.parametrize("before", [True, False])
def test_a_receipt_that_is_read_afterwards_leaves_no_word(engine: Engine, before: bool) -> None:
    room = lived(engine)
    letter = room.post.sms.calls[0]
    room.post.sms.answer = saying(TryLater("20429"))
    if before:
        room.post.receipt(letter, "undelivered", To=PHONE, ErrorCode="30003")

    erase(engine)
    if not before:
        room.post.receipt(letter, "undelivered", To=PHONE, ErrorCode="30003")
    room.post.receive(ERASED + HOUR)

    assert found(engine) == set()


def test_his_links_and_surveys_lead_nowhere_afterwards(engine: Engine) -> None:
    room = lived(engine)
    token = survey_of(engine)
    counted = len(rows(engine, clicks)), len(rows(engine, answers))

    erase(engine)
    post, late = room.post, ERASED + HOUR
    visit = follow(engine, post.hearing, token, scanner=False, now=late)
    answer = answer_by_page(engine, post.hearing, token, Said(5, "walrus", PAGE), now=late)

    assert visit is answer is Gone.UNKNOWN
    assert (len(rows(engine, clicks)), len(rows(engine, answers))) == counted
    assert found(engine) == set()


def test_what_he_writes_later_is_obeyed_and_is_of_now(engine: Engine) -> None:
    room = lived(engine)

    erase(engine)
    room.says("stop otter", now=ERASED + HOUR)

    places = {(table, column) for table, column, _ in found(engine)}
    assert places == {("inbound", "raw")}
    assert room.suppressed == [("wrong number", True)]
    erase(engine)
    assert found(engine) == set()


def test_a_number_he_was_never_written_to_is_known_by_his_profile(engine: Engine) -> None:
    room = lived(engine)
    [old] = [one for one in room.kept if one.address_hash == address(NEVER_USED).hash]
    assert (old.customer_id, NEVER_USED in str(old.raw)) == (None, True)

    erase(engine)

    [old] = [one for one in room.kept if one.seq == old.seq]
    assert old.raw == {}
    assert {one.text for one in rows(engine, handoffs)} == {""}


def during(room: Inbox, then: Callable[[], object]) -> None:
    """A letter is with its provider while `then` happens."""

    def answer(letter: Letter) -> Accepted:
        then()
        return Accepted("ref")

    room.post.sms.answer = room.post.email.answer = answer


def test_what_is_with_a_provider_meanwhile_is_waited_for(engine: Engine) -> None:
    room = lived(engine)
    room.post.told(event("cart.left", "e3", after=HOUR, cart=f"{CART}-2"))
    early = NOON + HOUR
    whose = Whose("c1", ("twilio",))
    told: list[type[BaseException]] = []

    def erase_now() -> None:
        try:
            Erasure(engine, whose, "noa", now=early, looks=1, **KNOWN).run()
        except HeldByOthers as held:
            told.append(type(held))

    during(room, erase_now)
    letters = room.post.claim(early).letters
    room.post.deliver(letters, early)
    assert told
    assert told[0] is HeldByOthers
    assert CART in str(rows(engine, events))

    erase(engine)

    assert found(engine) == set()


def test_what_is_told_of_it_while_it_is_done_goes_with_it(engine: Engine) -> None:
    room = lived(engine)
    room.post.told(event("cart.left", "e3", after=HOUR, cart=f"{CART}-2"))
    early = NOON + HOUR
    whose = Whose("c1", ("twilio", "email", "mailgun"))
    erasing: list[Future[Any]] = []

    def begin() -> None:
        if not erasing:
            run = Erasure(engine, whose, "noa", now=early, **KNOWN).run
            erasing.append(pool.submit(run))
        for _ in range(600):
            if rows(engine, customers)[0].erased_at:
                break
            Flag().wait(0.05)

    during(room, begin)
    with ThreadPoolExecutor(1) as pool:
        letters = room.post.claim(early).letters
        room.post.deliver(letters, early)
        erasing[0].result()

    assert {one.state for one in room.post.attempts if one.claimed_at == early} == {"accepted"}
    assert found(engine) == set()
    assert [one.type for one in rows(engine, events)] == []


def test_a_refusal_stands_without_its_words(engine: Engine) -> None:
    room = lived(engine)
    before = room.suppressed

    erase(engine)

    assert room.suppressed == before
    assert {one.wording for one in rows(engine, refusals)} == {None}
