"""Who may sign in to the console, and as what?"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any

import typer
from sqlalchemy import Engine, Row

from triggers.clock import stamp
from worker.cli.database import tell_database
from worker.cli.publish import Format, Told_
from worker.cli.signing import By, named
from worker.cli.terminal import told_at
from worker.passwords import new_password
from worker.settings import read_settings
from worker.steps import signing_in
from worker.steps.signing_in import NotAUser
from worker.store.console_users import Role, read_users
from worker.store.engine import make_engine, reading
from worker.told import Told

app = typer.Typer(add_completion=False, no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="As he signs in: small letters, digits, . _ @ -.")]


class UserRefused(Told):
    """What was asked cannot be done with a user."""


@app.callback()
def users() -> None:
    """The console's users: their passwords are kept as hashes, and one made here is shown once."""


@app.command()
def add(
    name: Name,
    role: Annotated[Role, typer.Option(help="What he may do.")] = Role.VIEWER,
    by: By = "",
    format_: Told_ = Format.TEXT,
) -> None:
    """Make a user and print his first password: shown now and never again."""
    password, who = new_password(), named(by)
    _do(lambda engine: signing_in.add_user(engine, name, role, password, by=who))
    told = {"name": name, "role": role.value, "password": password}
    typer.echo(json.dumps(told) if format_ is Format.JSON else password)


@app.command()
def password(name: Name, by: By = "", format_: Told_ = Format.TEXT) -> None:
    """Give a user a new password and print it; whoever is signed in under that name is out."""
    made, who = new_password(), named(by)
    _do(lambda engine: signing_in.set_password(engine, name, made, by=who))
    told = {"name": name, "password": made}
    typer.echo(json.dumps(told) if format_ is Format.JSON else made)


@app.command()
def role(name: Name, role: Annotated[Role, typer.Argument()], by: By = "") -> None:
    """Say what a user may do from now on; he signs in anew."""
    who = named(by)
    _do(lambda engine: signing_in.set_role(engine, name, role, by=who))
    typer.echo(f"{name} is {role.value}")


@app.command()
def remove(name: Name, by: By = "") -> None:
    """Let a user in no more, at once; what he did stays on record."""
    who = named(by)
    _do(lambda engine: signing_in.set_role(engine, name, None, by=who))
    typer.echo(f"removed: {name}")


@app.command("list")
def list_(format_: Told_ = Format.TEXT) -> None:
    """Every user: his name, his role, since when and until when."""
    found: list[Row[Any]] = []
    _do(lambda engine: found.extend(reading(engine, read_users)))
    for row in found:
        if format_ is Format.JSON:
            ended = stamp(row.removed_at) if row.removed_at else None
            told = {"name": row.name, "role": row.role, "created": stamp(row.created_at)}
            typer.echo(json.dumps({**told, "removed": ended}))
        else:
            gone = f"  removed {told_at(row.removed_at)}" if row.removed_at else ""
            typer.echo(f"{row.name}  {row.role}  since {told_at(row.created_at)}{gone}")
    if not found and format_ is Format.TEXT:
        typer.echo("There are no users: `outreach users add` makes one.", err=True)


def _do(work: Callable[[Engine], None]) -> None:
    settings = read_settings()
    tell_database(settings)
    engine = make_engine(settings.database_url)
    try:
        work(engine)
    except NotAUser as wrong:
        raise UserRefused(str(wrong)) from None
    finally:
        engine.dispose()
