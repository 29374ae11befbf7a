"""What would have been sent, by a file of events and a virtual clock, without sending?"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import Annotated, Any, BinaryIO
from zoneinfo import ZoneInfo

import typer

from triggers.admission import CUSTOMERS_DOOR, admit
from triggers.clerk import House
from triggers.configuration import Configuration
from triggers.doubts import unread
from triggers.events import OWN_SOURCE
from triggers.forecast import Forecast
from triggers.lines import Line
from triggers.moments import read_moment
from triggers.profile_updates import as_update, of_profile
from triggers.refusals import Kind, Problem, Refusal
from triggers.remembering import BEGINNING
from triggers.retelling import Retelling
from triggers.strict_json import NotJson, loads
from triggers.verdicts import Outcome
from worker.cli.check import checked
from worker.cli.lines import bar, bare, opened
from worker.cli.outcomes import Format, print_outcomes
from worker.cli.recorded import Recorded
from worker.cli.whereabouts import ConfigFolder, TemplatesFolder
from worker.told import Told

app = typer.Typer(add_completion=False)

ALWAYS = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
NO_CUSTOMER = Problem("", "must be an object with an id: a text")


class NotRead(Told):
    """A configuration or a time cannot be read."""


@app.command()
def simulate(  # noqa: PLR0913, PLR0917 - the command's contract
    events: Annotated[str, typer.Option(help="CloudEvents, one a line; - reads what comes in.")],
    customers: Annotated[Path | None, typer.Option(help="Customers, one a line.")] = None,
    from_: Annotated[str | None, typer.Option("--from", help="Tell nothing before it.")] = None,
    until: Annotated[str | None, typer.Option(help="Stop the clock then.")] = None,
    config: ConfigFolder = Path("config"),
    templates: TemplatesFolder = Path("templates"),
    format_: Annotated[Format, typer.Option("--format")] = Format.TEXT,
) -> None:
    """Decide over recorded events with a virtual clock, and tell each outcome."""
    configuration = read_folder(config, templates)
    zone = ZoneInfo(configuration.policy.timezone)
    span = (moment(from_, zone) or ALWAYS[0], moment(until, zone) or ALWAYS[1])
    if span[0] > span[1]:
        raise NotRead(f"--from {from_} is after --until {until}")
    house = House()
    forecast, retelling = Forecast(configuration, house=house), Retelling(configuration, house)
    refused = Refused()
    if customers:
        _know(forecast, configuration, str(customers), refused)
    with opened(events) as (stream, size), _seekable(stream) as file:
        recorded = Recorded(file, configuration, refused.of(events))
        with bar("reading", size) as progress:
            for done in recorded.look_through():
                progress.update(progress.task_ids[0], completed=done)
        told = within(_played(forecast, recorded, retelling, span[1]), *span)
        print_outcomes(told, format_, configuration.policy)
    refused.told(recorded.duplicates, retelling.said_anew)


def read_folder(config: Path, templates: Path) -> Configuration:
    configuration, mistakes = checked(config, templates)
    if configuration is None:
        raise NotRead("\n".join(map(str, mistakes)))
    return configuration


def within(lines: Iterator[Line], first: datetime, last: datetime) -> Iterator[Line]:
    """Of what comes to an end only that of the interval, and all that still waits."""
    for line in lines:
        if line.outcome is Outcome.PENDING or first <= line.at <= last:
            yield line


class Refused:
    """Tells of lines that are refused, each with its place, and counts them."""

    def __init__(self) -> None:
        self._count = 0

    def of(self, file: str) -> Callable[[int, str], None]:
        def complain(number: int, why: str) -> None:
            self._count += 1
            typer.echo(f"{file}:{number}: refused: {why}", err=True)

        return complain

    def doubt(self, file: str) -> Callable[[int, Problem], None]:
        """Of each field once: a file of a million customers has the same slip a million times."""
        known = set[str]()

        def warn(number: int, problem: Problem) -> None:
            if problem.pointer not in known:
                known.add(problem.pointer)
                told = f"{problem.pointer} {problem.detail}"
                typer.echo(f"{file}:{number}: warning: {told}", err=True)

        return warn

    def told(self, duplicates: int, said_anew: int) -> None:
        """`said_anew`: what the system said of its triggers then, and says here as it comes."""
        anew = f", said anew {said_anew}" if said_anew else ""
        if self._count or duplicates or anew:
            typer.echo(f"refused {self._count}, duplicates {duplicates}{anew}", err=True)


@contextmanager
def _seekable(stream: BinaryIO) -> Iterator[BinaryIO]:
    """What comes in through a pipe is kept in a file, so that it can be read twice."""
    if stream.seekable():
        yield stream
        return
    with TemporaryFile() as file:
        shutil.copyfileobj(stream, file)
        file.seek(0)
        yield file


def _played(
    forecast: Forecast, recorded: Recorded, retelling: Retelling, until: datetime
) -> Iterator[Line]:
    with bar("deciding", len(recorded)) as progress:
        for number, event in enumerate(recorded.events(), start=1):
            if event.received > until:
                break
            if number % 1000 == 0:
                progress.update(progress.task_ids[0], completed=number)
            if event.source == OWN_SOURCE:
                # what it speaks of may only be sent now
                yield from retelling.heard(forecast.advance(event.received))
            fact = retelling.fact(event)
            if fact is not None:
                yield from retelling.heard(forecast.take(fact))
        yield from forecast.finish(until)


def moment(text: str | None, zone: ZoneInfo) -> datetime | None:
    """Without an offset it is on the policy's clock; a date is its midnight."""
    if text is None:
        return None
    found = read_moment(text, zone)
    if found is None:
        raise NotRead(f"{text!r} is not a time, such as 2026-12-01 or 2026-12-01T09:00:00Z")
    return found.begins


def _know(forecast: Forecast, configuration: Configuration, file: str, refused: Refused) -> None:
    """Each line is a profile from before all events."""
    complain, doubt = refused.of(file), refused.doubt(file)
    with opened(file) as (stream, size), bar("customers", size) as progress:
        for number, line in enumerate(stream, start=1):
            progress.update(progress.task_ids[0], advance=len(line))
            if not line.strip():
                continue
            try:
                customer, profile = _customer(loads(bare(line, number)), configuration)
            except (NotJson, Refusal) as wrong:
                complain(number, str(wrong))
                continue
            for problem in unread(profile, configuration.profile):
                doubt(number, problem)
            forecast.know(customer, profile, BEGINNING)


def _customer(value: Any, configuration: Configuration) -> tuple[str, Mapping[str, Any]]:
    """As `outreach customers import` would take it."""
    if not isinstance(value, dict) or not isinstance(value.get("id"), str):
        raise Refusal(Kind.MALFORMED, (NO_CUSTOMER,))
    now = BEGINNING.time
    update = as_update(value, value["id"], now=now)
    catalog, policy = configuration.catalog, configuration.policy
    try:
        event = admit(update, catalog, policy, now=now, history=True, door=CUSTOMERS_DOOR)
    except Refusal as wrong:
        raise Refusal(wrong.kind, tuple(map(of_profile, wrong.problems))) from None
    return event.customer, event.data
