"""May this database become a demonstration's, and if so, what is put into it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Engine

from triggers.configuration import Configuration, ConfigurationRefused, read_configuration
from worker.folder import read_folders
from worker.month.filling import MONTH, Progress, live_through
from worker.month.luck import Luck
from worker.month.office import open_office
from worker.month.people import make_people
from worker.own_keys import with_signing_key
from worker.settings import Settings
from worker.steps.apply import apply
from worker.steps.recompute import recompute
from worker.store.clock import read_now
from worker.store.demo import Fixed, demo_state, hurry, is_empty, mark
from worker.store.engine import in_transaction, make_engine, reading
from worker.store.migrations import upgrade
from worker.store.version import is_current
from worker.told import Told
from worker.wiring import Parts, make_parts

BY = "outreach demo"
NEEDED = frozenset(
    "check.deposited checkbook.ordered checkout.completed checkout.started claim.filed claim.opened"
    " claim.withdrawn payment_plan.cancelled payment_plan.renewed payment_plan.updated"
    " service_call.ended support.contacted".split()
)
"""The event types that the month's systems publish."""


class NotEmpty(Told):
    """The database holds something, and a demonstration is put into an empty one only."""


class OtherRules(Told):
    """The configuration is not one in which the month's events mean anything."""


@dataclass(frozen=True, slots=True)
class Wish:
    """So many customers; the same `seed` and `now` make the same month."""

    customers: int
    seed: int
    now: datetime | None = None


def fill(settings: Settings, wish: Wish, told: Progress) -> None:
    """Let a month end now, in an empty database; NotEmpty and OtherRules say why it may not."""
    files, rules = _rules(settings)
    engine = make_engine(settings.database_url)
    try:
        _begin(engine, settings, wish.seed)
    finally:
        engine.dispose()
    own = with_signing_key(settings, make=True)
    parts = make_parts(own.model_copy(update={"sms": "outbox", "email": "outbox"}))
    hurry(parts.engine)
    try:
        end = (wish.now or reading(parts.engine, read_now)).replace(second=0, microsecond=0)
        _live(parts, rules, files, wish, end - MONTH, told)
        in_transaction(parts.engine, lambda connection: mark(connection, None))
    finally:
        parts.close()


def _rules(settings: Settings) -> tuple[Mapping[str, str], Configuration]:
    files, mistakes = read_folders(settings.config_dir, settings.templates_dir)
    if mistakes:
        raise ConfigurationRefused(mistakes)
    rules = read_configuration(files)
    lacks = sorted(NEEDED - set(rules.catalog.types))
    if lacks:
        raise OtherRules(
            f"the month is told in the event types that are shipped; {settings.config_dir} lacks"
            f" {', '.join(lacks)}"
        )
    return files, rules


def _begin(engine: Engine, settings: Settings, seed: int) -> None:
    """The mark comes before all else, so that nothing invented ever stands without it."""
    name = settings.database_name
    if not reading(engine, is_empty):
        told = reading(engine, lambda c: demo_state(c) if is_current(c) else None)
        if told is not None:
            raise NotEmpty(f"{name} holds a demo already ({told}): remove it to make another")
        raise NotEmpty(f"{name} is not empty: demo data goes into a database of its own")
    upgrade(engine)
    fixed = Fixed(hashing_key=_drawn(seed, "hashing key"), salt=_drawn(seed, "salt"))
    in_transaction(engine, lambda connection: mark(connection, fixed))


def _drawn(seed: int, name: str) -> str:
    return sha256(f"outreach/demo/1:{name}:{seed}".encode()).hexdigest()[:32]


def _live(
    parts: Parts,
    rules: Configuration,
    files: Mapping[str, str],
    wish: Wish,
    begin: datetime,
    told: Progress,
) -> None:
    apply(parts.engine, files, BY, now=begin - timedelta(minutes=1))
    recompute(parts.engine, rules, parts.hasher, now=begin)
    luck = Luck(wish.seed)
    office = open_office(parts, rules, luck, begin)
    live_through(office, make_people(luck, wish.customers), luck, told)
