"""How do a file's events reach the database that the settings name?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from triggers.admission import admit
from triggers.configuration import Configuration
from triggers.envelope import read_envelope
from triggers.refusals import Problem, Refusal
from triggers.strict_json import NotJson, loads
from worker.app import make_app
from worker.bells import Bell, Ringer
from worker.cli.database import tell_database
from worker.following import Following
from worker.settings import Settings
from worker.steps.accepting import KNOWN, Summary, accept_or_refuse
from worker.store.clock import read_now
from worker.store.engine import make_engine, reading
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

    def reasons(self, raw: Sequence[Any], refused: int) -> Mapping[int, Sequence[Problem]]:
        """Why so many of these, just taken, were refused: by their indexes."""
        now = reading(self.engine, read_now)
        asked = ((index, self._problems(one, now)) for index, one in enumerate(raw))
        found = {index: problems for index, problems in asked if problems}
        if len(found) < refused:
            # Nothing is wrong with these but that another of the same name came first.
            others = (index for index in range(len(raw)) if index not in found)
            found |= {index: (KNOWN,) for index in others if self.take([raw[index]]).refused}
        return found

    def _problems(self, one: Any, now: datetime) -> Sequence[Problem]:
        """What stands against it whatever else was ever taken."""
        rules = self.configuration.catalog, self.configuration.policy
        try:
            envelope = read_envelope(loads(one) if isinstance(one, bytes | str) else one)
            admit(envelope, *rules, now=now, history=self.history, door=self.name)
        except NotJson as wrong:
            return (Problem(wrong.pointer, wrong.detail),)
        except Refusal as refusal:
            return refusal.problems
        return ()


@contextmanager
def open_door(settings: Settings, name: str, *, history: bool = False) -> Iterator[Door]:
    """Rings for what came in when it closes, where the workers can hear it."""
    tell_database(settings)
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
        ringer.ring(Bell.EVALUATE)
        ringer.close()
