"""Does erasure take what is his in whatever writing, and leave what is another's?"""

from __future__ import annotations

import json

import orjson
import pytest
from sqlalchemy import Engine

from tests.worker.operators import in_force
from tests.worker.replying import inbox
from tests.worker.sending import PHONE, dana, trigger
from tests.worker.small_world import HASHER, NOON, rows
from tests.worker.test_erase import erase
from worker.store.addresses import Address
from worker.store.engine import in_transaction
from worker.store.suppressions import OptOut, suppress
from worker.store.tables import inbound, refusals, refused_events

HEBREW = "לקוח-1"


@pytest.mark.parametrize("raw", [json.dumps([HEBREW]), orjson.dumps([HEBREW]).decode()])
def test_what_was_refused_goes_in_whichever_way_json_writes_his_name(
    engine: Engine, raw: str
) -> None:
    post = in_force(engine, trigger())
    post.told(dana(HEBREW))
    post.store(refused_events, door="file", received_at=NOON, raw=raw, raw_hash="0" * 32,
               reasons=[], state="refused")  # fmt: skip

    erase(engine, HEBREW)

    assert rows(engine, refused_events) == []


def test_what_another_wrote_from_a_number_they_share_stays(engine: Engine) -> None:
    post = inbox(engine, trigger()).post
    post.store(inbound, provider="twilio", provider_ref="r", channel="sms", state="read",
               address_hash=HASHER.address("sms", PHONE), raw={"Body": "zebra"},
               received_at=NOON, customer_id="c2")  # fmt: skip

    erase(engine)

    assert [one.raw for one in rows(engine, inbound)] == [{"Body": "zebra"}]


def test_the_wording_of_our_own_page_is_nobodys_and_stays_as_proof(engine: Engine) -> None:
    in_force(engine, trigger()).told(dana())
    address = Address(HASHER.address("sms", PHONE), "sms")
    told = OptOut(address, "preference page", NOON, "marketing", "Offers by SMS")
    in_transaction(engine, lambda c: suppress(c, [told]))

    erase(engine)

    assert [one.wording for one in rows(engine, refusals)] == ["Offers by SMS"]
