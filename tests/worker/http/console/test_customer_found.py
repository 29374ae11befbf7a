"""Is a customer found by whatever is known of him, and what is left to see of who was erased?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import Connection

from tests.worker.http.console.conftest import Visit
from tests.worker.http.console.lives import DANA, EMAIL, PHONE, lived
from tests.worker.http.console.reading import HOME, look, one, told
from tests.worker.http.console.visiting import Visitor
from tests.worker.http.console.world import EVIL, attempt_row, event_row, message_row, store
from tests.worker.http.house import House
from tests.worker.operators import on_record
from worker.store.engine import in_transaction
from worker.store.tables import attempts, customers, events, messages


@pytest.fixture
def now(house: House) -> datetime:
    return lived(house)


@pytest.fixture
def viewer(now: datetime, visit: Visit) -> Visitor:
    return visit("viewer")


@pytest.mark.parametrize("who", [DANA, PHONE, "050-123-4567", EMAIL, EMAIL.upper(), "dana-old"])
def test_a_customer_is_found_by_id_phone_or_email(viewer: Visitor, who: str) -> None:
    answer = viewer.post(HOME, who=who)

    assert answer.status_code == 303
    assert answer.headers["location"] == f"{HOME}?id={DANA}"


@pytest.mark.parametrize("who", ["nobody", "+972509999999", "x@mail.example", EVIL * 2, "a\x00b"])
def test_whoever_is_not_known_is_not_found(viewer: Visitor, who: str) -> None:
    assert viewer.post(HOME, who=who).status_code == 404
    assert viewer.get(f"{HOME}?{urlencode({'id': who})}").status_code == 404


def test_of_several_who_share_a_number_the_ids_alone_are_listed(
    viewer: Visitor, house: House, now: datetime
) -> None:
    row = {"profile": {"phone": PHONE, "name": "Avi"}, "phone": PHONE, "field_orders": {}}
    in_transaction(house.engine, lambda c: store(c, customers, id="avi", updated_at=now, **row))
    his = event_row(800, now, customer_id="had-it")
    hashed = house.hasher.address("sms", PHONE)
    written = attempt_row(800, now, customer_id="had-it", address_hash=hashed)
    in_transaction(house.engine, lambda c: store(c, events, **his))
    in_transaction(house.engine, lambda c: store(c, attempts, **written))

    shown = viewer.post(HOME, who=PHONE).text

    assert re.findall(r"\?id=([\w-]+)\"", shown) == ["avi", DANA, "had-it"]
    assert shown.count("has another one now") == 1
    assert "Avi" not in shown
    assert "Dana Levi" not in shown


def test_a_merged_id_leads_to_whoever_is_left(viewer: Visitor) -> None:
    page = look(viewer, "dana-old")

    assert "the whole story is here" in page
    assert len(told(page)) > 15


def test_what_was_erased_is_shown_as_erased(
    viewer: Visitor, visit: Visit, house: House, now: datetime
) -> None:
    his: Mapping[str, Any] = {"customer_id": "short"}

    def write(connection: Connection) -> None:
        store(connection, events, **event_row(810, now, **his))
        store(connection, messages, **message_row(810, now, **his, key="p9"))
        store(connection, attempts, **attempt_row(810, now, **his, text="Secret words"))

    in_transaction(house.engine, write)
    assert "Secret words" in look(viewer, "short")

    visit("admin").post(f"{HOME}/erase", f"{HOME}?id=short", id="short", sure="1")

    page = look(viewer, "short")
    assert "Secret words" not in page
    assert "Names, addresses, texts and contents are gone for good" in page
    assert "erased, or kept no longer" in one(page, "message plan_ending")
    assert one(page, "the customer was erased")


def test_an_admin_sees_what_would_be_erased_before_it_is(
    visit: Visit, house: House, now: datetime
) -> None:
    admin = visit("admin")

    seen = admin.post(f"{HOME}/erase", f"{HOME}?id={DANA}", id=DANA)
    assert "All that names" in seen.text
    assert "profile" in seen.text
    assert PHONE in look(admin)
    done = admin.post(f"{HOME}/erase", f"{HOME}?id={DANA}", id=DANA, sure="1")

    assert done.headers["location"] == f"{HOME}?id={DANA}"
    page = look(admin)
    assert PHONE not in page
    assert "Forget this customer" not in page
    assert [(by, what) for by, what, _ in on_record(house.engine)][-1:] == [("admin", "erase")]
    assert admin.post(f"{HOME}/erase", HOME, id="nobody").status_code == 404


def test_only_an_admin_is_offered_to_erase_and_only_an_admin_may(
    visit: Visit, house: House, now: datetime
) -> None:
    for role in ("viewer", "operator"):
        visitor = visit(role)
        assert "Forget this customer" not in look(visitor)
        sent = visitor.post(f"{HOME}/erase", "/console/account", id=DANA, sure="1")
        assert sent.status_code == 403
    assert PHONE in look(visit("viewer"))
