"""Where is a file of the configuration really, seen from where the command was called?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from triggers.definitions import Place
from triggers.mistakes import Mistake

ConfigFolder = Annotated[
    Path,
    typer.Option("--config", envvar="OUTREACH_CONFIG_DIR", help="The folder of configuration."),
]
TemplatesFolder = Annotated[
    Path, typer.Option("--templates", envvar="OUTREACH_TEMPLATES_DIR", help="The folder of texts.")
]


class Folders(NamedTuple):
    """The folders that a configuration was read from; inside it they are called `config/…` and
    `templates/…` whatever their names are."""

    config: Path
    templates: Path

    def path(self, file: str) -> str:
        """Where editors and code hosts find it: relative where it is below the working folder."""
        folder, _, rest = file.partition("/")
        roots = {"config": self.config, "templates": self.templates}
        if folder not in roots:
            return file
        found = roots[folder] / rest
        here = Path.cwd()
        return str(found.relative_to(here) if found.is_relative_to(here) else found)

    def mistake(self, found: Mistake) -> Mistake:
        return replace(found, file=self.path(found.file))

    def place(self, found: Place) -> Place:
        return replace(found, file=self.path(found.file))
