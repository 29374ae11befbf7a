"""In whose name is it done?"""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

LONGEST_NAME = 200

By = Annotated[str, typer.Option(help="Who does it, for the record; else the user's name.")]


def named(by: str) -> str:
    who = by.strip() or getpass.getuser()
    if not who.isprintable() or len(who) > LONGEST_NAME:
        raise typer.BadParameter("--by: a name, on one line")
    return who
