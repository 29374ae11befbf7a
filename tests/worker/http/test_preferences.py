"""Does one click stop everything, by POST only, and for whom the link was signed only?"""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event as hooks

from tests.worker.http.conftest import Open
from tests.worker.http.house import NOW, House, build
from worker.store.addresses import try_to_hold
from worker.store.engine import in_transaction, make_engine
from worker.store.tables import suppressions
from worker.tokens import AddressToken, read_address, sign_address

KEYS = ("new-signing-key", "old-signing-key")
HASH = "0123456789abcdef" * 2
ADDRESS = AddressToken(HASH, "sms")


@pytest.fixture
def link(house: House, open_doors: Open) -> httpx.Client:
    """Somebody with a link and no key."""
    return open_doors(house, key=None)


def test_the_page_speaks_the_language_asked_for_and_never_acts(
    link: httpx.Client, house: House
) -> None:
    answer = link.get(f"/u/{sign_address(KEYS, ADDRESS)}?language=he")

    assert answer.status_code == 200
    assert answer.text.count("<button") == 2
    assert 'method="post"' in answer.text
    assert '<html lang="he" dir="rtl">' in answer.text
    assert "script" not in answer.text
    assert HASH not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert house.rows(suppressions) == []


@pytest.mark.parametrize("body", [b"", b"List-Unsubscribe=One-Click", b"\xff\x00", b"x" * 10_000])
def test_a_post_stops_everything_on_that_channel(
    link: httpx.Client, house: House, body: bytes
) -> None:
    answer = link.post(
        f"/u/{sign_address(KEYS, ADDRESS)}?language=he",
        content=body,
        headers={"content-type": "application/x-www-form-urlencoded"},
    )

    assert answer.status_code == 200
    assert "הוסרת" in answer.text
    [row] = house.rows(suppressions)
    assert (row.address_hash, row.channel, row.category) == (HASH, "sms", "*")
    assert (row.source, row.lifted_at) == ("preference page", None)


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"])
def test_no_other_word_than_post_acts(link: httpx.Client, house: House, method: str) -> None:
    path = f"/u/{sign_address(KEYS, ADDRESS)}"

    answer = link.request(method, path, content=b"List-Unsubscribe=One-Click")

    assert answer.status_code == 405
    assert house.rows(suppressions) == []


def test_clicking_again_changes_nothing(link: httpx.Client, house: House) -> None:
    path = f"/u/{sign_address(KEYS, ADDRESS)}"
    link.post(path)
    before = house.rows(suppressions)

    assert link.post(path).status_code == 200
    assert house.rows(suppressions) == before


def test_no_claim_commits_after_a_click_because_the_click_waits_for_it(
    postgres_database_url: str, open_doors: Open
) -> None:
    engine = make_engine(postgres_database_url)
    hooks.listen(engine, "connect", lambda raw, _record: impatient(raw))
    house = build(engine)
    link = open_doors(house, key=None)
    path = f"/u/{sign_address(KEYS, ADDRESS)}"

    with engine.begin() as claim:
        assert try_to_hold(claim, [HASH])
        meanwhile = link.post(path).status_code, house.rows(suppressions)
    after = link.post(path).status_code, len(house.rows(suppressions))

    assert meanwhile == (503, [])
    assert after == (200, 1)
    engine.dispose()


def impatient(connection: Any) -> None:
    """Nobody waits for a lock longer than this, so that a test sees that it waits."""
    connection.execute("SET lock_timeout = '20ms'")
    connection.commit()


def test_a_refusal_that_was_lifted_stands_again(link: httpx.Client, house: House) -> None:
    path = f"/u/{sign_address(KEYS, ADDRESS)}"
    link.post(path)
    lift = suppressions.update().values(lifted_at=NOW, lifted_by="opt-in")
    in_transaction(house.engine, lambda c: c.execute(lift))

    link.post(path)

    [row] = house.rows(suppressions)
    assert (row.lifted_at, row.lifted_by) == (None, None)


def test_a_link_signed_with_the_key_before_still_works(link: httpx.Client, house: House) -> None:
    old = sign_address(KEYS[1:], AddressToken(HASH, "email"))

    assert link.post(f"/u/{old}").status_code == 200
    assert [row.channel for row in house.rows(suppressions)] == ["email"]


GOOD = sign_address(KEYS, ADDRESS)


@pytest.mark.parametrize(
    "token",
    ["x", "%00", "א", GOOD[:-1], GOOD + "A", GOOD[:5] + ("A" if GOOD[5] != "A" else "B") + GOOD[6:],
     sign_address(["another-key"], ADDRESS), "A" * 5_000],
)  # fmt: skip
def test_a_forged_link_does_nothing(link: httpx.Client, house: House, token: str) -> None:
    assert link.get(f"/u/{token}").status_code == 404
    assert link.post(f"/u/{token}").status_code == 404
    assert house.rows(suppressions) == []


@given(st.binary(min_size=16, max_size=16), st.sampled_from(["sms", "email"]), st.text(min_size=1))
def test_a_token_names_what_it_was_signed_for(raw: bytes, channel: str, key: str) -> None:
    named = AddressToken(raw.hex(), channel)

    token = sign_address([key], named)

    assert read_address(["other", key], token) == named
    assert read_address([key + "x"], token) is None
    assert len(token) == 39


@given(st.text() | st.text("abcdefABCDEF0123456789-_=", max_size=60))
def test_whatever_is_no_token_names_nobody(text: str) -> None:
    assert read_address(KEYS, text) is None
