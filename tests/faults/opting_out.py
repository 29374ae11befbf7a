"""Who says stop while the run is on? By the page behind the link in every message."""

from __future__ import annotations

import random
import threading

import httpx

from tests.faults.world import phone
from tests.journeys.stage import SIGNING_KEY, SUPPRESSION_KEY
from triggers.addresses import canonical
from worker.hashing import Hasher
from worker.tokens import AddressToken, sign_address


class OptingOut(threading.Thread):
    """Now and then somebody, until told to stop; each until the page has answered."""

    def __init__(self, url: str, *, seed: int, people: int, pause: float) -> None:
        super().__init__(daemon=True)
        self.done = 0
        self._url = url
        self._people = people
        self._pause = pause
        self._dice = random.Random(seed)
        self._hasher = Hasher(SUPPRESSION_KEY)
        self._ending = threading.Event()

    def end(self) -> None:
        self._ending.set()
        self.join()

    def run(self) -> None:
        with httpx.Client(timeout=5) as client:
            while not self._ending.wait(self._pause):
                token = self._token(self._dice.randrange(self._people))
                while not self._posted(client, token) and not self._ending.wait(0.1):
                    pass

    def _posted(self, client: httpx.Client, token: str) -> bool:
        try:
            answer = client.post(f"{self._url}/u/{token}", data={"List-Unsubscribe": "One-Click"})
        except httpx.TransportError:
            return False
        self.done += answer.is_success
        return answer.is_success

    def _token(self, number: int) -> str:
        if self._dice.random() < 0.5:
            channel, address = "sms", phone(number)
        else:
            channel, address = "email", f"c{number}@customer.example"
        hashed = self._hasher.address(channel, canonical(channel, address))
        return sign_address([SIGNING_KEY], AddressToken(hashed, channel))
