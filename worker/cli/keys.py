"""Which keys open the doors, and how is one made or taken back?"""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from triggers.clock import stamp
from worker.cli.publish import Format, Told_
from worker.settings import read_settings
from worker.store.clock import read_now
from worker.store.engine import in_transaction, make_engine, reading
from worker.store.keys import ALL_SCOPES, Key, KeyWrong, add_key, read_keys, revoke_key
from worker.told import Told

SHOWN_DIGITS = 12
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
        typer.Option(help="events:<source>, events:*, customers:write, read or operate."),
    ] = None,
    format_: Told_ = Format.TEXT,
) -> None:
    """Make a key and print its secret, which is shown now and never again."""
    engine = make_engine(read_settings().database_url)
    try:
        secret = in_transaction(
            engine, lambda c: add_key(c, name, scope or ALL_SCOPES, now=read_now(c))
        )
    except KeyWrong as wrong:
        raise KeyRefused(str(wrong)) from None
    finally:
        engine.dispose()
    typer.echo(json.dumps({"name": name, "secret": secret}) if format_ is Format.JSON else secret)


@app.command("list")
def list_(format_: Told_ = Format.TEXT) -> None:
    """Every key: its id, its name, its scopes, since when and until when."""
    engine = make_engine(read_settings().database_url)
    found = reading(engine, read_keys)
    engine.dispose()
    for key in found:
        fields = _fields(key)
        typer.echo(
            json.dumps(fields, ensure_ascii=False)
            if format_ is Format.JSON
            else "  ".join(str(value) for value in fields.values() if value)
        )


@app.command()
def revoke(
    id_: Annotated[str, typer.Argument(metavar="ID", help="As `outreach keys list` shows it.")],
) -> None:
    """Take a key back: the doors refuse it within two seconds."""
    engine = make_engine(read_settings().database_url)
    try:
        gone = in_transaction(engine, lambda c: revoke_key(c, id_, now=read_now(c)))
    except KeyWrong as wrong:
        raise KeyRefused(str(wrong)) from None
    finally:
        engine.dispose()
    typer.echo(f"revoked: {gone.hash[:SHOWN_DIGITS]} {gone.name}")


def _fields(key: Key) -> dict[str, Any]:
    return {
        "id": key.hash[:SHOWN_DIGITS],
        "name": key.name,
        "scopes": "|".join(key.scopes),
        "created": stamp(key.created_at),
        "revoked": f"revoked {stamp(key.revoked_at)}" if key.revoked_at else None,
    }
