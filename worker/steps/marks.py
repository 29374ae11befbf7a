"""What has a provider told us of an address, whatever became of the message that went there?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from worker.steps.announcing import Hearing
from worker.steps.refusing import refuse
from worker.store.addresses import Address
from worker.store.standing import mark_bad
from worker.store.suppressions import OptOut


class Mark(NamedTuple):
    """`bad`: nobody can be reached there. `opted_out`: its holder has said stop."""

    address: Address
    code: str | None
    bad: bool
    opted_out: bool


def remember(
    connection: Connection, marks: Iterable[Mark], hearing: Hearing, *, now: datetime
) -> bool:
    """To be called before any message is locked: an opt-out waits for a claim of its address.

    Whether a trigger has something to read.
    """
    found = list(marks)
    if not found:
        return False
    out = [OptOut(one.address, f"provider {one.code}", now) for one in found if one.opted_out]
    bad = {
        one.address: {"address_hash": one.address.hash, "channel": one.address.channel,
                      "reason": one.code, "at": now}
        for one in found
        if one.bad
    }  # fmt: skip
    heard = refuse(connection, out, hearing, now=now)
    mark_bad(connection, bad.values())
    return heard
