"""What becomes of a list of events that nobody has looked at, none of which may be lost?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection, Engine

from triggers.admission import admit
from triggers.catalog import CUSTOMER_UPDATED
from triggers.configuration import Configuration
from triggers.envelope import digest, read_envelope
from triggers.refusals import Kind, Problem, Refusal
from triggers.strict_json import NotJson, loads
from worker.steps.accept import Conflict, Incoming, accept
from worker.store.by_index import plan_by_index
from worker.store.clock import read_now
from worker.store.engine import in_transaction
from worker.store.refused import keep_refused

LONGEST_RAW = 1_048_576
NOT_HERE = Problem("/type", "is a profile, which this door may not write")
OTHER_SOURCE = Problem("/source", "is not the one source of this door")
KNOWN = Problem("/id", "is known, with other content")


@dataclass(frozen=True, slots=True)
class Summary:
    """How many were new, how many we had, and how many are kept as refused, with their reasons."""

    accepted: int
    duplicates: int
    refused: int


@dataclass(frozen=True, slots=True)
class Door:
    """Where a list came in, and what it may do there; `source`: the only one that may be named."""

    name: str
    history: bool = False
    may_write_customers: bool = False
    source: str | None = None


@dataclass(frozen=True, slots=True)
class _Raw:
    """One element as it came; `value` None: unreadable."""

    given: str | bytes
    value: Any
    problems: tuple[Problem, ...] = ()

    @property
    def text(self) -> str:
        """As it can be kept and read again."""
        return _text(self.given)


def accept_or_refuse(
    engine: Engine,
    configuration: Configuration,
    raw: Sequence[Any],
    *,
    door: str,
    history: bool = False,
    may_write_customers: bool,
) -> Summary:
    """Store what can be accepted, and keep what cannot with every reason. Texts or JSON values."""
    way = Door(door, history=history, may_write_customers=may_write_customers)
    return take_in(engine, configuration, raw, way)


def take_in(
    engine: Engine,
    configuration: Configuration,
    raw: Sequence[Any],
    door: Door,
    *,
    now: datetime | None = None,
) -> Summary:
    """The same, by a door that is described whole."""
    read = [_read(one) for one in raw]
    return in_transaction(
        engine, lambda c: _store(c, configuration, read, door, plan_by_index(c, now))
    )


def admitted(raw: Any, configuration: Configuration, door: Door, *, now: datetime) -> Incoming:
    """The event, ready to be stored; Refusal with every reason why it may not be."""
    return _admit(_read(raw), configuration, door, now)


def refuse(engine: Engine, raw: Any, why: str, *, door: str) -> None:
    """Keep what is not even a list of events."""
    way = Door(door)
    one, problem = _Raw(_text(raw)[:LONGEST_RAW], None), Problem("", why)

    def keep(connection: Connection) -> None:
        keep_refused(connection, [_refused_row(one, [problem], way, read_now(connection))])

    in_transaction(engine, keep)


def _store(
    connection: Connection,
    configuration: Configuration,
    raw: Sequence[_Raw],
    door: Door,
    now: datetime,
) -> Summary:
    admitted: list[tuple[_Raw, Incoming]] = []
    refused: list[dict[str, Any]] = []
    for one in raw:
        try:
            admitted.append((one, _admit(one, configuration, door, now)))
        except Refusal as refusal:
            refused.append(_refused_row(one, refusal.problems, door, now))
    groups = [[incoming] for _, incoming in admitted]
    outcomes = accept(connection, groups, now=now, bundle=configuration.hash)
    accepted = duplicates = 0
    for (one, _), outcome in zip(admitted, outcomes, strict=True):
        if isinstance(outcome, Conflict):
            refused.append(_refused_row(one, (KNOWN,), door, now))
        else:
            accepted, duplicates = accepted + outcome.accepted, duplicates + outcome.duplicates
    keep_refused(connection, refused)
    return Summary(accepted, duplicates, len(refused))


def _admit(one: _Raw, configuration: Configuration, door: Door, now: datetime) -> Incoming:
    if one.problems:
        raise Refusal(Kind.MALFORMED, one.problems)
    envelope = read_envelope(one.value)
    event = admit(
        envelope,
        configuration.catalog,
        configuration.policy,
        now=now,
        history=door.history,
        door=door.name,
    )
    if door.source is not None and event.source != door.source:
        raise Refusal(Kind.AGAINST_CATALOG, (OTHER_SOURCE,))
    if event.type == CUSTOMER_UPDATED and not door.may_write_customers:
        raise Refusal(Kind.AGAINST_CATALOG, (NOT_HERE,))
    return Incoming(event, digest(envelope), door.may_write_customers, door.name)


def _read(one: Any) -> _Raw:
    """Both kinds go the same way: what came as a value is written as JSON and read strictly."""
    data = one if isinstance(one, bytes) else _written(one)
    if data is not None and len(data) <= LONGEST_RAW:
        # what cannot be read is read again, as the text that will be kept of it
        with suppress(NotJson):
            return _Raw(data, loads(data))
    text = _text(one)
    if len(text) > LONGEST_RAW:
        return _Raw(text[:LONGEST_RAW], None, (Problem("", "is larger than 1 MiB"),))
    try:
        return _Raw(text, loads(text))
    except NotJson as wrong:
        return _Raw(text, None, (Problem(wrong.pointer, wrong.detail),))


def _written(value: Any) -> bytes | None:
    """A value in JSON's own types as the fastest writer writes it; None where it is anything else.

    Read back it must be the same: NaN is not, nor a date, nor a key that is no text.
    """
    if isinstance(value, str):
        return None
    try:
        data = orjson.dumps(value, option=orjson.OPT_PASSTHROUGH_DATACLASS)
        return data if orjson.loads(data) == value else None
    except (orjson.JSONEncodeError, orjson.JSONDecodeError, RecursionError):
        return None


def _text(one: Any) -> str:
    """A text that every database can keep: no NUL, no half of a surrogate pair."""
    if isinstance(one, bytes):
        one = one.decode("utf-8", "backslashreplace")
    if not isinstance(one, str):
        return _dumped(one)
    return one.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\u0000")


def _dumped(value: Any) -> str:
    try:
        return json.dumps(value, default=_plain)
    except (RecursionError, ValueError) as error:
        return f"<{type(error).__name__}>"


def _plain(value: Any) -> Any:
    """What a Celery client sends as a date, a UUID or a decimal arrives here as one again."""
    match value:
        case date() | time():
            return value.isoformat()
        case UUID():
            return str(value)
        case Decimal():
            return float(value)
        case _:
            return f"<{type(value).__name__}>"


def _refused_row(
    one: _Raw, problems: Sequence[Problem], door: Door, now: datetime
) -> dict[str, Any]:
    named: Mapping[str, Any] = one.value if isinstance(one.value, Mapping) else {}
    text = one.text
    return {
        "door": door.name,
        "received_at": now,
        "raw": text,
        "raw_hash": sha256(text.encode()).hexdigest()[:32],
        "reasons": [{"pointer": each.pointer, "detail": each.detail} for each in problems],
        "state": "refused",
        **{name: _word(named.get(name)) for name in ("source", "id", "type")},
    }


def _word(value: Any) -> str | None:
    return value[:500] if isinstance(value, str) else None
