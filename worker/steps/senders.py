"""By which sender does a letter leave, and what do its answers say of that sender's health?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import structlog
from sqlalchemy import Connection

from triggers.addresses import SMS, Phone, phone_of
from triggers.clock import stamp
from worker.breaking import WELL, Health, failed, slowed, stopped, succeeded, tried
from worker.channels.base import Accepted, Misconfigured, Refused, TryLater, Uncertain
from worker.steps.answers import Answer
from worker.store.alerts import Alarm, Raised, close_alert, raise_alerts
from worker.store.senders import LINE, hold_lines, line_name, read_unwell, write_health

log = structlog.get_logger(__name__)

Senders = Mapping[str, Sequence[str]]
"""Channel -> the senders this installation has for it, the one to be preferred first."""


class Choice(NamedTuple):
    """`until` None: the sender takes a letter now."""

    sender: str
    until: datetime | None


class Lines:
    """Which sender takes the next letter of a batch?"""

    def __init__(self, senders: Senders, health: Mapping[str, Health], now: datetime) -> None:
        self._senders = senders
        self._health = dict(health)
        self._now = now
        self.trials: dict[str, Health] = {}

    def choose(self, channel: str, address: str) -> Choice:
        """The first that takes one now; where all of them rest, the first to be back."""
        if not self._health:
            return Choice(self._senders[channel][0], None)
        choices = [
            Choice(one, self._rests(one, channel, address)) for one in self._senders[channel]
        ]
        free = (one for one in choices if one.until is None)
        return next(free, None) or min(choices, key=lambda one: one.until or self._now)

    def take(self, sender: str, channel: str, address: str) -> None:
        """One letter leaves by it; of a sender that was down, nothing more until it is heard."""
        for name in self._names(sender, channel, address):
            if self._health[name].is_down:
                self._health[name] = self.trials[name] = tried(self._health[name], self._now)

    def _rests(self, sender: str, channel: str, address: str) -> datetime | None:
        names = self._names(sender, channel, address)
        found = (self._health[name].waits_until(self._now) for name in names)
        return max((moment for moment in found if moment is not None), default=None)

    def _names(self, sender: str, channel: str, address: str) -> list[str]:
        return list(_lines_of(sender, channel, address, self._health))


def keep_trials(connection: Connection, lines: Lines) -> None:
    """The lines must be held."""
    write_health(connection, lines.trials)


class Change(NamedTuple):
    """A line as it was and as it is; `kind`: what there is to say of it where it rests."""

    name: str
    before: Health
    after: Health
    kind: Alarm


class Heard(NamedTuple):
    """What a sender answered to one letter."""

    sender: str
    channel: str
    address: str
    answer: Answer


def keep_health(connection: Connection, answers: Sequence[Heard], *, now: datetime) -> None:
    """Write what these answers change of their senders: nothing at all, while all is well."""
    known = read_unwell(connection)
    names = set(_after(answers, known, now))
    if not names:
        return
    held = hold_lines(connection, names)
    changed = _after(answers, {**known, **held}, now)
    write_health(connection, changed)
    ours = {
        n for one in answers if isinstance(one.answer, Misconfigured) for n in _touched(one, {})
    }
    for name, health in sorted(changed.items()):
        kind = Alarm.SENDER_BROKEN if name in ours else Alarm.SENDER_FAILING
        _tell(connection, Change(name, held.get(name, WELL), health, kind), now)


def _after(
    answers: Iterable[Heard], known: Mapping[str, Health], now: datetime
) -> dict[str, Health]:
    """The lines that are not as they were, by name."""
    found = dict(known)
    for one in answers:
        for name in _touched(one, found):
            found[name] = _heard(found.get(name, WELL), one.answer, now)
    return {name: one for name, one in found.items() if one != known.get(name, WELL)}


def _touched(one: Heard, known: Mapping[str, Health]) -> Iterable[str]:
    match one.answer:
        case Misconfigured(this_country=True):
            return [line_name(one.sender, _country(one.address))]
        case Misconfigured() | Uncertain() | TryLater():
            return [line_name(one.sender)]
        case _:
            return _lines_of(one.sender, one.channel, one.address, known)


def _heard(health: Health, answer: Answer, now: datetime) -> Health:
    match answer:
        case Accepted() | Refused():
            return succeeded(health)
        case Misconfigured():
            return stopped(health, answer.code, now)
        case TryLater(too_fast=True):
            return slowed(health, answer.after, now)
        case TryLater(failing=True) | Uncertain():
            return failed(health, answer.code, now)
        case _:
            return health


def _lines_of(
    sender: str, channel: str, address: str, known: Mapping[str, Health]
) -> Iterable[str]:
    """The sender's own line, and that to the country, as far as anything is known of them."""
    if not known:
        return
    whole = line_name(sender)
    if whole in known:
        yield whole
    if channel == SMS and any(name.startswith(f"{whole} to ") for name in known):
        abroad = line_name(sender, _country(address))
        if abroad in known:
            yield abroad


def _country(address: str) -> str:
    found = phone_of(address)
    return found.country if isinstance(found, Phone) else "?"


def _tell(connection: Connection, one: Change, now: datetime) -> None:
    subject, before, after = one.name.removeprefix(LINE), one.before, one.after
    if before.is_down and not after.is_down:
        log.warning("sender_recovered", sender=subject)
        for kind in (Alarm.SENDER_BROKEN, Alarm.SENDER_FAILING):
            close_alert(connection, kind, subject, now=now)
    elif after.is_down and (after.why, after.breaks) != (before.why, before.breaks):
        log.error("sender_rests", sender=subject, code=after.why, breaks=after.breaks)
        detail = f"{after.why}; tried again at {stamp(after.until or now)}"
        raise_alerts(connection, [Raised(one.kind, subject, detail)], now=now)
