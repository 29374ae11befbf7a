"""Is every opt-out told to our own triggers and kept with its source, wherever it came from?"""

from __future__ import annotations

from sqlalchemy import Engine

from tests.worker.replying import address, inbox
from tests.worker.sending import trigger
from tests.worker.small_world import NOON
from worker.steps.refusing import refuse
from worker.store.engine import in_transaction
from worker.store.suppressions import OptOut

BY_SMS = "[{message: hello, by: [sms]}]"


def test_what_the_provider_tells_of_an_opt_out_is_kept_and_told_once(engine: Engine) -> None:
    room = inbox(engine, trigger(send=BY_SMS))
    [letter] = room.post.sms.calls

    for word in ("undelivered", "failed"):
        room.post.receipt(letter, word, ErrorCode="21610")
        room.post.receive()

    assert room.suppressed == [("provider 21610", True)]
    assert [(one.said, one.source) for one in room.log] == [("refused", "provider 21610")]
    [told] = room.told
    assert (told.type, told.data["source"]) == ("outreach.opted_out", "provider 21610")
    assert (told.customer_id, told.data["cause"]["cart"]) == ("c1", "k")


def test_whoever_has_the_address_hears_of_it_without_a_message_too(engine: Engine) -> None:
    room = inbox(engine)
    out = OptOut(address(), "preference page", NOON)
    holders = {address(): ["c1", "c9"]}

    for _ in range(2):
        in_transaction(
            engine, lambda c: refuse(c, [out], room.post.hearing, now=NOON, holders=holders)
        )

    assert sorted(one.customer_id for one in room.told) == ["c1", "c9"]
    assert [one.data.get("trigger") for one in sorted(room.told, key=lambda o: o.customer_id)] == [
        "hi",
        None,
    ]
