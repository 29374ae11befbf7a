"""Did a system that we share a secret with sign this call as Standard Webhooks has it, just now?"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from worker.channels.webhook import signing_key

BELIEVED_FOR = timedelta(minutes=5)
"""Either way: the other's clock may be ahead of ours."""
LONGEST_ID = 256
MOST_SIGNATURES = 20
_SECONDS = re.compile(r"\d{1,12}", re.ASCII)


def is_signed(headers: Mapping[str, str]) -> bool:
    """Whether it claims to be signed."""
    return "webhook-signature" in headers


def signer(
    secrets: Mapping[str, Sequence[str]], body: bytes, headers: Mapping[str, str], *, now: datetime
) -> str | None:
    """The name whose secret signed it; None where none did, or it is older than five minutes."""
    id_, moment = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not 0 < len(id_) <= LONGEST_ID or not _SECONDS.fullmatch(moment):
        return None
    if abs(now.timestamp() - int(moment)) > BELIEVED_FOR.total_seconds():
        return None
    content = f"{id_}.{moment}.".encode("utf-8", "surrogateescape") + body
    given = headers.get("webhook-signature", "").split(maxsplit=MOST_SIGNATURES)[:MOST_SIGNATURES]
    found = None
    # no early end: the time taken says nothing about whose secret came close
    for name, ones in secrets.items():
        same = [_same(one, content, given) for one in ones]
        if any(same):
            found = name
    return found


def _same(secret: str, content: bytes, given: Sequence[str]) -> bool:
    made = base64.b64encode(hmac.digest(signing_key(secret), content, hashlib.sha256)).decode()
    same = [hmac.compare_digest(f"v1,{made}".encode(), one.encode()) for one in given]
    return any(same)
