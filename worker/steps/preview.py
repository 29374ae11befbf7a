"""How does a message look with what is stored of a customer, and on my own phone?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Engine

from triggers.addresses import EMAIL, SMS, usable
from triggers.configuration import Configuration
from triggers.customers import Customer
from triggers.definitions import Trigger
from triggers.mistakes import listed, meant, quoted
from triggers.previewing import Preview, Sample, Written, messages_of, sample_of
from triggers.previewing import preview as previewed
from triggers.standing import EVERYTHING
from worker.channels.base import Accepted, Channel, ChannelError, Letter
from worker.hashing import Hasher
from worker.steps.standing import hash_of
from worker.store import explaining
from worker.store.actions import note_action
from worker.store.clock import read_now
from worker.store.engine import in_transaction, reading
from worker.store.standing import read_suppressions
from worker.told import Told

MARKS: Mapping[str, str] = {"en": "PREVIEW: ", "he": "תצוגה מקדימה: "}
"""Begins what is sent to be looked at, so that nobody takes it for the real one."""
USEFUL = timedelta(hours=1)


class NothingToShow(Told):
    """There is no such message, language or customer."""


class NotSent(Told):
    """The preview could not go to that address."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """`customer` None: sample values. `data`: of the event, instead of what is known of one."""

    message: str
    customer: str | None = None
    data: Mapping[str, Any] | None = None
    language: str | None = None


def preview(engine: Engine, configuration: Configuration, wanted: Wanted) -> Preview:
    """All channels and languages side by side; NothingToShow where there is none of this name."""
    trigger = _trigger(configuration, wanted.message)
    languages = configuration.policy.languages
    if wanted.language is not None and wanted.language not in languages:
        raise NothingToShow(
            f"{quoted(wanted.language)} is not one of the policy's languages: {listed(languages)}"
        )

    def work(connection: Connection) -> tuple[Sample, datetime]:
        now = read_now(connection)
        return _sample(connection, configuration, trigger, wanted, now), now

    sample, now = reading(engine, work)
    return previewed(configuration, wanted.message, sample, now, language=wanted.language)


def _trigger(configuration: Configuration, message: str) -> Trigger:
    """The first that sends it."""
    sent = messages_of(configuration)
    if message not in sent:
        raise NothingToShow(f"no trigger sends a message {quoted(message)}{meant(message, sent)}")
    return sent[message][0]


def _sample(
    connection: Connection,
    configuration: Configuration,
    trigger: Trigger,
    wanted: Wanted,
    now: datetime,
) -> Sample:
    """Of a customer, what is known of him and the newest event that he has of the trigger's."""
    if wanted.customer is None:
        return sample_of(configuration, trigger, now, data=wanted.data)
    name = wanted.customer
    person = explaining.find_person(connection, name) if "\x00" not in name else None
    if person is None or person.profile is None:
        raise NothingToShow(f"nobody named {quoted(name)} was ever heard of")
    customer, data = Customer(name, person.profile), wanted.data
    if data is None:
        heard = explaining.newest_starts(connection, name, {trigger.on}, now).get(trigger.on)
        data = heard[0].event.data if heard else None
    return sample_of(configuration, trigger, now, data=data, customer=customer)


@dataclass(frozen=True, slots=True)
class Sending:
    """`channels`: by sender, the preferred first. `by`: in whose name."""

    engine: Engine
    configuration: Configuration
    hasher: Hasher
    channels: Mapping[str, Channel]
    by: str


def send_preview(sending: Sending, shown: Preview, to: str) -> tuple[Written, Accepted]:
    """Send the text of its address's channel to somebody of us, marked as a preview.

    No message and no attempt is written: no cap, cooldown or report counts it. That it was sent,
    and by whom, is on record before the provider is called. NotSent says why it could not be.
    """
    channel, address = _address(to, sending.configuration)
    found = next((one for one in shown.texts if one.channel == channel), None)
    if found is None or found.text is None:
        raise NotSent(found.failed or "" if found else f"{shown.message} has no text for {channel}")
    sender = next((one for one in sending.channels.values() if one.name == channel), None)
    if sender is None:
        raise NotSent(f"no sender is set up for {channel}")
    letter = _letter(channel, address, found, _noted(sending, shown, found, address))
    try:
        return found, sender.send(letter)
    except ChannelError as error:
        raise NotSent(f"{sender.sender}: {error}") from None


def _address(to: str, configuration: Configuration) -> tuple[str, str]:
    channel = EMAIL if "@" in to else SMS
    field = {EMAIL: "email", SMS: "phone"}[channel]
    found = usable(Customer("", {field: to}), configuration.policy)
    if channel not in found.addresses:
        raise NotSent(f"--to: {found.unusable.get(channel, 'is no address')}")
    return channel, found.addresses[channel]


def _noted(sending: Sending, shown: Preview, found: Written, to: str) -> datetime:
    """On record, unless whoever it is to has refused everything: a preview is no way round that."""
    hashed = hash_of(sending.hasher, found.channel, to)

    def work(connection: Connection) -> datetime:
        now = read_now(connection)
        if EVERYTHING in read_suppressions(connection, [hashed]).get(hashed, ()):
            raise NotSent("this address has refused to be written to")
        target = {
            "message": shown.message,
            "channel": found.channel,
            "language": found.language,
            "address_hash": hashed.hash,
        }
        note_action(connection, "preview", target, by=sending.by, now=now)
        return now

    return in_transaction(sending.engine, work)


def _letter(channel: str, address: str, found: Written, now: datetime) -> Letter:
    """Of no message: what the provider tells of it later is nobody's, and is set aside."""
    mark = MARKS.get(found.written_in or "", MARKS["en"])
    return Letter(
        message_id=uuid4().hex,
        attempt=1,
        channel=channel,
        address=address,
        text=f"{mark}{found.text}",
        expires=now + USEFUL,
        subject=f"{mark}{found.subject}" if found.subject else None,
        html=found.html,
    )
