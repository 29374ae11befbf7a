"""What puts the files in force for every worker?"""

from __future__ import annotations

import getpass
import json
from pathlib import Path
from typing import Annotated

import typer

from worker.cli.check import Format, checked, printed
from worker.folder import read_folders
from worker.settings import read_settings
from worker.steps.apply import Applied
from worker.steps.apply import apply as put_in_force
from worker.store.engine import make_engine

app = typer.Typer(add_completion=False)


@app.command()
def apply(
    config: Annotated[
        Path, typer.Option(envvar="OUTREACH_CONFIG_DIR", help="The folder of configuration.")
    ] = Path("config"),
    templates: Annotated[
        Path, typer.Option(envvar="OUTREACH_TEMPLATES_DIR", help="The folder of texts.")
    ] = Path("templates"),
    by: Annotated[str, typer.Option(help="Who applies it, for the record.")] = "",
    format_: Annotated[Format, typer.Option("--format", help="How it is told.")] = Format.TEXT,
) -> None:
    """Put this configuration in force; with one mistake in it, nothing changes."""
    read, mistakes = checked(config, templates)
    if read is None:
        for mistake in mistakes:
            typer.echo(printed(mistake, format_), err=True)
        raise typer.Exit(1)
    engine = make_engine(read_settings().database_url)
    files, _ = read_folders(config, templates)
    applied = put_in_force(engine, files, by or getpass.getuser())
    engine.dispose()
    typer.echo(_told(applied, format_))


def _told(applied: Applied, format_: Format) -> str:
    if format_ is Format.JSON:
        told = {"hash": applied.hash, "changed": applied.changed, "anew": applied.anew}
        return json.dumps(told, ensure_ascii=False)
    if not applied.anew:
        return f"in force already: {applied.hash}"
    return f"in force: {applied.hash}; triggers changed: {', '.join(applied.changed) or 'none'}"
