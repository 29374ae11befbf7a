"""What do the doors need of the house? The names by which wiring hands it over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Protocol

from fastapi import Depends, Request
from prometheus_client import Counter
from sqlalchemy import Engine

from triggers.configuration import Configuration
from triggers.refusals import Kind, Refusal
from worker.bells import Bell
from worker.channels.base import Channel
from worker.hashing import Hasher
from worker.http.access import Caller, KeyRing, admitted, authenticate
from worker.http.bodies import PATIENCE, Bodies
from worker.http.gathering import Gatherer
from worker.http.measuring import Measures
from worker.http.problems import RETRY_AFTER, Denied, unavailable
from worker.pressure import Cause, Pressure
from worker.settings import Settings
from worker.skew import Skew
from worker.stream import Stream

TURNED_AWAY = Counter(
    "outreach_events_turned_away_total", "Events the HTTP door sent back, by cause.", ["cause"]
)


class Parts(Protocol):
    """Made by worker/wiring.py."""

    @property
    def settings(self) -> Settings: ...

    @property
    def engine(self) -> Engine: ...

    def configuration(self) -> Configuration | None:
        """The active one, compiled; None before the first was applied. Blocks where it is stale."""
        ...

    @property
    def configuration_stale(self) -> bool:
        """Whether it is time to look for it again."""
        ...

    @property
    def last_configuration(self) -> Configuration | None:
        """The one last looked at; never blocks."""
        ...

    @property
    def configuration_outdated(self) -> bool:
        """Whether the one in force was applied by a later version than this."""
        ...

    @property
    def configuration_mistake(self) -> str | None:
        """Why a newer configuration was refused, while the last good one goes on."""
        ...

    @property
    def hasher(self) -> Hasher: ...

    @property
    def channels(self) -> Mapping[str, Channel]:
        """By sender, the preferred first."""
        ...

    @property
    def skew(self) -> Skew: ...

    @property
    def pressure(self) -> Pressure: ...

    @property
    def stream(self) -> Stream | None: ...

    def ring(self, bell: Bell) -> None: ...


class Doors:
    """What one HTTP process keeps between requests."""

    def __init__(
        self, parts: Parts, *, now: Callable[[], datetime], patience: timedelta = PATIENCE
    ) -> None:
        self.parts = parts
        self.now = now
        self.bodies = Bodies(patience)
        self.ring = KeyRing(parts.engine)
        self.gatherer = Gatherer(parts.engine, stored=lambda: parts.ring(Bell.EVALUATE))
        self.measures = Measures(parts.engine, parts.stream)

    @property
    def stale(self) -> bool:
        """Whether it is time to `look` again: a door that must not block asks this first."""
        return self.ring.stale or self.parts.configuration_stale or self.parts.pressure.stale

    def look(self) -> None:
        """Read the keys, the active configuration and how things stand; blocks."""
        self.ring.refresh()
        self.parts.configuration()
        self.parts.pressure.look()

    @contextmanager
    def judging(self) -> Iterator[None]:
        """Who knows only an older catalog refuses nothing for good: a later version may take it."""
        try:
            yield
        except Refusal as refusal:
            if refusal.kind is Kind.AGAINST_CATALOG and self.parts.configuration_outdated:
                raise unavailable("This process does not understand the configuration.") from None
            raise

    def check_room(self, events: int) -> None:
        """Denied, with a word when to come again, while more would put the database in danger."""
        cause = self.parts.pressure.last
        if cause is None:
            return
        TURNED_AWAY.labels(cause).inc(events)
        match cause:
            case Cause.UNREAD:
                detail = "More events wait to be read than can be read soon."
                raise Denied(HTTPStatus.TOO_MANY_REQUESTS, detail, headers=RETRY_AFTER)
            case Cause.DISK:
                raise unavailable("There is no room for more events.")

    def active(self) -> Configuration:
        """The configuration last looked at, or 503 before the first was applied."""
        found = self.parts.last_configuration
        if found is None:
            raise unavailable("No configuration is active yet: `outreach apply` comes first.")
        return found


def doors_of(request: Request) -> Doors:
    found: Doors = request.app.state.doors
    return found


def caller_of(request: Request) -> Caller:
    """The caller, or 401. Blocks where it is time to look again."""
    doors = doors_of(request)
    if doors.stale:
        doors.look()
    return admitted(authenticate(request, doors.ring))


async def _doors_of(request: Request) -> Doors:
    # a plain function would cost every request a journey to another thread
    return doors_of(request)


House = Annotated[Doors, Depends(_doors_of)]
Calling = Annotated[Caller, Depends(caller_of)]
