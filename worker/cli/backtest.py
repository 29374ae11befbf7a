"""What would a trigger have said since a moment, over the events that are stored?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Engine

from triggers.configuration import Configuration
from triggers.fuses import fuse_of
from triggers.mistakes import meant
from triggers.reading.quantities import parse_span
from triggers.summary import Summary
from worker.cli.database import tell_database
from worker.cli.outcomes import Format, print_outcomes
from worker.cli.simulate import NotRead, read_folder
from worker.following import Following
from worker.hashing import Hasher
from worker.settings import Settings, read_settings
from worker.steps.backtest import Trial, save
from worker.steps.backtest import backtest as replay
from worker.store.clock import read_now
from worker.store.engine import in_transaction, make_engine, reading
from worker.store.house_key import hashing_key

app = typer.Typer(add_completion=False)


@app.command()
def backtest(  # noqa: PLR0913, PLR0917 - one option each
    trigger: Annotated[str | None, typer.Argument(help="Its name.")] = None,
    since: Annotated[str, typer.Option(help="How far back, such as 30d.")] = "30d",
    all_: Annotated[bool, typer.Option("--all", help="Every trigger, with their limits.")] = False,
    config: Annotated[Path | None, typer.Option(help="Not what is in force, but this.")] = None,
    templates: Annotated[Path | None, typer.Option(help="The texts that go with it.")] = None,
    keep: Annotated[
        bool, typer.Option("--save", help="Measure the trigger's fuse by its busiest hour.")
    ] = False,
    format_: Annotated[Format, typer.Option("--format")] = Format.TEXT,
) -> None:
    """Decide anew over stored events, as if the trigger had been live for everybody since then."""
    settings = read_settings()
    if keep:
        tell_database(settings)
    engine = make_engine(settings.database_url)
    try:
        configuration = _configuration(engine, settings, config, templates)
        only = _named(configuration, trigger, all_)
        now = reading(engine, read_now)
        trial = Trial(configuration, only, now - _length(since), now)
        told = replay(engine, _hasher(engine, settings), trial)
        summary = print_outcomes(told, format_, configuration.policy)
        if keep:
            save(engine, trial, summary)
            _tell(summary, configuration, only)
    finally:
        engine.dispose()


def _configuration(
    engine: Engine, settings: Settings, config: Path | None, templates: Path | None
) -> Configuration:
    if config or templates:
        return read_folder(config or settings.config_dir, templates or settings.templates_dir)
    found = Following(engine).active()
    if found is None:
        raise NotRead("no configuration is in force: name one with --config and --templates")
    return found


def _named(configuration: Configuration, trigger: str | None, all_: bool) -> str | None:
    if all_ == bool(trigger):
        raise NotRead("name one trigger, or write --all")
    if trigger and trigger not in configuration.triggers:
        hint = meant(trigger, configuration.triggers)
        raise NotRead(f"there is no trigger {trigger!r}{hint}")
    return trigger


def _length(text: str) -> timedelta:
    try:
        return parse_span(text)
    except ValueError as error:
        raise NotRead(f"--since: {error}") from error


def _hasher(engine: Engine, settings: Settings) -> Hasher:
    given = settings.suppression_key.get_secret_value() if settings.suppression_key else None
    return Hasher(in_transaction(engine, lambda connection: hashing_key(connection, given)))


def _tell(summary: Summary, configuration: Configuration, only: str | None) -> None:
    for name in [only] if only else sorted(configuration.triggers):
        account = summary.accounts.get(name)
        busiest = account.busiest[0] if account else 0
        rate = fuse_of(configuration.policy, busiest)
        told = f"{name}: at most {busiest} messages an hour; its fuse is {rate.count} an hour"
        typer.echo(told, err=True)
