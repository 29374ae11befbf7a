"""Who may be written to from a place that is not the real one?"""

from __future__ import annotations

from collections.abc import Iterable

from worker.channels.base import Accepted, Channel, Letter, Refused


class OnlyTo:
    """A channel that writes to these addresses and to nobody else."""

    def __init__(self, channel: Channel, addresses: Iterable[str]) -> None:
        self.name = channel.name
        self.sender = channel.sender
        self._channel = channel
        self.within = (channel,)
        self._allowed = frozenset(map(_plain, addresses))

    def send(self, letter: Letter) -> Accepted:
        if _plain(letter.address) not in self._allowed:
            raise Refused("only_to", "not one of the addresses that may be written to")
        return self._channel.send(letter)

    def close(self) -> None:
        self._channel.close()


def _plain(address: str) -> str:
    return address.strip().lower()
