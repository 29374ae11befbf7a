"""What puts the files in force for every worker?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Engine

from triggers.configuration import ConfigurationRefused
from worker.cli.check import Format, tell_refused
from worker.cli.database import tell_database
from worker.cli.history import tell_history
from worker.cli.signing import named
from worker.cli.whereabouts import ConfigFolder, Folders, TemplatesFolder
from worker.folder import read_folders
from worker.settings import read_settings
from worker.steps import apply as steps
from worker.store.engine import make_engine

app = typer.Typer(add_completion=False)

WAITS = 3
"""The exit status where it waits for a second person."""


@app.command()
def apply(  # noqa: PLR0913, PLR0917 - one option each
    config: ConfigFolder = Path("config"),
    templates: TemplatesFolder = Path("templates"),
    hash_: Annotated[
        str | None, typer.Option("--hash", help="Not the folders: one that was kept earlier.")
    ] = None,
    approve: Annotated[
        str | None, typer.Option(metavar="HASH", help="What another person proposed.")
    ] = None,
    list_: Annotated[
        bool, typer.Option("--list", help="Only show who applied which hash and when.")
    ] = False,
    by: Annotated[str, typer.Option(help="Who applies it, for the record.")] = "",
    format_: Annotated[Format, typer.Option("--format", help="How it is told.")] = Format.TEXT,
) -> None:
    """Put this configuration in force; with one mistake in it, nothing changes."""
    if sum((list_, approve is not None, hash_ is not None)) > 1:
        raise typer.BadParameter("--hash, --approve and --list: one of them, not several")
    who = named(by)
    settings = read_settings()
    tell_database(settings)
    engine = make_engine(settings.database_url)
    try:
        if list_:
            tell_history(engine, format_)
        elif approve is not None:
            digest, _ = steps.kept_files(engine, approve)
            typer.echo(_told(steps.approve(engine, digest, who), format_))
        elif hash_ is not None:
            _apply(engine, steps.kept_files(engine, hash_)[1], who, format_)
        else:
            files, unreadable = read_folders(config, templates)
            if unreadable:
                raise ConfigurationRefused(unreadable)
            _apply(engine, files, who, format_)
    except ConfigurationRefused as refused:
        tell_refused(refused.mistakes, Folders(config, templates), format_)
        steps.refuse(engine, refused.errors, who)
        raise typer.Exit(1) from None
    finally:
        engine.dispose()


def _apply(engine: Engine, files: Mapping[str, str], by: str, format_: Format) -> None:
    try:
        typer.echo(_told(steps.apply(engine, files, by), format_))
    except steps.ApprovalNeeded:
        proposed = steps.propose_files(engine, files, by)
        if proposed is None:
            raise
        typer.echo(_waits(proposed.bundle, proposed.by, format_))
        raise typer.Exit(WAITS) from None


def _waits(digest: str, by: str, format_: Format) -> str:
    command = f"outreach apply --approve {digest}"
    if format_ is Format.JSON:
        return json.dumps({"hash": digest, "proposed_by": by, "approve": command})
    return f"not in force: proposed by {by}; another person runs: {command}"


def _told(applied: steps.Applied, format_: Format) -> str:
    if format_ is Format.JSON:
        told = {"hash": applied.hash, "changed": applied.changed, "anew": applied.anew}
        return json.dumps(told, ensure_ascii=False)
    if not applied.anew:
        return f"in force already: {applied.hash}"
    return f"in force: {applied.hash}; triggers changed: {', '.join(applied.changed) or 'none'}"
