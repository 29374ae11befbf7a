"""What do these unread events change in what waits, read in one transaction?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from triggers.configuration import Configuration
from triggers.events import Event
from triggers.facts import TriggerKey
from triggers.settling import Change, Settlement
from triggers.verdicts import Reason
from worker.steps.ground import Ground
from worker.steps.profiles import People, learn
from worker.steps.settled_rows import Settled
from worker.steps.settling import settle_keys
from worker.store import customers, facts, inbox, occurrences
from worker.store.inbox import Candidate

GONE = "the event's type is no longer in the catalog"


@dataclass(frozen=True, slots=True)
class ReadAtOnce:
    """So many events were read, and what was written because of them."""

    events: int
    settled: Sequence[Settled]


def read_events(
    connection: Connection, ground: Ground, batch: Sequence[Candidate], *, most: int
) -> ReadAtOnce:
    """As many statements for two hundred events as for one; whom others hold waits."""
    ids = list(dict.fromkeys(one.customer for one in batch))
    held = customers.hold(connection, ids, most=-(-len(ids) * most // len(batch)))
    mine = [one for one in batch if one.customer in held][:most]
    read = inbox.mark_read(connection, _marks(ground.configuration, mine), now=ground.now)
    people = learn(connection, ground, held, read)
    events = [one.event for one in read]
    facts.keep_facts(
        connection, ((key, event) for event in events for key in ground.matcher.fact_keys(event))
    )
    touched = _touched(connection, ground, people, events)
    notes = _keyless(ground, events)
    return ReadAtOnce(
        len(read), settle_keys(connection, ground, touched, people.clocks, notes=notes)
    )


def _marks(
    configuration: Configuration, mine: Iterable[Candidate]
) -> Iterable[tuple[int, str | None]]:
    known = configuration.catalog.types
    return [(one.seq, None if one.type in known else GONE) for one in mine]


def _touched(
    connection: Connection, ground: Ground, people: People, events: Iterable[Event]
) -> dict[TriggerKey, list[Event]]:
    touched: dict[TriggerKey, list[Event]] = defaultdict(list)
    for event in events:
        for key in {key for _, key in ground.matcher.touched(event) if key is not None}:
            touched[key].append(event)
    for key in occurrences.pending_keys(connection, people.moved):
        if key.trigger in ground.configuration.triggers:
            touched.setdefault(key, [])
    return touched


def _keyless(ground: Ground, events: Iterable[Event]) -> Iterator[Settled]:
    """A start without a value for its key starts nothing, and says so."""
    for event in events:
        for role, key in ground.matcher.touched(event):
            if key is None and role.type == ground.configuration.triggers[role.trigger].on:
                path = role.path_text
                note = Settlement(Change.NOTED, None, (event,), reason=Reason.NO_KEY, detail=path)
                yield Settled(TriggerKey(role.trigger, event.customer, ""), note)
