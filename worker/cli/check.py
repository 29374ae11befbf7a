"""Is the configuration right? Prints every mistake with its place; exit status 0 or 1."""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from triggers.configuration import Configuration, ConfigurationRefused, read_configuration
from triggers.mistakes import Mistake, Severity
from worker.cli.collecting import few_collections
from worker.cli.whereabouts import ConfigFolder, Folders, TemplatesFolder
from worker.folder import read_folders

app = typer.Typer(add_completion=False)


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"
    ANNOTATIONS = "annotations"


@app.command()
def check(
    config: ConfigFolder = Path("config"),
    templates: TemplatesFolder = Path("templates"),
    format_: Annotated[
        Format, typer.Option("--format", help="How mistakes are printed.")
    ] = Format.TEXT,
) -> None:
    """Read the configuration and tell every mistake in every file at once."""
    read, mistakes = checked(config, templates)
    for mistake in mistakes:
        typer.echo(printed(mistake, format_))
    if read is not None and format_ is Format.TEXT:
        typer.echo(f"right: {len(read.triggers)} triggers, configuration {read.hash}")
    raise typer.Exit(0 if read is not None else 1)


def checked(config: Path, templates: Path) -> tuple[Configuration | None, list[Mistake]]:
    """The configuration, None where it is refused, and every mistake and warning, sorted.

    Mistakes name their files as they are found from the working folder.
    """
    folders = Folders(config, templates)
    files, unreadable = read_folders(config, templates)
    try:
        with few_collections():
            read = read_configuration(files)
    except ConfigurationRefused as refused:
        told = {one.file for one in unreadable}
        others = [one for one in refused.mistakes if one.file not in told]
        return None, sorted(map(folders.mistake, [*others, *unreadable]))
    found = [*read.warnings, *unreadable]
    return None if unreadable else read, sorted(map(folders.mistake, found))


def tell_refused(mistakes: Iterable[Mistake], folders: Folders, format_: Format) -> None:
    """On the side of errors, each with its real place."""
    for mistake in sorted(map(folders.mistake, mistakes)):
        typer.echo(printed(mistake, format_), err=True)


def printed(mistake: Mistake, format_: Format) -> str:
    match format_:
        case Format.TEXT:
            return str(mistake)
        case Format.JSON:
            names = ("file", "line", "column", "severity", "message")
            told = {name: getattr(mistake, name) for name in names}
            return json.dumps(told, ensure_ascii=False)
        case Format.ANNOTATIONS:
            return _annotation(mistake)


def _annotation(mistake: Mistake) -> str:
    """A workflow command that code hosts show beside the line."""
    level = "warning" if mistake.severity is Severity.WARNING else "error"
    place = f"file={_escaped(mistake.file)},line={mistake.line},col={mistake.column}"
    message = mistake.message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return f"::{level} {place}::{message}"


def _escaped(text: str) -> str:
    for character, code in (("%", "%25"), (",", "%2C"), (":", "%3A"), ("\n", "%0A")):
        text = text.replace(character, code)
    return text
