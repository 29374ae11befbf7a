"""Whose preference page is this link's, and whose bounce is this? Signed names that show none."""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

CHANNELS = ("sms", "email")
"""Their order is part of every token that was ever sent: append only."""
_PURPOSE = b"outreach/preferences/1:"
_HASH_BYTES = 16
_MAC_BYTES = 12
_BOUNCES = b"outreach/bounces/1:"
_LINKS = b"outreach/links/1:"
_LINK_BYTES = 9
_LINK = re.compile(r"[A-Za-z0-9_-]{12}")
_BOUNCE_MAC = 16
# some servers write addresses in capitals
_BOUNCE = re.compile(rb"bounce\+([0-9a-f]{32})\.([0-9a-f]{%d})@" % _BOUNCE_MAC, re.IGNORECASE)
_LONGEST_SEARCH = 1024 * 1024


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


def sign_bounce(keys: Sequence[str], message_id: str) -> str:
    """The local part of the address that failures of this message's mail are sent to (VERP)."""
    return f"bounce+{message_id}.{_bounce_mac(keys[0], message_id)}"


def bounced_message(keys: Sequence[str], report: bytes) -> str | None:
    """The message whose own return address stands in a mail's first bytes; None where none does."""
    for found in _BOUNCE.finditer(report, 0, _LONGEST_SEARCH):
        message_id, mac = (part.decode().lower() for part in found.groups())
        genuine = [hmac.compare_digest(_bounce_mac(key, message_id), mac) for key in keys]
        if any(genuine):
            return message_id
    return None


def _bounce_mac(key: str, message_id: str) -> str:
    return hmac.new(key.encode(), _BOUNCES + message_id.encode(), sha256).hexdigest()[:_BOUNCE_MAC]


def sign_link(key: str, message_id: str, name: str) -> str:
    """12 characters for a URL, the same whenever the same message is written again.

    72 bits that nobody can guess. What a link leads to stands in its row, never in its token, and
    a row is found by the token as it left: so a key may be changed while links are on their way.
    """
    mac = hmac.digest(key.encode(), _LINKS + f"{message_id}:{name}".encode(), sha256)
    return urlsafe_b64encode(mac[:_LINK_BYTES]).decode()


def is_link(text: str) -> bool:
    """Whether it has the form of a link's token: others need not be looked for."""
    return _LINK.fullmatch(text) is not None
