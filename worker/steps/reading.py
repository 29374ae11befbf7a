"""What do these unread events change in what waits, read in one transaction?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from triggers.configuration import Configuration
from triggers.events import Event
from triggers.facts import FactKey, TriggerKey
from triggers.matching import Role
from triggers.settling import Change, Settlement
from triggers.verdicts import Reason
from worker.steps.ground import Ground
from worker.steps.profiles import learn
from worker.steps.settled_rows import Settled
from worker.steps.settling import changes_of, read_known, write_settled
from worker.store import customers, facts, inbox, occurrences
from worker.store.customers import Held
from worker.store.inbox import Candidate

GONE = "the event's type is no longer in the catalog"


@dataclass(frozen=True, slots=True)
class ReadAtOnce:
    """So many events were read, and what was written because of them."""

    events: int
    settled: Sequence[Settled]


@dataclass(slots=True)
class _Heard:
    """Where these events are kept as facts, which keys they touch, and what is odd about them."""

    kept: list[tuple[FactKey, Event]] = field(default_factory=list)
    touched: dict[TriggerKey, list[Event]] = field(default_factory=lambda: defaultdict(list))
    notes: list[Settled] = field(default_factory=list)


def read_events(
    connection: Connection, ground: Ground, batch: Sequence[Candidate], *, most: int
) -> ReadAtOnce:
    """Those of these events whose customers nobody else holds; the others wait."""
    ids = list(dict.fromkeys(one.customer for one in batch))
    held = customers.hold(connection, ids, most=-(-len(ids) * most // len(batch)))
    mine = [one for one in batch if one.customer in held][:most]
    return read_held(connection, ground, held, mine) if mine else ReadAtOnce(0, ())


def read_held(
    connection: Connection, ground: Ground, held: Mapping[str, Held], mine: Sequence[Candidate]
) -> ReadAtOnce:
    """As many statements for five hundred events as for one; their customers are held."""
    read = inbox.mark_read(connection, _marks(ground.configuration, mine), now=ground.now)
    people = learn(connection, ground, held, read)
    heard = _hear(ground, [one.event for one in read])
    for key in occurrences.pending_keys(connection, people.moved):
        if key.trigger in ground.configuration.triggers:
            heard.touched.setdefault(key, [])
    clocks = people.clocks(ground.policy, {key.customer for key in heard.touched})
    known = read_known(connection, ground, heard.touched, clocks)
    changes = changes_of(connection, ground, heard.touched, clocks, known=known)
    settled = write_settled(connection, ground, [*heard.notes, *changes])
    # what is read for a decision is what was known before, and this batch beside it
    facts.keep_facts(connection, heard.kept)
    known.timelines.fold(connection)
    return ReadAtOnce(len(read), settled)


def _marks(
    configuration: Configuration, mine: Iterable[Candidate]
) -> Iterable[tuple[Candidate, str | None]]:
    known = configuration.catalog.types
    return [(one, None if one.type in known else GONE) for one in mine]


def _hear(ground: Ground, events: Iterable[Event]) -> _Heard:
    heard = _Heard()
    for event in events:
        for place, key, roles in ground.matcher.played(event):
            if key is None:
                heard.notes += _keyless(ground, event, roles)
                continue
            heard.kept.append((FactKey(event.customer, event.type, place, key), event))
            for role in roles:
                touching = heard.touched[TriggerKey(role.trigger, event.customer, key)]
                # it may touch one key from two places
                if not touching or touching[-1] is not event:
                    touching.append(event)
    return heard


def _keyless(ground: Ground, event: Event, roles: Iterable[Role]) -> Iterator[Settled]:
    """A start without a value for its key starts nothing, and says so."""
    for role in roles:
        if role.type == ground.configuration.triggers[role.trigger].on:
            path = role.path_text
            note = Settlement(Change.NOTED, None, (event,), reason=Reason.NO_KEY, detail=path)
            yield Settled(TriggerKey(role.trigger, event.customer, ""), note)
