"""How do editors learn to complete and check the files? They are given JSON Schemas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from triggers.editors.files import PLACES, schemas
from worker.cli.whereabouts import ConfigFolder, TemplatesFolder
from worker.folder import read_folders
from worker.told import Told

app = typer.Typer(add_completion=False)


class NotWritten(Told):
    """The folder for the schemas cannot be written to."""


@app.command()
def schema(
    folder: Annotated[Path, typer.Option("--dir", help="Where the schemas are written.")] = Path(
        ".schemas"
    ),
    config: ConfigFolder = Path("config"),
    templates: TemplatesFolder = Path("templates"),
) -> None:
    """Write JSON Schemas with this configuration's names, for editors; run it again after changes.

    What is printed goes into an editor's settings as `yaml.schemas`.
    """
    files, _ = read_folders(config, templates)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in schemas(files).items():
            text = json.dumps(content, ensure_ascii=False, indent=1)
            (folder / name).write_text(f"{text}\n", "utf-8")
    except OSError as error:
        raise NotWritten(f"{folder}: {error.strerror}") from None
    typer.echo(json.dumps({"yaml.schemas": _settings(folder, config)}, indent=2))


def _settings(folder: Path, config: Path) -> dict[str, str]:
    return {
        (folder / name).as_posix(): (config / place.removeprefix("config/")).as_posix()
        for name, place in PLACES.items()
    }
