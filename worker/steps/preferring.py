"""What becomes of a customer's wishes, and what of them is his profile's and what the address's?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from triggers.consents import consents_of
from triggers.definitions import Policy
from triggers.preferences import (
    SOURCE,
    Deeds,
    Wishes,
    agreed,
    agrees,
    as_proof,
    deeds_of,
    offered,
    own_changes,
    wishes_of,
)
from worker.steps.announcing import Hearing
from worker.steps.refusing import refuse
from worker.store.addresses import Address
from worker.store.customers import Held
from worker.store.holders import read_holders
from worker.store.standing import read_suppressions
from worker.store.suppressions import OptIn, OptOut, lift


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with an address: what it refused, and whose it is."""

    address: Address
    policy: Policy
    refused: frozenset[str]
    holders: Sequence[Held]

    @property
    def profile(self) -> Mapping[str, Any] | None:
        """Of the one customer who has the address; None where that is nobody, or several."""
        return self.holders[0].profile if len(self.holders) == 1 else None

    @property
    def wishes(self) -> Wishes:
        return wishes_of(self.profile, self.policy, self.address.channel, self.refused)


@dataclass(frozen=True, slots=True)
class Signed:
    """How somebody said it: in which words a category was shown, in which language, and when."""

    wording: Callable[[str], str]
    language: str
    at: datetime

    def proof(self, category: str) -> Mapping[str, str]:
        return as_proof(self.wording(category), self.language, self.at)


class Saved(NamedTuple):
    """`changes`: what a customer.updated event is to say. `held`: not all could be obeyed."""

    wishes: Wishes
    changes: Mapping[str, Any]
    heard: bool
    held: bool


def look(connection: Connection, address: Address, policy: Policy) -> Standing:
    refused = read_suppressions(connection, [address]).get(address, set())
    return Standing(address, policy, frozenset(refused), read_holders(connection, address))


def leave(connection: Connection, address: Address, hearing: Hearing, signed: Signed) -> bool:
    """Nothing of any category goes to the address any more; whether a trigger is to be told."""
    told = OptOut(address, SOURCE, signed.at, proof={"language": signed.language})
    return refuse(connection, [told], hearing, now=signed.at)


def save(
    connection: Connection, before: Standing, wished: Wishes, hearing: Hearing, signed: Signed
) -> Saved:
    """Write refusals down, and take back what the customer takes back; the rest is for an event."""
    deeds = deeds_of(before.wishes, wished, before.policy, before.refused)
    heard = _by_address(connection, before.address, deeds, hearing, signed)
    after = look(connection, before.address, before.policy)
    open_now = wishes_of(None, before.policy, before.address.channel, after.refused).welcome
    reached = wished.welcome & open_now
    profile = before.profile
    changes: Mapping[str, Any] = {}
    if profile is not None:
        words = tuple(
            agreed(name, before.address.channel, signed.wording(name), signed.at)
            for name in sorted(_lacking(before, reached))
        )
        changes = own_changes(before.wishes, wished, profile, words)
    kept = Wishes(reached, wished.order, wished.language, wished.resting, wished.person)
    return Saved(kept, changes, heard, held=reached != wished.welcome)


def _by_address(
    connection: Connection, address: Address, deeds: Deeds, hearing: Hearing, signed: Signed
) -> bool:
    out = [
        OptOut(address, SOURCE, signed.at, one, signed.wording(one), signed.proof(one))
        for one in sorted(deeds.refuse)
    ]
    back = [
        OptIn(address, SOURCE, signed.at, one, signed.wording(one), signed.proof(one))
        for one in sorted(deeds.lift)
    ]
    heard = refuse(connection, out, hearing, now=signed.at) if out else False
    if back:
        lift(connection, back)
    return heard


def _lacking(before: Standing, reached: frozenset[str]) -> set[str]:
    """What the customer wants and his profile does not let come yet: it needs his consent."""
    consents = consents_of(before.profile or {})
    channel = before.address.channel
    return {
        one.name
        for one in offered(before.policy)
        if one.name in reached and not agrees(one, consents, channel)
    }
