"""Where does a letter go in development? Into our own database, to be looked at."""

from __future__ import annotations

from collections.abc import Callable

from worker.channels.base import Accepted, Letter

SENDER = "outbox:"
"""How the name of such a sender begins."""


class OutboxChannel:
    """`keep` stores the letter in a transaction of its own; it never leaves the house."""

    def __init__(self, name: str, keep: Callable[[Letter], None]) -> None:
        self.name = name
        self.sender = f"{SENDER}{name}"
        self._keep = keep

    def send(self, letter: Letter) -> Accepted:
        self._keep(letter)
        return Accepted(f"outbox-{letter.message_id}-{letter.attempt}")

    def close(self) -> None:
        """Nothing is held open."""
