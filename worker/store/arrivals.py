"""What came in that is no event: a provider's receipt?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from worker.lifecycle import ReceiptState
from worker.store.bulk import Insertion
from worker.store.tables import receipts

_RECEIPT = Insertion(receipts, conflict="(provider, message_id, attempt, status) DO NOTHING")


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
