"""Who may be written to from a place that is not the real one?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from worker.channels.base import Accepted, Channel, Letter, Refused
from worker.channels.waiting import Call, shared_call


class OnlyTo:
    """A channel that writes to these addresses and to nobody else."""

    def __init__(self, channel: Channel, addresses: Iterable[str]) -> None:
        self.name = channel.name
        self.sender = channel.sender
        self._channel = channel
        self.within = (channel,)
        self._allowed = frozenset(map(_plain, addresses))

        inner = shared_call(channel)
        self.call = partial(self._call, inner) if inner else None

    def send(self, letter: Letter) -> Accepted:
        self._refuse_others(letter)
        return self._channel.send(letter)

    async def _call(self, inner: Callable[[Letter], Call[Accepted]], letter: Letter) -> Accepted:
        self._refuse_others(letter)
        return await inner(letter)

    def _refuse_others(self, letter: Letter) -> None:
        if _plain(letter.address) not in self._allowed:
            raise Refused("only_to", "not one of the addresses that may be written to")

    def close(self) -> None:
        self._channel.close()


def _plain(address: str) -> str:
    return address.strip().lower()
