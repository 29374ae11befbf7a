"""Does erasure reach what came from an address that others share, and what is read only later?"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy import event as hooks

from tests.worker.operators import in_force
from tests.worker.replying import inbox
from tests.worker.sending import EMAIL, HOUR, PHONE, dana, left, trigger
from tests.worker.small_world import HASHER, NOON, event, rows
from tests.worker.test_erase import dump, erase, live, whose
from worker.store.addresses import Address
from worker.store.engine import in_transaction, reading
from worker.store.erasure import held_of
from worker.store.suppressions import OptOut, suppress
from worker.store.tables import handoffs, inbound, receipts, refusals, suppressions

OTHER = "+972501234568"


class Killed(BaseException):
    """The process ends here."""


def test_the_words_of_a_refusal_go_and_the_refusal_stays(engine: Engine) -> None:
    live(engine)
    address = Address(HASHER.address("sms", PHONE), "sms")
    told = OptOut(address, "reply", NOON, wording="stop, golden-cart")
    in_transaction(engine, lambda c: suppress(c, [told]))

    erase(engine)

    assert [(one.source, one.wording) for one in rows(engine, refusals)] == [("reply", None)]
    assert [(one.source, one.wording) for one in rows(engine, suppressions)] == [("reply", None)]
    assert "golden-cart" not in dump(engine)


SAID = {"given": False, "time": "2026-11-01T09:00:00Z"}
AGREED = {"wording": "yes", "source": "shop", "time": "2026-11-02T09:00:00Z"}


@pytest.mark.parametrize(
    ("consent", "held"),
    [
        ({"marketing": False}, {("sms", "marketing"), ("email", "marketing")}),
        ({"marketing": {"sms": False}}, {("sms", "marketing")}),
        (False, {("sms", "*"), ("email", "*")}),
        ([{"category": "marketing", **SAID}, {"category": "marketing", **AGREED}], set()),
        ({"marketing": AGREED}, set()),
    ],
)
def test_what_his_profile_refused_holds_for_whoever_comes_back_there(
    engine: Engine, consent: Any, held: set[tuple[str, str]]
) -> None:
    post = in_force(engine, trigger())
    post.told(dana(consent=consent))

    erase(engine)

    found = rows(engine, suppressions)
    assert {(one.channel, one.category) for one in found} == held
    assert {one.source for one in found} <= {"profile"}
    assert {one.address_hash for one in found} == {
        HASHER.address(channel, PHONE if channel == "sms" else EMAIL) for channel, _ in held
    }


def test_what_came_from_his_number_and_is_nobody_s_goes_and_is_not_handed_out(
    engine: Engine,
) -> None:
    post = live(engine)
    post.store(inbound, provider="twilio", provider_ref="shared", channel="sms", state="read",
               address_hash=HASHER.address("sms", PHONE), raw={"From": PHONE, "Body": "zebra"},
               received_at=NOON)  # fmt: skip
    number = max(row.seq for row in rows(engine, inbound))
    post.store(handoffs, id="0d" * 16, customer_id="", queue="desk", why="w", text="zebra",
               state="done", due=NOON, created_at=NOON, updated_at=NOON,
               inbound=number)  # fmt: skip
    held = reading(engine, lambda c: str(list(held_of(c, whose()))))

    erase(engine)

    assert "zebra" not in held
    assert "zebra" not in dump(engine)


def test_whoever_is_killed_over_it_finds_again_what_others_share(engine: Engine) -> None:
    """By a number he was never written to, which only his history knows then."""
    room = inbox(engine, trigger())
    room.post.told(event("customer.updated", "moved", after=HOUR, phone=OTHER))
    room.post.told(event("customer.updated", "back", after=2 * HOUR, phone=PHONE))
    room.says("zebra", phone=OTHER)

    def kill(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "customer_id IS NULL" in statement:
            raise Killed

    hooks.listen(engine, "before_cursor_execute", kill)
    with pytest.raises(Killed):
        erase(engine)
    hooks.remove(engine, "before_cursor_execute", kill)
    erase(engine)

    assert "zebra" not in dump(engine)


def test_a_receipt_that_is_read_afterwards_leaves_nothing(engine: Engine) -> None:
    post = in_force(engine, trigger())
    post.told(dana(), left())
    [letter] = (one.letter for one in post.claim().letters)
    post.receipt(letter, "delivered", To=PHONE)

    erase(engine)
    post.receive()

    [receipt] = rows(engine, receipts)
    assert (receipt.state != "new", receipt.raw) == (True, {})


def test_a_reply_that_is_read_afterwards_is_obeyed_and_not_kept(engine: Engine) -> None:
    room = inbox(engine, trigger())
    room.writes("STOP")

    erase(engine)
    room.answer(NOON + 4 * HOUR)

    assert [row.raw for row in room.kept] == [{}]
    assert room.suppressed == [("reply", True)]
