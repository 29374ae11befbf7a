"""Which events does a file hold, in the order in which they count as received?

A million lines may stand in any order, and they do not all fit in memory as events: of each only
its moment and its place are kept, and it is read again when its time has come.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import Any, BinaryIO, NamedTuple

import orjson

from triggers.admission import admit
from triggers.catalog import is_ours
from triggers.configuration import Configuration
from triggers.envelope import Envelope, digest, read_envelope, read_time
from triggers.events import OWN_SOURCE, Event
from triggers.own_events import recorded
from triggers.refusals import Kind, Problem, Refusal
from triggers.strict_json import NotJson, loads
from worker.cli.lines import bare

DOOR = "simulate"
EPOCH = read_time("1970-01-01T00:00:00Z")
MICROSECOND = timedelta(microseconds=1)
OFTEN = 1_000

Complain = Callable[[int, str], None]
"""Is told the number of a line that is refused, and why."""

TIMELESS = Problem("/time", "is missing: without it nobody knows when the event was received")
OTHERWISE = Problem("/id", "is known already, with other content")


class _Found(NamedTuple):
    event: Event
    digest: str
    number: int


@dataclass(slots=True)
class Recorded:
    """A file of events that can be read twice."""

    file: BinaryIO
    configuration: Configuration
    complain: Complain
    duplicates: int = 0
    _position: int = -1
    _moments: array[int] = field(default_factory=lambda: array("q"))
    _names: array[int] = field(default_factory=lambda: array("q"))
    _offsets: array[int] = field(default_factory=lambda: array("q"))
    _numbers: array[int] = field(default_factory=lambda: array("q"))

    def __len__(self) -> int:
        return len(self._offsets)

    def look_through(self) -> Iterator[int]:
        """Find out when each line was received; yields now and then how far it has come."""
        offset = 0
        for number, line in enumerate(self.file, start=1):
            if line.strip():
                self._note(number, offset, line)
            offset += len(line)
            if number % OFTEN == 0:
                yield offset
        yield offset

    def events(self) -> Iterator[Event]:
        """Each once: what was received first comes first, and of one moment by event order."""
        twice = _twice(self._names)
        known: dict[tuple[str, str], str] = {}
        for _, places in groupby(_sorted(self._moments), key=self._moments.__getitem__):
            found = [one for place in places if (one := self._read(place, twice)) is not None]
            if len(found) > 1:
                found.sort(key=lambda one: (one.event.order, one.digest))
            for one in found:
                if not one.digest or self._is_new(one, known):
                    yield one.event

    def _note(self, number: int, offset: int, line: bytes) -> None:
        try:
            moment, name = _moment_and_name(bare(line, number))
        except (NotJson, Refusal) as refused:
            self.complain(number, str(refused))
            return
        self._moments.append((moment - EPOCH) // MICROSECOND)
        self._names.append(name)
        self._offsets.append(offset)
        self._numbers.append(number)

    def _read(self, place: int, twice: frozenset[int]) -> _Found | None:
        number = self._numbers[place]
        try:
            envelope = read_envelope(loads(bare(self._line(self._offsets[place]), number)))
            event = self._admitted(envelope)
        except (NotJson, Refusal) as refused:
            self.complain(number, str(refused))
            return None
        return _Found(event, digest(envelope) if self._names[place] in twice else "", number)

    def _line(self, offset: int) -> bytes:
        # most files are in order already, and a seek to where one is may empty the buffer
        if offset != self._position:
            self.file.seek(offset)
        line = self.file.readline()
        self._position = offset + len(line)
        return line

    def _admitted(self, envelope: Envelope) -> Event:
        catalog, policy = self.configuration.catalog, self.configuration.policy
        if envelope.source == OWN_SOURCE and is_ours(envelope.type):
            return recorded(envelope, catalog, received=_received(envelope))
        return admit(envelope, catalog, policy, now=_received(envelope), door=DOOR)

    def _is_new(self, found: _Found, known: dict[tuple[str, str], str]) -> bool:
        name = (found.event.source, found.event.id)
        if name not in known:
            known[name] = found.digest
            return True
        if known[name] == found.digest:
            self.duplicates += 1
        else:
            self.complain(found.number, str(Refusal(Kind.AGAINST_CATALOG, (OTHERWISE,))))
        return False


def _moment_and_name(line: bytes) -> tuple[datetime, int]:
    """When the event was received, and a number that equal (source, id) share."""
    value = _quickly(line)
    try:
        moment = read_time(value.get("receivedat") or value["time"])
        return moment, hash((value["source"], value["id"]))
    except (AttributeError, KeyError, TypeError, ValueError):
        envelope = read_envelope(loads(line))
        return _received(envelope), hash((envelope.source, envelope.id))


def _quickly(line: bytes) -> Any:
    """None where only the careful reader can say what is wrong, if anything."""
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return None


def _received(envelope: Envelope) -> datetime:
    moment = envelope.received or envelope.time
    if moment is None:
        raise Refusal(Kind.MALFORMED, (TIMELESS,))
    return moment


def _twice(names: Iterable[int]) -> frozenset[int]:
    return frozenset(one for one, other in pairwise(sorted(names)) if one == other)


def _sorted(moments: Sequence[int]) -> Sequence[int]:
    """The places of the moments, from the first to the last."""
    if all(one <= other for one, other in pairwise(moments)):
        return range(len(moments))
    return array("q", sorted(range(len(moments)), key=moments.__getitem__))
