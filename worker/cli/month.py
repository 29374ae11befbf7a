"""How is a database filled with a month to look at?"""

from __future__ import annotations

import logging
import os
from typing import Annotated

import typer
from rich.progress import Progress

from triggers.configuration import ConfigurationRefused
from worker.cli.database import tell_database
from worker.cli.password_place import password_in
from worker.logs import begin_logging
from worker.month.fill import OtherRules, Wish, fill
from worker.settings import Settings, read_settings

app = typer.Typer(add_completion=False)

DATABASE = "sqlite:///var/demo-month/outreach.db"
"""Beside that of `outreach run --demo`: neither is in the other's way."""


@app.command()
def demo(
    customers: Annotated[int, typer.Option(help="So many, all invented.", min=20, max=5000)] = 300,
    seed: Annotated[int, typer.Option(help="Another one makes another month.", min=0)] = 1,
) -> None:
    """Fill an empty database with an invented month that ends now; nothing is sent."""
    os.environ.setdefault("OUTREACH_DATABASE_URL", DATABASE)
    # what goes wrong in the month belongs to it, and stands in the database
    begin_logging(level=logging.CRITICAL)
    settings = read_settings()
    tell_database(settings)
    with Progress(transient=True) as progress:
        task = progress.add_task("a month", total=1.0)
        try:
            fill(
                settings, Wish(customers, seed), lambda done: progress.update(task, completed=done)
            )
        except ConfigurationRefused as refused:
            raise OtherRules(str(refused)) from None
    typer.echo("\n".join(_how_to_look(settings)))


def _how_to_look(settings: Settings) -> list[str]:
    url = settings.database_url if settings.sqlite_file else "…"
    return [
        f"{settings.database_name} holds a month of demo data, marked as such. To look at it:",
        f"  export OUTREACH_DATABASE_URL={url}",
        "  outreach report",
        "  outreach run --port 8001     # then http://127.0.0.1:8001/console, as admin; the",
        f"                               # password: {password_in(settings, made=False)}",
    ]
