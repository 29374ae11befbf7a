"""Has the database the tables of this version?"""

from __future__ import annotations

import typer

from worker.cli.database import tell_database
from worker.settings import read_settings
from worker.store.engine import make_engine
from worker.store.migrations import upgrade as bring_to_this_version

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def db() -> None:
    """Bring the database to this version."""


@app.command()
def upgrade() -> None:
    """Make or change the tables; harmless where they are right, and while others do the same."""
    settings = read_settings()
    tell_database(settings)
    engine = make_engine(settings.database_url)
    bring_to_this_version(engine)
    engine.dispose()
    typer.echo("the database is of this version")
