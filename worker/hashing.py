"""Under which name do we remember what must outlive the person it is about?"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

import orjson

from triggers.facts import TriggerKey

DIGITS = 32
LAST = 1024
"""So many hashes are kept: a claim of two hundred letters asks more than once for five of each."""


class Hasher:
    """Keyed hashes of 32 hexadecimal digits: without the key they tell nobody whom they mean."""

    def __init__(self, key: str | bytes) -> None:
        secret = key.encode() if isinstance(key, str) else key
        if not secret:
            raise ValueError("hashing needs a key")
        # any length of secret becomes one of blake2b's
        self._key = blake2b(secret, digest_size=32, person=b"outreach").digest()
        # one message asks for the same few names again and again
        self._hash = lru_cache(LAST)(self._hashed)

    def key(self, key: TriggerKey) -> str:
        return self._hash("key", *key)

    def epoch(self, key: TriggerKey, epoch: str) -> str:
        return self._hash("epoch", *key, epoch)

    def customer(self, customer: str) -> str:
        """By which a line of the log names whom it is about."""
        return self._hash("customer", customer)

    def address(self, channel: str, address: str) -> str:
        return self._hash("address", channel, address)

    def _hashed(self, *parts: str) -> str:
        # as a JSON list, so that no two lists of parts are written alike
        return blake2b(orjson.dumps(parts), digest_size=DIGITS // 2, key=self._key).hexdigest()
