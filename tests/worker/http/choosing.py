"""A house whose customers have links to their preference page, for tests of what they choose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
from sqlalchemy import Engine, insert

from tests.worker.http.house import House, settings
from tests.worker.sending import POLICY, rules
from tests.worker.small_world import HASHER, read_all, rows
from worker.clock import utc_now
from worker.store.addresses import Address
from worker.store.engine import in_transaction
from worker.store.standing import read_suppressions
from worker.store.tables import attempts, customers
from worker.tokens import AddressToken, sign_address

EMAIL, PHONE = "dana@mail.example", "+972501234567"
KEY = "new-signing-key"


@dataclass
class Reader:
    """Somebody with a link in a mail, and the house that it leads to."""

    house: House
    client: httpx.Client
    channel: str = "email"
    address: str = EMAIL

    @property
    def hashed(self) -> Address:
        return Address(HASHER.address(self.channel, self.address), self.channel)

    @property
    def path(self) -> str:
        return f"/u/{sign_address([KEY], AddressToken(*self.hashed))}"

    def written_to(self, customer: str = "c1") -> None:
        """We have sent something there."""
        row = {
            "message_id": customer.ljust(32, "0"), "number": 1, "customer_id": customer,
            "trigger": "hi", "category": "service", "channel": self.channel, "headers": {},
            "sender": f"outbox:{self.channel}", "state": "delivered", "address": self.address,
            "address_hash": self.hashed.hash, "claimed_at": utc_now(), "lease_owner": "a" * 32,
            "segments": 1,
        }  # fmt: skip
        in_transaction(self.house.engine, lambda c: c.execute(insert(attempts).values(**row)))

    def known_as(self, customer: str = "c1", **profile: Any) -> None:
        """What a system says of the customer, read."""
        given = {"phone": PHONE, "email": EMAIL, "language": "en", **profile}
        key = {"authorization": "Bearer all-secret"}
        answer = self.client.put(f"/v1/customers/{customer}", json=given, headers=key)
        assert answer.status_code == 202, answer.text
        self.read()

    def read(self) -> None:
        assert self.house.current is not None
        read_all(self.house.engine, self.house.current, now=utc_now())

    def save(self, language: str = "en", **form: Any) -> str:
        shown = {"action": "save", "shown": ["service", "nightly", "marketing"], "own": "1", **form}
        answer = self.client.post(f"{self.path}?language={language}", data=shown)
        assert answer.status_code == 200, answer.text
        self.read()
        return answer.text

    def profile(self, customer: str = "c1") -> dict[str, Any]:
        found = {one.id: one.profile for one in rows(self.house.engine, customers, "id")}
        return dict(found[customer])

    @property
    def refused(self) -> set[str]:
        def work(connection: Any) -> set[str]:
            return read_suppressions(connection, [self.hashed]).get(self.hashed, set())

        return in_transaction(self.house.engine, work)


def house_of(engine: Engine, policy: str = POLICY) -> House:
    return House(engine, settings(), current=rules(policy=policy))
