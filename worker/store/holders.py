"""Whose address is this now, among those to whom we wrote there?"""

from __future__ import annotations

from sqlalchemy import Connection, select

from worker.store.addresses import Address
from worker.store.customers import Held
from worker.store.tables import attempts, customers

MOST = 2
"""Whether it is one or several is all that anybody asks."""
_COLUMNS = {"sms": customers.c.phone, "email": customers.c.email}


def read_holders(connection: Connection, address: Address) -> list[Held]:
    """Those whose profile has the address at this moment, the first two."""
    written = select(attempts.c.address).where(
        attempts.c.address_hash == address.hash,
        attempts.c.channel == address.channel,
        attempts.c.address.is_not(None),
    )
    query = (
        select(customers.c.id, customers.c.profile, customers.c.field_orders)
        .where(
            _COLUMNS[address.channel].in_(written),
            customers.c.merged_into.is_(None),
            customers.c.erased_at.is_(None),
        )
        .order_by(customers.c.id)
        .limit(MOST)
    )
    return [Held(row.id, row.profile, row.field_orders) for row in connection.execute(query)]
