"""Does the key that hashes what outlives everybody stay what it was at the first use?"""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, select

from worker.store.engine import in_transaction, reading
from worker.store.house_key import OtherKey, hashing_key, kept_key
from worker.store.tables import house


def key_of(engine: Engine, given: str | None) -> str:
    return in_transaction(engine, lambda connection: hashing_key(connection, given))


def test_without_one_the_database_makes_its_own_and_keeps_it(engine: Engine) -> None:
    made = key_of(engine, None)
    assert len(made) >= 32
    assert key_of(engine, None) == made


def test_one_that_was_given_is_used_and_not_kept(engine: Engine) -> None:
    assert key_of(engine, "given-by-the-operator") == "given-by-the-operator"
    kept = reading(engine, lambda connection: connection.execute(select(house)).all())
    assert "given-by-the-operator" not in str(kept)


@pytest.mark.parametrize(("first", "then"), [("a-key", "another"), ("a-key", None), (None, "b")])
def test_another_than_the_first_is_refused(
    engine: Engine, first: str | None, then: str | None
) -> None:
    used = key_of(engine, first)
    with pytest.raises(OtherKey):
        key_of(engine, then)
    with pytest.raises(OtherKey):
        reading(engine, lambda connection: kept_key(connection, then))
    assert key_of(engine, first) == used


def test_the_one_it_made_may_be_given_back_to_it(engine: Engine) -> None:
    made = key_of(engine, None)
    assert key_of(engine, made) == made


@pytest.mark.parametrize("given", ["a-key", None])
def test_it_is_read_without_being_made(engine: Engine, given: str | None) -> None:
    assert reading(engine, lambda connection: kept_key(connection, given)) == given
    used = key_of(engine, given)
    assert reading(engine, lambda connection: kept_key(connection, given)) == used
