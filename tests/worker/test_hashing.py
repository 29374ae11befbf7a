"""Does each thing that outlives its person have a hash that only the key gives?"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from triggers.facts import TriggerKey
from worker.hashing import Hasher

KEY = TriggerKey("cart", "c1", "k")
HASHES: list[Callable[[Hasher], str]] = [
    lambda hasher: hasher.key(KEY),
    lambda hasher: hasher.epoch(KEY, "once"),
    lambda hasher: hasher.epoch(KEY, ""),
    lambda hasher: hasher.key(TriggerKey("cart", "c1k", "")),
    lambda hasher: hasher.address("sms", "+972501234567"),
    lambda hasher: hasher.address("email", "+972501234567"),
]


def test_each_thing_has_its_own_hash_that_only_the_key_gives() -> None:
    mine = [hash_(Hasher("one key")) for hash_ in HASHES]
    yours = [hash_(Hasher("another")) for hash_ in HASHES]

    assert mine == [hash_(Hasher(b"one key")) for hash_ in HASHES]
    assert len({*mine, *yours}) == 2 * len(HASHES)
    assert all(len(one) == 32 and set(one) <= set("0123456789abcdef") for one in mine)


def test_hashing_without_a_key_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a key"):
        Hasher("")
