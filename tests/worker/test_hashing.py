"""Does each thing that outlives its person have a hash that only the key gives?"""

from __future__ import annotations

import pytest

from worker.hashing import Hasher
from worker.store.bulk import Reading
from worker.store.tables import house

READ = Reading(house, by=("name",))


def test_each_thing_has_its_own_hash_that_only_the_key_gives() -> None:
    mine = [hash_(Hasher("one key")) for hash_ in HASHES]
    yours = [hash_(Hasher("another")) for hash_ in HASHES]

    assert mine == [hash_(Hasher(b"one key")) for hash_ in HASHES]
    assert len({*mine, *yours}) == 2 * len(HASHES)
    assert all(len(one) == 32 and set(one) <= set("0123456789abcdef") for one in mine)


def test_hashing_without_a_key_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a key"):
        Hasher("")
