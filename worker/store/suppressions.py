"""Who is not to be written to any more? Whoever says so, it is written down here and only here.

`suppressions` is what holds now, and outlives erasure; `refusals` is every word of it, in order.
"""
# ruff: noqa: S608 - names of sources are written here

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection

from triggers.answering import Objection
from triggers.standing import EVERYTHING
from worker.store.addresses import Address, wait_for
from worker.store.bulk import Insertion, Update, Values
from worker.store.tables import refusals, suppressions

PAGE = "preference page"
ONE_CLICK = "one click"
AT_THE_PROVIDER = "provider 21610"

OWN_WORDS = (Objection.REPLY.value, PAGE, ONE_CLICK, AT_THE_PROVIDER)
"""Sources by which the holder of an address speaks for himself: he alone may take it back."""

DOUBTED = (Objection.UNCLEAR.value,)
"""Sources of what a person has yet to read."""


class Said(StrEnum):
    """The words of the log."""

    REFUSED = "refused"
    LIFTED = "lifted"


def _weight(source: str) -> str:
    """Doubts weigh less than the holder's own words, and those less than what others know of it."""
    doubted, own = (", ".join(f"'{one}'" for one in some) for some in (DOUBTED, OWN_WORDS))
    return f"CASE WHEN {source} IN ({doubted}) THEN 0 WHEN {source} IN ({own}) THEN 1 ELSE 2 END"


# A new refusal undoes the consent that lifted an earlier one; one that stands keeps its moment,
# unless the new one weighs more: what lifts a doubt must not lift the STOP that came after it.
_SUPPRESS = Insertion(
    suppressions,
    conflict="(address_hash, channel, category) DO UPDATE SET source = excluded.source,"
    " wording = excluded.wording, at = excluded.at, lifted_at = NULL, lifted_by = NULL"
    " WHERE suppressions.lifted_at IS NOT NULL"
    f" OR {_weight('excluded.source')} > {_weight('suppressions.source')}",
    returning=("address_hash", "channel", "category"),
)
_LIFTABLE = ", ".join(f"'{one}'" for one in (*DOUBTED, *OWN_WORDS))
_LIFT = Update(
    suppressions,
    by=("address_hash", "channel", "category"),
    columns=("lifted_at", "lifted_by"),
    only=f"suppressions.lifted_at IS NULL AND suppressions.source IN ({_LIFTABLE})"
    " AND suppressions.at <= given.lifted_at",
    returning=("address_hash",),
)
_LOG = Insertion(refusals)


@dataclass(frozen=True, slots=True)
class OptOut:
    """`proof` says where the word itself can be found; `wording` is the word, where there is one."""

    address: Address
    source: str
    at: datetime
    wording: str | None = None
    proof: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    category: str = EVERYTHING

    @property
    def place(self) -> tuple[str, str, str]:
        return self.address.hash, self.address.channel, self.category


def suppress(connection: Connection, told: Iterable[OptOut]) -> list[OptOut]:
    """From this commit on, nothing of these categories goes to these addresses; those that are new.

    It waits for a claim that has one of them: none commits after the refusal is stored.
    """
    found = {one.place: one for one in reversed(list(told))}
    wait_for(connection, (one.address.hash for one in found.values()))
    changed = {tuple(row) for row in _SUPPRESS.run(connection, map(_row, found.values()))}
    _log(connection, Said.REFUSED, [o for o in found.values() if o.place in changed or o.wording])
    return [one for one in found.values() if one.place in changed]


def lift(connection: Connection, said: OptOut) -> bool:
    """Take back what its holder refused before, by his own later word; whether there was any.

    Never what a bounce, a complaint or somebody else has told of the address.
    """
    wait_for(connection, [said.address.hash])
    row = {**_place(said), "lifted_at": said.at, "lifted_by": said.source}
    lifted = bool(_LIFT.run(connection, [row]))
    if lifted:
        _log(connection, Said.LIFTED, [said])
    return lifted


def _log(connection: Connection, said: Said, words: Sequence[OptOut]) -> None:
    rows = [{**_row(one), "said": said, "proof": dict(one.proof)} for one in words]
    _LOG.run(connection, rows)


def _row(one: OptOut) -> Values:
    return {**_place(one), "source": one.source, "wording": one.wording, "at": one.at}


def _place(one: OptOut) -> dict[str, Any]:
    names = ("address_hash", "channel", "category")
    return dict(zip(names, one.place, strict=True))
