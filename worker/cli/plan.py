"""What would this configuration change among what waits? Nothing is written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from triggers.clock import stamp
from triggers.configuration import ConfigurationRefused
from worker.cli.check import Format, tell_refused
from worker.cli.terminal import told_at
from worker.cli.whereabouts import ConfigFolder, Folders, TemplatesFolder
from worker.folder import read_folders
from worker.hashing import Hasher
from worker.settings import Settings, read_settings
from worker.steps.planning import Plan, Planned, Sample
from worker.steps.planning import plan as ask
from worker.store.engine import make_engine, reading
from worker.store.house_key import kept_key

app = typer.Typer(add_completion=False)


@app.command()
def plan(
    config: ConfigFolder = Path("config"),
    templates: TemplatesFolder = Path("templates"),
    sample: Annotated[int, typer.Option(min=0, help="So many occurrences a trigger.")] = 5,
    format_: Annotated[Format, typer.Option("--format", help="How it is told.")] = Format.TEXT,
) -> None:
    """Show what `outreach apply` would move, call off and add; nothing is written."""
    files, unreadable = read_folders(config, templates)
    try:
        if unreadable:
            raise ConfigurationRefused(unreadable)
        found = _asked(read_settings(), files, sample)
    except ConfigurationRefused as refused:
        tell_refused(refused.mistakes, Folders(config, templates), format_)
        raise typer.Exit(1) from None
    if format_ is Format.JSON:
        typer.echo(json.dumps(asdict(found), ensure_ascii=False, default=_plain))
    else:
        typer.echo("\n".join(_lines(found)))


def _asked(settings: Settings, files: dict[str, str], sample: int) -> Plan:
    given = settings.suppression_key.get_secret_value() if settings.suppression_key else None
    engine = make_engine(settings.database_url)
    try:
        key = reading(engine, lambda connection: kept_key(connection, given))
        # before the first key is made nothing is hashed, so any will do
        return ask(engine, files, Hasher(key or "none yet"), most=sample)
    finally:
        engine.dispose()


def _lines(found: Plan) -> Iterator[str]:
    if found.active == found.hash:
        yield f"in force already: {found.hash}"
        return
    yield f"in force: {found.active or 'nothing'}; this is {found.hash}"
    yield from (f"  {how:<8} {file}" for file, how in found.files.items() if found.active)
    for one in found.triggers:
        yield f"{one.trigger} ({one.how}): {_counts(one)}"
        yield from map(_sample, one.sample)
    if not found.triggers:
        yield "no trigger changes: what waits stays as it is"


def _counts(one: Planned) -> str:
    if one.how == "new" and not any(one.changes.values()):
        return "sees what is received after its apply"
    stay = one.waiting - one.changes["moved"] - one.changes["called_off"]
    told = (f"{number} {word.replace('_', ' ')}" for word, number in one.changes.items())
    return ", ".join([f"{one.waiting} waiting", *told, f"{stay} stay"])


def _sample(one: Sample) -> str:
    moments = " → ".join(told_at(moment) for moment in (one.before, one.after) if moment)
    words = (one.change.replace("_", " "), one.customer, one.key, one.epoch, moments, one.reason)
    return "    " + "  ".join(word for word in words if word)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return stamp(value)
    raise TypeError(f"{type(value).__name__} is not told")
