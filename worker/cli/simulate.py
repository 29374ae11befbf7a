"""What would have been sent, by a file of events and a virtual clock, without sending?"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from triggers.admission import admit
from triggers.clock import wall
from triggers.configuration import Configuration
from triggers.envelope import read_envelope, read_time
from triggers.events import Event, Order
from triggers.forecast import Forecast
from triggers.lines import Line
from triggers.refusals import Refusal
from triggers.strict_json import NotJson, loads
from worker.cli.check import checked
from worker.told import Told

app = typer.Typer(add_completion=False)

BEGINNING = Order(datetime(1970, 1, 1, tzinfo=UTC), "", "")


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"


class NotRead(Told):
    """A file of events or customers, or a time, cannot be read."""


@app.command()
def simulate(  # noqa: PLR0913, PLR0917 - the command's contract
    events: Annotated[Path, typer.Option(help="CloudEvents, one a line.")],
    customers: Annotated[Path | None, typer.Option(help="Customers, one a line.")] = None,
    from_: Annotated[str | None, typer.Option("--from", help="Tell nothing before it.")] = None,
    until: Annotated[str | None, typer.Option(help="Stop the clock then.")] = None,
    config: Annotated[Path, typer.Option(envvar="OUTREACH_CONFIG_DIR")] = Path("config"),
    templates: Annotated[Path, typer.Option(envvar="OUTREACH_TEMPLATES_DIR")] = Path("templates"),
    format_: Annotated[Format, typer.Option("--format")] = Format.TEXT,
) -> None:
    """Decide over recorded events with a virtual clock, and print each outcome."""
    configuration, mistakes = checked(config, templates)
    if configuration is None:
        raise NotRead("\n".join(map(str, mistakes)))
    zone = ZoneInfo(configuration.policy.timezone)
    first = _moment(from_, zone, datetime.min.replace(tzinfo=UTC))
    last = _moment(until, zone, datetime.max.replace(tzinfo=UTC))
    forecast = Forecast(configuration)
    for profile in _customers(customers):
        forecast.know(profile.pop("id"), profile, BEGINNING)
    told = (
        line
        for line in _play(forecast, _events(events, configuration), last)
        if first <= line.at <= last or line.outcome == "pending"
    )
    _print(told, format_)


def _play(forecast: Forecast, events: list[Event], until: datetime) -> Iterator[Line]:
    for event in events:
        if event.received > until:
            break
        yield from forecast.take(event)
    yield from forecast.finish(until)


def _moment(text: str | None, zone: ZoneInfo, default: datetime) -> datetime:
    """A moment with an offset, or a date, which is its midnight on the policy's clock."""
    if text is None:
        return default
    try:
        if len(text) == len("2026-12-01"):
            return wall(datetime.combine(date.fromisoformat(text), datetime.min.time()), zone)
        return read_time(text)
    except ValueError as error:
        raise NotRead(f"{text!r} is not a time, such as 2026-12-01 or 2026-12-01T09:00:00Z") from (
            error
        )


def _customers(file: Path | None) -> Iterator[dict[str, Any]]:
    for place, value in _lines(file) if file else ():
        if not isinstance(value, dict) or not isinstance(value.get("id"), str) or not value["id"]:
            raise NotRead(f"{place}: a customer is an object with an id")
        yield value


def _events(file: Path, configuration: Configuration) -> list[Event]:
    """In the order they count as received: at their time, or at their extension receivedat."""
    found = []
    for place, value in _lines(file):
        try:
            envelope = read_envelope(value)
            received = envelope.received or envelope.time
            if received is None:
                raise NotRead(f"{place}: an event without a time cannot be simulated")
            found.append(
                admit(
                    envelope,
                    configuration.catalog,
                    configuration.policy,
                    now=received,
                    door="simulate",
                )
            )
        except Refusal as refusal:
            typer.echo(f"{place}: refused: {refusal}", err=True)
    return sorted(found, key=lambda event: (event.received, event.order))


def _lines(file: Path) -> Iterator[tuple[str, Any]]:
    try:
        with file.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield f"{file}:{number}", loads(line)
    except OSError as error:
        raise NotRead(f"{file}: {error.strerror}") from error
    except NotJson as error:
        raise NotRead(f"{file}: {error}") from error


def _print(lines: Iterator[Line], format_: Format) -> None:
    if format_ is Format.JSON:
        for line in lines:
            typer.echo(json.dumps(line.as_mapping(), ensure_ascii=False))
        return
    counts: Counter[tuple[str, str, str]] = Counter()
    for line in lines:
        counts[line.key.trigger, line.outcome.value, line.reason or ""] += 1
        words = (line.at.isoformat(), line.outcome, line.reason, line.channel, line.to)
        said = " ".join(str(word) for word in words if word)
        typer.echo(f"{said} · {line.key.trigger} {line.key.customer} {line.key.key}")
    for (trigger, outcome, reason), number in sorted(counts.items()):
        typer.echo(f"{number:>8}  {trigger}  {outcome}  {reason}".rstrip())
