"""Does a trigger do what its own examples say?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from triggers.admission import admit
from triggers.clock import instant
from triggers.configuration import Configuration
from triggers.definitions import Trigger
from triggers.envelope import Envelope
from triggers.events import OWN_SOURCE, Event, Order
from triggers.forecast import Forecast
from triggers.lines import Line
from triggers.refusals import Refusal
from triggers.verdicts import Outcome

BEGINNING = Order(datetime(1970, 1, 1, tzinfo=UTC), "", "")
END = datetime(9000, 1, 1, tzinfo=UTC)
SPOKEN = {Outcome.SENT, Outcome.HANDED_OVER}
EXPECTED_WORDS = {"at", "after", "before", "sms", "email", "agent"}


@dataclass(frozen=True, slots=True)
class Failure:
    """An example that came out otherwise. `came` tells every outcome, also those of silence."""

    trigger: str
    example: str
    place: str
    complaints: tuple[str, ...]
    came: tuple[Line, ...]


def run_examples(configuration: Configuration) -> Iterator[Failure | None]:
    """One answer for each example of each trigger: None where it holds."""
    for trigger in configuration.triggers.values():
        for number, example in enumerate(trigger.examples, start=1):
            yield _run(configuration, trigger, example, number)


def _run(
    configuration: Configuration, trigger: Trigger, example: Mapping[str, Any], number: int
) -> Failure | None:
    name = str(example.get("name", f"example {number}"))
    try:
        lines = tuple(_play(configuration, trigger, example))
        complaints = tuple(_compare(example.get("expect", ()), lines))
    except (Refusal, ValueError, KeyError, TypeError) as error:
        lines, complaints = (), (f"the example cannot be read: {error}",)
    if not complaints:
        return None
    return Failure(trigger.name, name, str(trigger.place), complaints, lines)


def _play(
    configuration: Configuration, trigger: Trigger, example: Mapping[str, Any]
) -> Iterator[Line]:
    forecast = Forecast(configuration, only=trigger.name, arms=False)
    customer = dict(example["customer"])
    forecast.know(str(customer.pop("id")), customer, BEGINNING)
    events = [
        _event(configuration, example, written, number)
        for number, written in enumerate(example["events"], start=1)
    ]
    for event in sorted(events, key=lambda one: one.received):
        yield from forecast.take(event)
    yield from forecast.finish(END)


def _event(
    configuration: Configuration,
    example: Mapping[str, Any],
    written: Mapping[str, Any],
    number: int,
) -> Event:
    moment = instant(written["at"])
    envelope = Envelope(
        source=str(written.get("source", "example")),
        id=str(written.get("id", f"e{number:04}")),
        type=written["type"],
        subject=str(written.get("subject", example["customer"]["id"])),
        time=moment,
        data=written.get("data", {}),
        extensions={},
    )
    received = instant(written["received"]) if "received" in written else moment
    if envelope.type.startswith(f"{OWN_SOURCE}."):
        return _own_event(envelope, received)
    return admit(
        envelope, configuration.catalog, configuration.policy, now=received, door="example"
    )


def _own_event(envelope: Envelope, received: datetime) -> Event:
    """What the system itself says comes through no door, and an example may still begin by it."""
    return Event(
        source=OWN_SOURCE,
        id=envelope.id,
        type=envelope.type,
        time=envelope.time or received,
        customer=envelope.subject or "",
        data=envelope.data,
        received=received,
        subject=envelope.subject,
    )


def _compare(expected: Sequence[Mapping[str, Any]], lines: Sequence[Line]) -> Iterator[str]:
    spoken = sorted((one for one in lines if one.outcome in SPOKEN), key=lambda one: one.at)
    for wanted, came in zip(expected, spoken, strict=False):
        yield from _differences(wanted, came)
    for wanted in expected[len(spoken) :]:
        yield f"expected {dict(wanted)}, and nothing came"
    for came in spoken[len(expected) :]:
        yield f"not expected: {describe(came)}"


def _differences(wanted: Mapping[str, Any], came: Line) -> Iterator[str]:
    for word in wanted.keys() - EXPECTED_WORDS:
        yield f"{word!r} is no word of an expectation: {', '.join(sorted(EXPECTED_WORDS))}"
    if "at" in wanted and instant(wanted["at"]) != came.at:
        yield f"expected at {wanted['at']}, came {describe(came)}"
    if "after" in wanted and came.at < instant(wanted["after"]):
        yield f"expected after {wanted['after']}, came {describe(came)}"
    if "before" in wanted and came.at > instant(wanted["before"]):
        yield f"expected before {wanted['before']}, came {describe(came)}"
    if "agent" in wanted and (came.outcome, came.to) != (Outcome.HANDED_OVER, wanted["agent"]):
        yield f"expected a person of {wanted['agent']}, came {describe(came)}"
    for channel in ("sms", "email"):
        if channel in wanted:
            yield from _letter_differences(channel, wanted[channel], came)


def _letter_differences(channel: str, wanted: Mapping[str, Any], came: Line) -> Iterator[str]:
    if came.channel != channel:
        yield f"expected {channel}, came {describe(came)}"
        return
    if "to" in wanted and wanted["to"] != came.to:
        yield f"expected to {wanted['to']}, came to {came.to}"
    whole = f"{came.subject or ''}\n{came.text or ''}"
    if "contains" in wanted and wanted["contains"] not in whole:
        yield f"expected a text with {wanted['contains']!r}, came {whole.strip()!r}"


def describe(line: Line) -> str:
    parts = (line.outcome.value, line.reason, line.channel, line.to)
    return f"{line.at.isoformat()} " + " ".join(part for part in parts if part)
