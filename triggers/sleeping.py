"""How is what is known of a customer written down, so that a million events fit in memory?

A text has a line for his profile, one for what was decided about him, and some for each place where
facts stand, the oldest first. Whoever wakes reads only those that are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from triggers.events import Event, Order
from triggers.facts import Spent, TriggerKey

Place = tuple[str, str, str]
"""Event type, path and the key that stands there."""

Row = list[Any]
"""An event as it came out of sleep; most are never looked at again."""

Decided = dict[TriggerKey, list[Spent]]
Told = dict[tuple[TriggerKey, str], None]

MOST_NAMES = 10_000
"""A publisher may make up names without end: those beyond are written out where they stand."""

_NOTHING = b"[[],[]]"


class Names:
    """Numbers in place of what stands in a million rows: places, sources, a payload's fields."""

    __slots__ = ("_heads", "_most", "_names", "_numbers")

    def __init__(self, most: int = MOST_NAMES) -> None:
        self._most = most
        self._numbers: dict[str | tuple[str, ...], int] = {}
        self._names: list[str | tuple[str, ...]] = []
        self._heads: dict[tuple[str, str], bytes] = {}

    def number(self, name: str | tuple[str, ...]) -> int | None:
        """None where there are too many already."""
        found = self._numbers.get(name)
        if found is None and len(self._names) < self._most:
            found = self._numbers[name] = len(self._names)
            self._names.append(name)
        return found

    def __getitem__(self, number: int) -> Any:
        return self._names[number]

    def head(self, type_: str, path: str) -> bytes:
        """How the lines of such places begin; there are as many as triggers look at."""
        found = self._heads.get((type_, path))
        if found is None:
            found = self._heads[type_, path] = b"\n[%d," % len(self._heads)
        return found


def joined(profile: bytes, deeds: bytes, facts: bytes) -> bytes:
    """A customer's text; each line of the facts begins with a line's end."""
    # joined to its very size: a million of them have no room to spare
    return b"".join((profile, b"\n", deeds, facts))


def parted(text: bytes) -> tuple[bytes, bytes, bytes]:
    """Profile, deeds and facts again."""
    profile = text.index(b"\n")
    deeds = text.find(b"\n", profile + 1)
    deeds = len(text) if deeds < 0 else deeds
    return text[:profile], text[profile + 1 : deeds], text[deeds:]


def written(content: Any) -> bytes:
    return orjson.dumps(content, default=dict, option=orjson.OPT_UTC_Z)


def facts_at(text: bytes, place: Place, names: Names) -> tuple[list[Event | Row], bytes]:
    """What stands there, and the text without it."""
    # no text of JSON holds a line's end: only lines of this place begin so
    mark = _mark(place, names)
    begins = text.find(mark)
    if begins < 0:
        return [], text
    rows: list[Event | Row] = []
    others, ends = [], 0
    while begins >= 0:
        others.append(text[ends:begins])
        ends = text.find(b"\n", begins + 1)
        ends = len(text) if ends < 0 else ends
        rows += orjson.loads(text[begins + 1 : ends])[2:]
        begins = text.find(mark, ends)
    return rows, b"".join((*others, text[ends:]))


def line_of(place: Place, facts: Iterable[Event | Row], names: Names) -> bytes:
    rows = [one if isinstance(one, list) else _row(one, names) for one in facts]
    return _mark(place, names) + written(rows)[1:]


def _mark(place: Place, names: Names) -> bytes:
    type_, path, key = place
    return names.head(type_, path) + orjson.dumps(key) + b","


def deeds_of(decided: Mapping[TriggerKey, Sequence[Spent]], told: Told) -> bytes:
    if not decided and not told:
        return _NOTHING
    spent = [[*key, [[one.epoch, *one.start] for one in all_]] for key, all_ in decided.items()]
    return written([spent, [[*key, epoch] for key, epoch in told]])


def deeds_in(text: bytes) -> tuple[Decided, Told]:
    if text == _NOTHING:
        return {}, {}
    spent, told = orjson.loads(text)
    decided = {TriggerKey(*key): _spent(all_) for *key, all_ in spent}
    return decided, {(TriggerKey(*key), epoch): None for *key, epoch in told}


def _spent(rows: Iterable[Any]) -> list[Spent]:
    return [Spent(epoch, Order(datetime.fromisoformat(time), *rest)) for epoch, time, *rest in rows]


def _row(event: Event, names: Names) -> Row:
    source, fields = names.number(event.source), names.number(tuple(event.data))
    return [
        event.id,
        event.time,
        event.source if source is None else source,
        event.data if fields is None else [fields, *event.data.values()],
        *_unusual(event),
    ]


def _unusual(event: Event) -> Iterable[Any]:
    received = None if event.received == event.time else event.received
    if received or event.subject != event.customer or event.history or event.hops:
        return received, event.subject, event.history, event.hops
    return ()


def order_in(row: Row, names: Names) -> Order:
    source = row[2]
    known = names[source] if isinstance(source, int) else source
    return Order(datetime.fromisoformat(row[1]), known, row[0])


def event_in(row: Row, customer: str, type_: str, names: Names) -> Event:
    order, data, rest = order_in(row, names), row[3], row[4:]
    received, subject, history, hops = rest or (None, customer, False, 0)
    return Event(
        source=order.source,
        id=order.id,
        type=type_,
        time=order.time,
        customer=customer,
        data=data if isinstance(data, dict) else dict(zip(names[data[0]], data[1:], strict=True)),
        received=datetime.fromisoformat(received) if received else order.time,
        subject=subject,
        history=history,
        hops=hops,
    )
