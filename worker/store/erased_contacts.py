"""What stays of the contacts of somebody who is erased: that there was one, and when.

Without it, whoever was written to and then asked to be forgotten would count as one who never
called. It is kept as long as the decisions are that it is held against.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, bindparam, text

_KEEP = text(
    "INSERT INTO erased_contacts (customer_id, type, time)"
    " SELECT customer_id, type, time FROM events WHERE customer_id IN :ids"
    " AND type = :type AND state <> 'withdrawn' ORDER BY seq"
).bindparams(bindparam("ids", expanding=True))


def keep_contacts(connection: Connection, ids: Collection[str], type_: str) -> None:
    """To be called in the transaction that forgets their events."""
    connection.execute(_KEEP, {"ids": list(ids), "type": type_})
