"""What came in that is no event: a provider's receipt, a word at the preference page?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from triggers.standing import EVERYTHING
from worker.lifecycle import ReceiptState
from worker.store.bulk import Insertion
from worker.store.standing import hold
from worker.store.tables import receipts, suppressions

_RECEIPT = Insertion(receipts, conflict="(provider, message_id, attempt, status) DO NOTHING")
# what was lifted is said again; what stands keeps its first moment and source
_SUPPRESSION = Insertion(
    suppressions,
    conflict="(address_hash, channel, category) DO UPDATE SET at = excluded.at,"
    " source = excluded.source, wording = excluded.wording, lifted_at = NULL, lifted_by = NULL"
    " WHERE suppressions.lifted_at IS NOT NULL",
)


def keep_receipt(
    connection: Connection,
    provider: str,
    raw: Mapping[str, Any],
    *,
    about: tuple[str, int],
    status: str,
    now: datetime,
) -> None:
    """Keep a provider's word about (message id, attempt) as it came; the same word once."""
    message_id, attempt = about
    row = {"provider": provider, "message_id": message_id, "attempt": attempt, "status": status,
           "raw": raw, "received_at": now, "state": ReceiptState.NEW}  # fmt: skip
    _RECEIPT.run(connection, [row])


def suppress(
    connection: Connection, address_hash: str, channel: str, *, source: str, now: datetime
) -> None:
    """From this commit on, nothing of any category goes to this address on this channel.

    It waits for a claim that has the address: none commits after the refusal is stored.
    """
    hold(connection, [address_hash])
    row = {"address_hash": address_hash, "channel": channel, "category": EVERYTHING,
           "source": source, "at": now}  # fmt: skip
    _SUPPRESSION.run(connection, [row])
