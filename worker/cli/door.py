"""How do a file's events reach the database that the settings name?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from triggers.configuration import Configuration
from worker.app import make_app
from worker.bells import Ringer
from worker.following import Following
from worker.settings import Settings
from worker.steps.accepting import Summary, accept_or_refuse
from worker.store.engine import make_engine
from worker.told import Told


class NothingApplied(Told):
    """No configuration is in force, so no event is known: `outreach apply` comes first."""


@dataclass(frozen=True)
class Door:
    """The accept door, opened on this machine: whoever may read the settings may write all."""

    engine: Engine
    configuration: Configuration
    name: str
    history: bool = False

    def take(self, raw: Sequence[Any]) -> Summary:
        return accept_or_refuse(
            self.engine,
            self.configuration,
            raw,
            door=self.name,
            history=self.history,
            may_write_customers=True,
        )


@contextmanager
def open_door(settings: Settings, name: str, *, history: bool = False) -> Iterator[Door]:
    """Rings for what came in when it closes, where the workers can hear it."""
    engine = make_engine(settings.database_url)
    try:
        configuration = Following(engine).active()
        if configuration is None:
            raise NothingApplied(str(NothingApplied.__doc__))
        yield Door(engine, configuration, name, history)
    finally:
        engine.dispose()
    if not settings.in_process:
        ringer = Ringer(make_app(settings))
        ringer.ring("outreach.evaluate")
        ringer.close()
