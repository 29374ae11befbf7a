"""How does a file of customers become profiles?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import typer

from triggers.admission import CUSTOMERS_DOOR
from triggers.configuration import Configuration
from triggers.doubts import doubtful
from triggers.envelope import Envelope
from triggers.profile_updates import as_updates, as_written, of_profile
from triggers.strict_json import NotJson, loads
from worker.cli.database import tell_database
from worker.cli.door import open_door
from worker.cli.lines import Line
from worker.cli.operating import opened
from worker.cli.publish import Format, Told_, say, take_all, take_lines, tell
from worker.cli.signing import By, named
from worker.clock import utc_now
from worker.settings import read_settings
from worker.steps.accepting import Summary
from worker.steps.merge import Merge, Two
from worker.store.bulk import as_json
from worker.store.engine import make_engine, snapshot
from worker.store.erasure import Whose, held_of, whole
from worker.wiring import RECEIPT_READERS

File = Annotated[
    str, typer.Argument(help="JSON lines, one customer each with its `id`; - reads what comes in.")
]
NOT_YET = "nothing is done yet: --yes does it, for good"
app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def customers() -> None:
    """What is known of customers."""


@app.command("import")
def import_(file: File, format_: Told_ = Format.TEXT) -> None:
    """Import profiles: JSON lines, one flat object each, with its `id`."""
    now = utc_now()
    with open_door(read_settings(), CUSTOMERS_DOOR) as door:

        def take(lines: list[Line]) -> Summary:
            updates = _updates(lines, now)
            for (number, _), update in zip(lines, updates, strict=True):
                _warn(number, update, door.configuration)
            return take_lines(door, lines, updates, of_profile)

        summary = take_all(file, take)
    tell(summary, format_, kept=True)


@app.command()
def export(customer: Annotated[str, typer.Argument(help="The customer's id.")]) -> None:
    """Write everything that is held of a customer: JSON lines, one row each with its table."""
    settings = read_settings()
    tell_database(settings)
    engine = make_engine(settings.database_url)
    whose = Whose(customer, tuple(RECEIPT_READERS))
    try:
        with snapshot(engine) as connection:
            for table, row in held_of(connection, whole(connection, whose)):
                typer.echo(as_json([{"table": table, **row}])[1:-1])
    finally:
        engine.dispose()


@app.command()
def merge(
    old: Annotated[str, typer.Argument(help="The id that ends.")],
    into: Annotated[str, typer.Argument(help="The id that is left.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it; otherwise it is only shown.")] = False,
    by: By = "",
    format_: Told_ = Format.TEXT,
) -> None:
    """Make one customer of two ids: what is of OLD, and what still comes for it, is of INTO."""
    who = named(by) if yes else None
    with opened() as house:
        merging = Merge(house.engine, house.configuration, house.hasher(), Two(old, into), by=who)
        moved = merging.run()
    if format_ is Format.JSON:
        typer.echo(json.dumps({"done": yes, "rows": dict(moved)}))
        return
    lines = [f"{table}: {count}" for table, count in sorted(moved.items())]
    typer.echo("\n".join([*lines, "merged" if yes else NOT_YET]))


def _warn(number: int, update: Any, configuration: Configuration) -> None:
    """What is taken as it stands and will most likely do nothing; what is refused tells more."""
    profile = update["data"] if isinstance(update, Mapping) else {}
    if not configuration.profile.fits(profile):
        return
    for doubt in doubtful(profile, configuration.profile, configuration.policy):
        say(f"line {number}: warning: {doubt.pointer} {doubt.detail}")


def _updates(lines: Sequence[Line], now: datetime) -> list[Any]:
    """Each line's update as an event; one that is no profile as it came, to be kept as refused."""
    found = [_profile(text) for _, text in lines]
    profiles = [one for one in found if isinstance(one, Mapping)]
    made = iter(as_updates([(_named(one), one) for one in profiles], now=now))
    return [_written(one, next(made)) if isinstance(one, Mapping) else one for one in found]


def _profile(text: bytes) -> Mapping[str, Any] | bytes:
    try:
        profile = loads(text)
    except NotJson:
        return text
    return profile if isinstance(profile, Mapping) else text


def _named(profile: Mapping[str, Any]) -> str:
    id_ = profile.get("id")
    return id_ if isinstance(id_, str) else ""


def _written(profile: Mapping[str, Any], update: Envelope) -> dict[str, Any]:
    written = as_written(update)
    id_ = profile.get("id", "")
    # one that is no text the door refuses, and says why
    return written if isinstance(id_, str) else written | {"subject": id_}
