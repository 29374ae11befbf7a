"""Which keys open the doors, and how is one made or taken back?"""

from __future__ import annotations

import json
from threading import Event
from typing import Annotated, Any

import typer
from sqlalchemy import Connection

from triggers.clock import stamp
from worker.cli.database import tell_database
from worker.cli.publish import Format, Told_
from worker.cli.terminal import told_at
from worker.settings import read_settings
from worker.store.clock import read_now
from worker.store.engine import in_transaction, make_engine, reading
from worker.store.keys import (
    ALL_SCOPES,
    REFRESH_SECONDS,
    Key,
    KeyWrong,
    add_key,
    read_keys,
    revoke_key,
)
from worker.told import Told

SHOWN_DIGITS = 12
FIRST = (
    "This is the first key: from now on every caller needs one, also on this machine."
    " It is printed once, now:"
)
LAST = (
    "warning: this was the last key. Callers on this machine are served without one from now on,"
    " and may do everything; `outreach keys add` closes that."
)
NONE = "There are no keys: only callers on this machine are served, and they send none."
app = typer.Typer(add_completion=False, no_args_is_help=True)


class KeyRefused(Told):
    """What was asked cannot be done with a key."""


@app.callback()
def keys() -> None:
    """The keys of the HTTP doors: kept as hashes, shown once."""


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Whose key it is, such as billing.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(
            help="events:<source>, events:*, customers:write, mail:write, metrics, read or operate;"
            " may be given more than once. Without one the key has every scope: it may do all."
        ),
    ] = None,
    format_: Told_ = Format.TEXT,
) -> None:
    """Make a key and print its secret, once every door knows it: shown now and never again."""
    settings = read_settings()
    engine = make_engine(settings.database_url)

    def work(connection: Connection) -> tuple[str, bool]:
        first = not read_keys(connection, only_good=True)
        return add_key(connection, name, scope or ALL_SCOPES, now=read_now(connection)), first

    try:
        secret, first = in_transaction(engine, work)
    except KeyWrong as wrong:
        raise KeyRefused(str(wrong)) from None
    finally:
        engine.dispose()
    tell_database(settings)
    if first:
        typer.echo(FIRST, err=True)
    # whoever is shown a key may use it at once, so every door knows it before
    Event().wait(1.25 * REFRESH_SECONDS)
    typer.echo(json.dumps({"name": name, "secret": secret}) if format_ is Format.JSON else secret)


@app.command("list")
def list_(format_: Told_ = Format.TEXT) -> None:
    """Every key: its id, its name, its scopes, since when and until when."""
    settings = read_settings()
    engine = make_engine(settings.database_url)
    found = reading(engine, read_keys)
    engine.dispose()
    tell_database(settings)
    if not found:
        typer.echo(NONE, err=True)
    for key in found:
        fields = _fields(key)
        if format_ is Format.JSON:
            typer.echo(json.dumps(fields, ensure_ascii=False))
            continue
        gone = f"revoked {told_at(key.revoked_at)}" if key.revoked_at else None
        shown = fields | {"created": told_at(key.created_at), "revoked": gone}
        typer.echo("  ".join(str(value) for value in shown.values() if value))


@app.command()
def revoke(
    id_: Annotated[str, typer.Argument(metavar="ID", help="As `outreach keys list` shows it.")],
) -> None:
    """Take a key back: the doors refuse it within two seconds.

    After the last one, callers on this machine are served without a key again.
    """
    settings = read_settings()
    engine = make_engine(settings.database_url)

    def work(connection: Connection) -> tuple[Key, bool]:
        key = revoke_key(connection, id_, now=read_now(connection))
        return key, not read_keys(connection, only_good=True)

    try:
        gone, last = in_transaction(engine, work)
    except KeyWrong as wrong:
        raise KeyRefused(str(wrong)) from None
    finally:
        engine.dispose()
    tell_database(settings)
    typer.echo(f"revoked: {gone.hash[:SHOWN_DIGITS]} {gone.name}")
    if last:
        typer.echo(LAST, err=True)


def _fields(key: Key) -> dict[str, Any]:
    return {
        "id": key.hash[:SHOWN_DIGITS],
        "name": key.name,
        "scopes": "|".join(key.scopes),
        "created": stamp(key.created_at),
        "revoked": f"revoked {stamp(key.revoked_at)}" if key.revoked_at else None,
    }
