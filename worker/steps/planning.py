"""What would a configuration move, call off and add among what waits, before it is applied?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Engine

from triggers.changes import changed_triggers
from triggers.configuration import Configuration, read_configuration
from triggers.facts import TriggerKey
from triggers.settling import Change
from triggers.verdicts import Reason
from worker.hashing import Hasher
from worker.steps.asked_again import asked_again
from worker.steps.bundled import compiled
from worker.steps.ground import Ground
from worker.steps.settled_rows import Settled
from worker.store import customers, occurrences
from worker.store.bundles import bundle_files, recent_activations
from worker.store.clock import read_now
from worker.store.engine import snapshot

TOLD = {Change.STARTED: "added", Change.MOVED: "moved", Change.CALLED_OFF: "called_off"}


@dataclass(frozen=True, slots=True)
class Sample:
    """One occurrence that would change; `before` and `after` are its moments."""

    change: str
    customer: str
    key: str
    epoch: str
    before: datetime | None
    after: datetime | None
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Planned:
    """What a trigger would do; `how` it differs from what is in force: new, changed, removed."""

    trigger: str
    how: str
    waiting: int
    changes: Mapping[str, int]
    sample: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """`files`: the names of those that differ from the bundle in force, with how they do."""

    active: str | None
    hash: str
    triggers: tuple[Planned, ...]
    files: Mapping[str, str]


@dataclass(slots=True)
class _Asking:
    """One plan's; `keys` were asked, so that one with many rows is asked once."""

    connection: Connection
    ground: Ground
    limit: int
    most: int
    keys: set[TriggerKey] = field(default_factory=set)


def plan(
    engine: Engine,
    files: Mapping[str, str],
    hasher: Hasher,
    *,
    limit: int = 500,
    most: int = 5,
) -> Plan:
    """The same questions that recompute asks after an apply, of one snapshot and read only.

    ConfigurationRefused where the files are wrong. `most` occurrences a trigger are shown.
    """
    new = read_configuration(files)
    with snapshot(engine) as connection:
        asking = _Asking(connection, Ground(new, hasher, read_now(connection)), limit, most)
        return _plan(asking, new, files)


def _plan(asking: _Asking, new: Configuration, files: Mapping[str, str]) -> Plan:
    recent = recent_activations(asking.connection)
    if recent and recent[0].bundle == new.hash:
        return Plan(new.hash, new.hash, (), {})
    # what the last ones left is not followed yet: the apply would catch up with it too
    olds = [compiled(asking.connection, one.bundle) for one in recent] or [None]
    changed = frozenset[str]().union(*(changed_triggers(old, new) for old in olds))
    before = olds[0].triggers if olds[0] else {}
    planned = (_planned(asking, name, _how(name, before, new)) for name in sorted(changed))
    active = recent[0].bundle if recent else None
    stored = bundle_files(asking.connection, active) if active else {}
    return Plan(active, new.hash, tuple(planned), _differing(stored, files))


def _how(trigger: str, before: Mapping[str, object], new: Configuration) -> str:
    if trigger not in new.triggers:
        return "removed"
    return "changed" if trigger in before else "new"


def _differing(old: Mapping[str, str], new: Mapping[str, str]) -> Mapping[str, str]:
    words = {(False, True): "new", (True, False): "removed", (True, True): "changed"}
    names = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    return {name: words[name in old, name in new] for name in names}


def _planned(asking: _Asking, trigger: str, how: str) -> Planned:
    asking.keys.clear()
    counts: Counter[str] = Counter(dict.fromkeys(TOLD.values(), 0))
    sample: list[Sample] = []
    for settled in _settled(asking, trigger):
        word = TOLD.get(settled.settlement.change)
        if word is None:
            continue
        counts[word] += 1
        if len(sample) < asking.most:
            sample.append(_sample(word, settled))
    waiting = occurrences.count_pending(asking.connection, trigger)
    return Planned(trigger, how, waiting, dict(counts), tuple(sample))


def _settled(asking: _Asking, trigger: str) -> Iterator[Settled]:
    after = ""
    while rows := _outdated(asking, trigger, after):
        keys = {row.key for row in rows} - asking.keys
        asking.keys |= keys
        people = customers.look_up(asking.connection, {key.customer for key in keys})
        # so that what is shown is the same each time it is asked for
        found = asked_again(asking.connection, asking.ground, sorted(keys), people)
        yield from sorted(found, key=lambda one: (one.key, one.settlement.epoch or ""))
        after = rows[-1].id


def _outdated(asking: _Asking, trigger: str, after: str) -> Sequence[occurrences.Waiting]:
    ground = asking.ground
    return occurrences.outdated(
        asking.connection,
        trigger,
        bundle=ground.configuration.hash,
        after=after,
        most=asking.limit,
        now=ground.now,
    )


def _sample(word: str, settled: Settled) -> Sample:
    settlement, key = settled.settlement, settled.key
    return Sample(
        change=word,
        customer=key.customer,
        key=key.key,
        epoch=settlement.epoch or "",
        before=settled.row.moment if settled.row is not None else None,
        after=settlement.occurrence.moment
        if settlement.occurrence and settlement.change is not Change.CALLED_OFF
        else None,
        reason=settlement.reason,
    )
