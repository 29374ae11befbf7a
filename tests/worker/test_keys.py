"""Are keys kept as hashes, with the scopes given, and good for as long as they should be?"""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256

import pytest
from sqlalchemy import Engine

from worker.store.engine import in_transaction, reading
from worker.store.keys import (
    ALL_SCOPES,
    ENVIRONMENT,
    Key,
    KeyWrong,
    add_key,
    given_keys,
    hash_secret,
    read_keys,
    revoke_key,
    take_in,
)

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def kept(engine: Engine, *, only_good: bool = True) -> dict[str, Key]:
    found = reading(engine, lambda c: read_keys(c, only_good=only_good))
    return {key.hash: key for key in found}


@pytest.mark.parametrize(
    ("text", "secret", "scopes"),
    [
        ("s3cret", "s3cret", sorted(ALL_SCOPES)),
        ("s:read", "s", ["read"]),
        ("s:metrics", "s", ["metrics"]),
        ("s:events:billing", "s", ["events:billing"]),
        ("s:events:urn:x|customers:write", "s", ["customers:write", "events:urn:x"]),
        ("s:events:*|read|operate|read", "s", ["events:*", "operate", "read"]),
    ],
)
def test_the_environment_writes_secret_and_scopes(
    text: str, secret: str, scopes: list[str]
) -> None:
    assert given_keys([text]) == {sha256(secret.encode()).hexdigest(): tuple(scopes)}


@pytest.mark.parametrize("text", [":read", "s:", "s:write", "s:events:", "s:read|", "s:customers"])
def test_a_key_that_cannot_be_meant_is_refused_without_its_secret(text: str) -> None:
    with pytest.raises(KeyWrong, match=r"key 2") as refused:
        given_keys(["good", text.replace("s", "hidden", 1)])

    assert "hidden" not in str(refused.value)


def test_the_environments_keys_are_good_while_it_names_them(engine: Engine) -> None:
    def start(*texts: str) -> None:
        in_transaction(engine, lambda c: take_in(c, texts, now=NOW))

    start("one:read", "two")
    start("one:operate")
    assert {one.scopes for one in kept(engine).values()} == {("operate",)}
    assert kept(engine, only_good=False)[hash_secret("two")].revoked_at == NOW

    start("one", "two")
    assert kept(engine).keys() == {hash_secret("one"), hash_secret("two")}
    start()
    assert kept(engine) == {}


def test_a_made_key_is_shown_once_and_kept_as_a_hash(engine: Engine) -> None:
    secret = in_transaction(engine, lambda c: add_key(c, "shop", ["events:shop"], now=NOW))
    other = in_transaction(engine, lambda c: add_key(c, "shop", ["events:shop"], now=NOW))

    assert len(secret) > 40
    assert secret != other
    assert kept(engine)[hash_secret(secret)] == Key(
        hash_secret(secret), "shop", ("events:shop",), NOW
    )


def test_a_start_leaves_made_keys_alone(engine: Engine) -> None:
    in_transaction(engine, lambda c: add_key(c, "shop", ["read"], now=NOW))

    in_transaction(engine, lambda c: take_in(c, ["one"], now=NOW))

    assert sorted(key.name for key in kept(engine).values()) == [ENVIRONMENT, "shop"]


def test_a_revoked_key_is_good_no_more(engine: Engine) -> None:
    secret = in_transaction(engine, lambda c: add_key(c, "shop", ["read"], now=NOW))
    in_transaction(engine, lambda c: add_key(c, "till", ["read"], now=NOW))

    gone = in_transaction(engine, lambda c: revoke_key(c, hash_secret(secret)[:12], now=NOW))

    assert gone.name == "shop"
    assert [key.name for key in kept(engine).values()] == ["till"]


@pytest.mark.parametrize("prefix", ["", "abc", "abcdef0123"])
def test_what_does_not_name_one_good_key_revokes_nothing(engine: Engine, prefix: str) -> None:
    in_transaction(engine, lambda c: add_key(c, "shop", ["read"], now=NOW))

    with pytest.raises(KeyWrong, match="exactly one"):
        in_transaction(engine, lambda c: revoke_key(c, prefix, now=NOW))

    assert len(kept(engine)) == 1


def test_a_key_of_the_environment_is_taken_out_there(engine: Engine) -> None:
    in_transaction(engine, lambda c: take_in(c, ["one"], now=NOW))

    with pytest.raises(KeyWrong, match=ENVIRONMENT):
        in_transaction(engine, lambda c: revoke_key(c, hash_secret("one"), now=NOW))


@pytest.mark.parametrize(("name", "scopes"), [("", ["read"]), (ENVIRONMENT, ["read"]), ("x", [])])
def test_a_key_needs_a_name_of_its_own_and_a_scope(
    engine: Engine, name: str, scopes: list[str]
) -> None:
    with pytest.raises(KeyWrong):
        in_transaction(engine, lambda c: add_key(c, name, scopes, now=NOW))

    assert kept(engine) == {}
