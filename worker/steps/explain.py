"""Why did each trigger speak to a customer, or stay silent, now or as it was known then?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from triggers.configuration import Configuration
from triggers.definitions import Trigger
from triggers.explaining.account import account
from triggers.explaining.told import Explained
from triggers.explaining.tongue import Tongue
from triggers.mistakes import meant, quoted
from triggers.standing import EVERYTHING
from worker.hashing import Hasher
from worker.steps.archive import Archive
from worker.steps.explained_rows import Moment
from worker.steps.ground import clock_of
from worker.steps.versions import Versions, read_version
from worker.store import explaining
from worker.store.clock import read_now
from worker.store.engine import snapshot
from worker.store.explaining import Person
from worker.store.merging import survivor_of
from worker.told import Told


class NothingToExplain(Told):
    """Nobody of that name was ever heard of, there is no such trigger, or none was in force."""


@dataclass(frozen=True, slots=True)
class Question:
    """`trigger` None: all of them. `at` None: now. `lang`: en or he."""

    customer: str
    trigger: str | None = None
    at: datetime | None = None
    lang: str = "en"


def explain(
    engine: Engine, hasher: Hasher, known: Configuration | None, question: Question
) -> Explained:
    """Read in one snapshot; nothing is written. NothingToExplain where nothing can be said.

    `known`: a configuration that this process has read already, so that it is read but once.
    """
    with snapshot(engine) as connection:
        now = read_now(connection)
        past = question.at is not None and question.at < now
        moment = Moment(question.at if past and question.at is not None else now, past)
        customer = _survivor(connection, question.customer)
        person = _person(connection, customer, question.customer)
        versions = _versions(connection, known, moment)
        triggers = _asked(versions.configuration, question.trigger)
        archive = Archive(connection, hasher, versions, customer, person, moment, triggers)
        tongue = Tongue(question.lang, _zone(archive, versions))
        told = tuple(account(archive.of(one), tongue) for one in triggers)
        return Explained(
            customer=customer,
            at=moment.at,
            lang=question.lang,
            zone=tongue.zone.key,
            bundle=versions.bundle,
            notes=tuple(_notes(connection, archive, versions, tongue)),
            triggers=told,
        )


def _survivor(connection: Connection, named: str) -> str:
    """The id that is left, where it was made one with another."""
    # no id holds a NUL, and no database takes one
    return survivor_of(connection, named) if "\x00" not in named else ""


def _person(connection: Connection, customer: str, named: str) -> Person:
    person = explaining.find_person(connection, customer) if customer else None
    if person is None:
        raise NothingToExplain(f"nobody named {quoted(named)} was ever heard of")
    return person


def _versions(connection: Connection, known: Configuration | None, moment: Moment) -> Versions:
    bundle = explaining.bundle_at(connection, moment.at)
    if bundle is None:
        raise NothingToExplain("no configuration was in force, so no trigger could speak")
    if known is not None and known.hash == bundle:
        return Versions(connection, known, bundle)
    read = read_version(connection, bundle)
    if read is not None:
        return Versions(connection, read, bundle)
    if known is None:
        raise NothingToExplain("the configuration in force is not one that this version can read")
    return Versions(connection, known, known.hash, outdated=True)


def _asked(configuration: Configuration, name: str | None) -> Sequence[Trigger]:
    if name is None:
        return [configuration.triggers[one] for one in sorted(configuration.triggers)]
    if name not in configuration.triggers:
        hint = meant(name, configuration.triggers)
        raise NothingToExplain(f"there was no trigger {quoted(name)} in force{hint}")
    return [configuration.triggers[name]]


def _zone(archive: Archive, versions: Versions) -> ZoneInfo:
    return clock_of(archive.customer_at(archive.moment.at), versions.policy).zone


def _notes(
    connection: Connection, archive: Archive, versions: Versions, tongue: Tongue
) -> Iterator[str]:
    """What holds for all triggers, and what cannot be known any more."""
    moment, person = archive.moment, archive.person
    if person.erased is not None:
        yield tongue.say("note_erased", time=person.erased)
    unread = explaining.count_unread(connection, archive.customer, moment.at)
    if unread["set_aside"]:
        yield tongue.say("note_set_aside", count=unread["set_aside"])
    if unread["new"]:
        yield tongue.say("note_unread", count=unread["new"])
    if moment.past:
        yield from _faded(connection, moment, versions, tongue)
    else:
        yield from _pauses(connection, archive, tongue)
    if versions.outdated:
        yield tongue.say("note_older")


def _faded(
    connection: Connection, moment: Moment, versions: Versions, tongue: Tongue
) -> Iterator[str]:
    kept = versions.policy.retention.events
    if kept is not None and moment.at < (since := read_now(connection) - kept):
        yield tongue.say("note_forgotten", time=since)


def _pauses(connection: Connection, archive: Archive, tongue: Tongue) -> Iterator[str]:
    """Those that touch one of the triggers asked about."""
    scopes = {EVERYTHING}
    for one in archive.triggers:
        scopes |= {f"trigger:{one.name}", f"category:{one.limits.category}"}
    for row in explaining.read_pauses(connection):
        if row.scope in scopes or row.scope.startswith("channel:"):
            yield tongue.say("note_paused", scope=row.scope, time=row.at, by=row.by)
