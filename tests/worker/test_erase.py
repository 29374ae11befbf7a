"""Is nothing left of who asks to be forgotten, but that so much was said and what he refused?"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, update

from tests.worker.operators import in_force, on_record, said, use
from tests.worker.sending import EMAIL, HOUR, PHONE, Post, dana, left, saying, trigger
from tests.worker.small_world import HASHER, NOON, event, incoming, publish, rows
from worker.channels.base import Uncertain
from worker.cli import customers as customers_command
from worker.cli import erase as command
from worker.steps.answers import RESTORED, UNDECIDED
from worker.steps.erase import CONTACT, Erasure, NobodyKnown
from worker.steps.insisting import HeldByOthers
from worker.store import customers as people
from worker.store.addresses import Address
from worker.store.engine import in_transaction, make_engine, reading
from worker.store.erasure import Whose, held_of
from worker.store.lookups import erased_at, find_customer
from worker.store.suppressions import OptOut, suppress
from worker.store.tables import (
    answers,
    attempts,
    callbacks,
    customers,
    decisions,
    events,
    handoffs,
    inbound,
    links,
    messages,
    metadata,
    occurrences,
    outbox,
    receipts,
    refused_events,
    spent,
    suppressions,
)

CALLS = trigger("calls", on="plan.changed", key="event.data.plan",
                send="[{agent: desk, message: hello}]")  # fmt: skip
LATER = trigger("later", wait="2h", unless="cart.paid")
WORDS = (PHONE, EMAIL, "Hello c1", "golden-cart", "c1-note", PHONE.removeprefix("+"))
"""What was known or said of him."""


@pytest.fixture(autouse=True)
def settings(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, database_url)


def whose(customer: str = "c1") -> Whose:
    return Whose(customer, ("twilio",))


def erase(engine: Engine, customer: str = "c1", **more: Any) -> Any:
    terms = {"hasher": HASHER, "contact": CONTACT, "now": NOON + 3 * HOUR, **more}
    return Erasure(engine, whose(customer), by="noa", **terms).run()


def live(engine: Engine, customer: str = "c1") -> Post:
    """A customer of whom every table holds something."""
    post = in_force(engine, trigger(), LATER, CALLS)
    note = {"note": f"{customer}-note"}
    cart = event("cart.left", f"left-{customer}", customer=customer, cart="golden-cart", **note)
    plan = event("plan.changed", f"plan-{customer}", customer=customer, plan="golden-cart", **note)
    post.told(dana(customer), cart, plan)
    [letter] = (one.letter for one in post.claim().letters)
    post.receipt(letter, "delivered", To=PHONE)
    post.receive()
    id_ = letter.message_id
    mine = {"message_id": id_, "customer_id": customer, "channel": "sms"}
    post.store(links, token=f"t-{id_}", message_id=id_, name="pay", url=f"https://x.example/{PHONE}",
               created_at=NOON, expires_at=NOON)  # fmt: skip
    post.store(inbound, **mine, provider="twilio", provider_ref=id_, address_hash="0" * 32,
               raw={"From": PHONE, "Body": "golden-cart"}, received_at=NOON,
               state="read")  # fmt: skip
    post.store(answers, **mine, trigger="hi", survey="s", score=2, text="golden-cart", at=NOON)
    post.store(outbox, message_id=id_, attempt=9, channel="sms", address=PHONE, text="Hello c1",
               at=NOON)  # fmt: skip
    post.store(callbacks, id=id_, subscription="crm", type="outreach.sent", tries=0, due=NOON,
               body={"subject": customer, "data": {"cart": "golden-cart"}}, state="waiting",
               created_at=NOON, updated_at=NOON)  # fmt: skip
    post.store(refused_events, door="file", received_at=NOON, raw_hash=id_, reasons=[],
               raw=json.dumps({"subject": customer, "data": note}), state="refused")  # fmt: skip
    return post


def dump(engine: Engine) -> str:
    tables = {table.name: table for table in metadata.sorted_tables}
    del tables["bundles"]
    return "\n".join(f"{name} {row}" for name, one in tables.items() for row in rows(engine, one))


def count(engine: Engine, customer: str = "c1") -> dict[str, int]:
    found = [table for table, _ in reading(engine, lambda c: list(held_of(c, whose(customer))))]
    return {table: found.count(table) for table in found}


def test_nothing_of_what_was_known_or_said_is_left(engine: Engine) -> None:
    live(engine)
    before = dump(engine)
    assert [word for word in WORDS if word not in before] == []

    erase(engine)

    after = dump(engine)
    assert [word for word in WORDS if word in after] == []


def test_what_was_counted_and_spent_stays(engine: Engine) -> None:
    live(engine)
    kept = (messages, attempts, decisions, handoffs, answers, inbound, receipts, spent)
    before = {table.name: len(rows(engine, table)) for table in kept}

    erase(engine)

    after = {table.name: len(rows(engine, table)) for table in kept}
    assert after == {**before, "decisions": before["decisions"] + 1}
    [answer] = rows(engine, answers)
    assert (answer.score, answer.text) == (2, None)


def test_what_waits_is_called_off_with_its_reason(engine: Engine) -> None:
    post = live(engine)

    erase(engine)

    told = [(one.trigger, one.verdict) for one in rows(engine, decisions, "seq")
            if one.reason == "erased"]  # fmt: skip
    assert told == [("later", "called_off")]
    assert post.claim(NOON + 4 * HOUR).letters == ()
    assert rows(engine, occurrences) == []
    [call] = rows(engine, handoffs)
    assert (call.state, call.why, call.text) == ("failed", "", "")
    assert on_record(engine)[-1] == ("noa", "erase", {"customer": "c1"})


def test_a_message_that_waits_for_its_next_try_never_leaves(engine: Engine) -> None:
    post = in_force(engine, trigger())
    post.told(dana(), left())
    post.sms.answer = saying(Uncertain("nobody heard"))
    post.send()
    assert post.message.state == "unknown"

    erase(engine)

    assert (post.message.state, post.message.why) == ("failed", "erased")
    assert post.states == ("failed", ["unknown"])


@pytest.mark.parametrize(
    ("state", "why", "after"),
    [
        ("planned", "retry", "called_off"),
        ("parked", "missing", "called_off"),
        ("parked", UNDECIDED, "failed"),
        ("parked", RESTORED, "failed"),
        ("unknown", None, "failed"),
        ("delivered", None, "delivered"),
    ],
)
def test_what_may_have_left_counts_as_if_it_had(
    engine: Engine, state: str, why: str | None, after: str
) -> None:
    post = in_force(engine, trigger())
    post.told(dana(), left())
    post.send()
    stands = update(messages).values(state=state, why=why, due=NOON, look_at=NOON)
    in_transaction(engine, lambda c: c.execute(stands))

    erase(engine)

    found = post.message
    assert found.state == after
    if state != after:
        assert (found.why, found.due, found.look_at) == ("erased", None, None)


def test_who_else_there_is_keeps_everything(engine: Engine) -> None:
    live(engine)
    other = in_force(engine, trigger(), LATER, CALLS)
    other.told(dana("c2", phone="+972501234568", email="c2@mail.example"), left("c2", "k2"))
    other.claim()
    before = count(engine, "c2")

    erase(engine)

    assert count(engine, "c2") == before


def test_a_refusal_outlives_its_customer(engine: Engine) -> None:
    post = live(engine)
    address = Address(HASHER.address("sms", PHONE), "sms")
    in_transaction(engine, lambda c: suppress(c, [OptOut(address, "stop", NOON)]))

    erase(engine)
    post.told(event("customer.updated", "again", phone=PHONE, language="en"),
              left("c1", "new", after=timedelta(minutes=1)))  # fmt: skip
    post.claim(NOON + 5 * HOUR)

    assert [row.address_hash for row in rows(engine, suppressions)] == [address.hash]
    assert [one.reason for one in rows(engine, occurrences) if one.trigger == "hi"] == [
        "suppressed"
    ]


def test_who_is_heard_of_again_begins_anew_and_hears_nothing_twice(engine: Engine) -> None:
    post = live(engine)
    erase(engine)
    assert reading(engine, lambda c: find_customer(c, "c1")) is None
    assert reading(engine, lambda c: erased_at(c, "c1")) == NOON + 3 * HOUR

    again = NOON + 4 * HOUR
    known = incoming(event("customer.updated", "again", phone=PHONE), writes_customer=True)
    publish(engine, [known], now=again)
    publish(engine, [incoming(event("cart.left", "anew", cart="golden-cart"))], now=again)
    post.read(again)

    assert reading(engine, lambda c: find_customer(c, "c1")) == {"id": "c1", "phone": PHONE}
    assert reading(engine, lambda c: erased_at(c, "c1")) is None
    # the cart was spoken of before, and that is not forgotten
    assert {one.trigger for one in rows(engine, occurrences)} == {"later"}


def test_it_is_done_in_small_batches_and_may_be_said_twice(engine: Engine) -> None:
    live(engine)

    first = erase(engine, batch=1)
    again = erase(engine)

    assert first["attempts"] == 1
    assert again == {}
    assert [word for word in WORDS if word in dump(engine)] == []


def test_an_erasure_that_was_killed_is_finished_by_the_next(engine: Engine) -> None:
    live(engine)
    half = Erasure(engine, whose(), by="noa", now=NOON, hasher=HASHER, contact=CONTACT)
    assert in_transaction(engine, half.silence)

    erase(engine)

    assert [word for word in WORDS if word in dump(engine)] == []


def test_what_nobody_has_read_yet_starts_nothing(engine: Engine) -> None:
    post = in_force(engine, trigger())
    publish(engine, [incoming(left())])

    erase(engine)
    post.read()

    assert rows(engine, events) == rows(engine, occurrences) == []


def test_nobody_known_is_not_made_known(engine: Engine) -> None:
    with pytest.raises(NobodyKnown):
        erase(engine, "nobody")

    assert rows(engine, customers) == []


def test_whom_somebody_else_holds_all_the_time_is_told(postgres_database_url: str) -> None:
    engine = make_engine(postgres_database_url)
    live(engine)
    with engine.begin() as other:
        people.hold(other, ["c1"], most=1)
        with pytest.raises(HeldByOthers):
            erase(engine, looks=1)
    engine.dispose()


def test_the_command_shows_first_and_exports_everything(engine: Engine) -> None:
    live(engine)

    shown = said(command.app, "c1")
    assert "nothing is done yet" in shown.output
    assert PHONE in dump(engine)
    exported = [json.loads(line) for line in
                said(customers_command.app, "export", "c1").stdout.splitlines()]  # fmt: skip
    assert {one["table"] for one in exported} == set(count(engine))
    assert PHONE in str([one for one in exported if one["table"] == "customers"])

    assert "erased" in said(command.app, "c1", "--yes", "--by", "noa").output
    assert [word for word in WORDS if word in dump(engine)] == []
