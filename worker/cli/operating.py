"""On which database does an operator's command work, and under which configuration?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from triggers.configuration import Configuration
from triggers.durations import NotADuration, parse_duration
from triggers.moments import read_moment
from worker.cli.database import tell_database
from worker.cli.door import NothingApplied
from worker.following import Following
from worker.hashing import Hasher
from worker.settings import Settings, read_settings
from worker.store.clock import read_now
from worker.store.engine import in_transaction, make_engine, reading
from worker.store.house_key import hashing_key
from worker.told import Told


class NoMoment(Told):
    """A word that is neither a time nor a length of time."""


@dataclass(frozen=True)
class House:
    """The database and what is in force there."""

    settings: Settings
    engine: Engine
    configuration: Configuration

    def hasher(self) -> Hasher:
        return hasher_of(self.settings, self.engine)

    def moment(self, word: str | None) -> datetime | None:
        return moment(word, self.engine, self.configuration)


def hasher_of(settings: Settings, engine: Engine) -> Hasher:
    given = settings.suppression_key
    secret = given.get_secret_value() if given else None
    return Hasher(in_transaction(engine, lambda connection: hashing_key(connection, secret)))


def moment(word: str | None, engine: Engine, configuration: Configuration) -> datetime | None:
    """A time, on the policy's clock where it has no offset, or so long ago, such as 2h."""
    if word is None:
        return None
    found = read_moment(word, ZoneInfo(configuration.policy.timezone))
    if found is not None:
        return found.begins
    try:
        return reading(engine, read_now) - parse_duration(word).elapsed
    except NotADuration:
        raise NoMoment(
            f"{word!r} is neither a time, such as 2026-12-01T09:00, nor so long ago, such as 2h"
        ) from None


@contextmanager
def opened() -> Iterator[House]:
    """Says which database it is; NothingApplied where no configuration is in force."""
    settings = read_settings()
    tell_database(settings)
    engine = make_engine(settings.database_url)
    try:
        configuration = Following(engine).active()
        if configuration is None:
            raise NothingApplied(str(NothingApplied.__doc__))
        yield House(settings, engine, configuration)
    finally:
        engine.dispose()
