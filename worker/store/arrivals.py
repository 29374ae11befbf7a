"""What came in that is no event: a provider's receipt, or what somebody wrote to us?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from worker.lifecycle import InboundState, ReceiptState
from worker.store.addresses import Address, wait_for
from worker.store.bulk import Insertion
from worker.store.tables import handoffs, inbound, messages, receipts

_RECEIPT = Insertion(receipts, conflict="(provider, message_id, attempt, status) DO NOTHING")
_INBOUND = Insertion(inbound, conflict="(provider, provider_ref) DO NOTHING")


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


def keep_inbound(
    connection: Connection,
    provider: str,
    raw: Mapping[str, Any],
    *,
    ref: str,
    sender: Address,
    now: datetime,
) -> None:
    """Keep what somebody wrote as it came, once for the provider's name of it.

    It waits for a claim that has the address: after this commit none goes there until it is read.
    """
    wait_for(connection, [sender.hash])
    row = {"provider": provider, "provider_ref": ref, "channel": sender.channel,
           "address_hash": sender.hash, "raw": raw, "received_at": now,
           "state": InboundState.NEW}  # fmt: skip
    _INBOUND.run(connection, [row])


def find_inbound(connection: Connection, provider: str, ref: str) -> Row[Any] | None:
    """What became of a text: state, meaning, customer_id, message, and the queue of its call."""
    of = inbound.c
    query = (
        select(of.state, of.meaning, of.customer_id, messages.c.message, handoffs.c.queue)
        .outerjoin(messages, messages.c.id == of.message_id)
        .outerjoin(handoffs, handoffs.c.inbound == of.seq)
        .where(of.provider == provider, of.provider_ref == ref)
    )
    found: Row[Any] | None = connection.execute(query).first()  # type: ignore[assignment]
    return found
