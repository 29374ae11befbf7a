"""Whose preference page is this link's: a signed token that names an address, but shows none?"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

CHANNELS = ("sms", "email")
"""Their order is part of every token that was ever sent: append only."""
_PURPOSE = b"outreach/preferences/1:"
_HASH_BYTES = 16
_MAC_BYTES = 12


@dataclass(frozen=True, slots=True)
class AddressToken:
    """An address by its keyed hash (32 hexadecimal digits), and the channel it is used on."""

    address_hash: str
    channel: str


def sign_address(keys: Sequence[str], token: AddressToken) -> str:
    """39 characters for a URL, signed with the first key."""
    head = bytes([CHANNELS.index(token.channel)]) + bytes.fromhex(token.address_hash)
    return urlsafe_b64encode(head + _mac(keys[0], head)).decode().rstrip("=")


def read_address(keys: Sequence[str], text: str) -> AddressToken | None:
    """What the token says; None unless one of the keys signed it. It lives as long as its key."""
    try:
        raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError:
        return None
    head, mac = raw[: 1 + _HASH_BYTES], raw[1 + _HASH_BYTES :]
    if len(raw) != 1 + _HASH_BYTES + _MAC_BYTES or head[0] >= len(CHANNELS):
        return None
    # every key is tried, so that the time taken says nothing
    genuine = [hmac.compare_digest(_mac(key, head), mac) for key in keys]
    return AddressToken(head[1:].hex(), CHANNELS[head[0]]) if any(genuine) else None


def _mac(key: str, head: bytes) -> bytes:
    return hmac.digest(key.encode(), _PURPOSE + head, sha256)[:_MAC_BYTES]
