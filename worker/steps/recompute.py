"""How does what waits come to follow a configuration that was just applied?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from triggers.changes import changed_triggers
from triggers.configuration import Configuration
from triggers.events import Event
from triggers.facts import TriggerKey
from worker.hashing import Hasher
from worker.steps.asked_again import asked_again
from worker.steps.bundled import compiled
from worker.steps.ground import Ground
from worker.steps.settling import write_settled
from worker.store import customers, facts, folds, inbox, occurrences
from worker.store.bundles import Activation, mark_recomputed, recent_activations
from worker.store.clock import read_now
from worker.store.engine import in_transaction, reading
from worker.store.inbox import Read
from worker.store.occurrences import Waiting

FOLLOWED = timedelta(seconds=10)
"""By then every worker follows: what was read under the earlier bundle is asked once more."""

TRIES = 5
"""So often are customers asked for whom somebody held; after that, the next sweep asks."""


@dataclass(frozen=True, slots=True)
class Recomputed:
    """How many keys were asked again; `done`: a call before the next sweep would find no work."""

    keys: int
    done: bool


@dataclass(slots=True)
class _Work:
    """One call's; `held_back` when somebody else held a customer, so that it is not done yet."""

    engine: Engine
    ground: Ground
    activation: Activation
    changed: frozenset[str]
    limit: int
    keys: int = 0
    held_back: bool = False


def recompute(
    engine: Engine,
    configuration: Configuration,
    hasher: Hasher,
    *,
    now: datetime | None = None,
    limit: int = 200,
) -> Recomputed:
    """Make what waits follow the active configuration. May be stopped and begun at any point."""

    def begin(connection: Connection) -> _Work | None:
        ground = Ground(configuration, hasher, now or read_now(connection))
        return _begin(connection, engine, ground, limit)

    work = reading(engine, begin)
    if work is None:
        return Recomputed(0, done=True)
    for trigger in sorted(work.changed):
        _follow(work, trigger)
    if work.ground.now - work.activation.at < FOLLOWED:
        return Recomputed(work.keys, done=not work.held_back)
    _catch_up(work)
    if not work.held_back:
        in_transaction(engine, lambda c: mark_recomputed(c, work.activation, now=work.ground.now))
    return Recomputed(work.keys, done=not work.held_back)


def _begin(connection: Connection, engine: Engine, ground: Ground, limit: int) -> _Work | None:
    """What there is to do; nothing, too, while this worker follows another bundle."""
    activations = recent_activations(connection)
    if not activations or activations[0].recomputed:
        return None
    if activations[0].bundle != ground.configuration.hash:
        return None
    olds = [compiled(connection, one.bundle) for one in activations[1:]] or [None]
    changed = frozenset[str]().union(*(changed_triggers(old, ground.configuration) for old in olds))
    return _Work(engine, ground, activations[0], changed, limit)


def _follow(work: _Work, trigger: str) -> None:
    """Ask all that waits of one trigger again, by its rows' ids."""
    after = ""
    while True:
        rows = reading(work.engine, _outdated(work, trigger, after))
        if not rows:
            return
        work.keys += in_transaction(work.engine, _asking(work, rows))
        after = rows[-1].id


def _outdated(work: _Work, trigger: str, after: str) -> Callable[[Connection], Sequence[Waiting]]:
    bundle, now = work.ground.configuration.hash, work.ground.now
    return lambda connection: occurrences.outdated(
        connection, trigger, bundle=bundle, after=after, most=work.limit, now=now
    )


def _asking(work: _Work, rows: Collection[Waiting]) -> Callable[[Connection], int]:
    def ask(connection: Connection) -> int:
        held, asked = _ask(connection, work, {row.key for row in rows})
        mine = (row.id for row in rows if row.key.customer in held)
        occurrences.follow(connection, mine, bundle=work.ground.configuration.hash)
        return asked

    return ask


def _ask(
    connection: Connection, work: _Work, keys: Collection[TriggerKey]
) -> tuple[Collection[str], int]:
    """Settle the keys of the customers nobody holds: who those are, and how many keys."""
    wanted = sorted({key.customer for key in keys})
    held = customers.hold(connection, wanted, most=len(wanted))
    work.held_back |= len(held) < len(wanted)
    mine = {key for key in keys if key.customer in held}
    write_settled(connection, work.ground, asked_again(connection, work.ground, mine, held))
    return held, len(mine)


def _catch_up(work: _Work) -> None:
    """Events that came since the activation may have been read by who did not follow yet.

    Whose customer somebody holds is asked again by itself: who is at work always holds some.
    """
    left: list[Read] = []
    before: int | None = None
    while read := reading(work.engine, _read_before(work, before)):
        recent = [one for one in read if one.event.received >= work.activation.at]
        left += _kept(work, recent)
        if len(recent) < work.limit:
            break
        before = read[-1].seq
    for _ in range(TRIES):
        pages = (left[start : start + work.limit] for start in range(0, len(left), work.limit))
        left = [one for page in pages for one in _kept(work, page)]
    work.held_back |= bool(left)


def _read_before(work: _Work, before: int | None) -> Callable[[Connection], Sequence[Read]]:
    until = work.activation.at + FOLLOWED
    return lambda connection: inbox.newest_read(
        connection, until=until, before=before, most=work.limit
    )


def _kept(work: _Work, known: Sequence[Read]) -> list[Read]:
    """Ask these again; those whose customer somebody holds are answered, and nothing of them."""
    if not known:
        return []
    keys, held = in_transaction(work.engine, _keeping(work, known))
    work.keys += keys
    return [one for one in known if one.event.customer not in held]


def _keeping(
    work: _Work, known: Sequence[Read]
) -> Callable[[Connection], tuple[int, Collection[str]]]:
    def keep(connection: Connection) -> tuple[int, Collection[str]]:
        wanted = sorted({one.event.customer for one in known})
        held = customers.hold(connection, wanted, most=len(wanted))
        # whoever withdraws events holds their customer: what is read still cannot be taken back now
        mine = [one.seq for one in known if one.event.customer in held]
        events = [one.event for one in inbox.still_read(connection, mine)]
        matcher = work.ground.matcher
        folds.drop_folds(connection, {event.customer for event in events})
        facts.keep_facts(
            connection, ((key, event) for event in events for key in matcher.fact_keys(event))
        )
        return _ask(connection, work, _touched(work, events))[1], held

    return keep


def _touched(work: _Work, events: Iterable[Event]) -> set[TriggerKey]:
    return {
        key
        for event in events
        for role, key in work.ground.matcher.touched(event)
        if key is not None and role.trigger in work.changed
    }
