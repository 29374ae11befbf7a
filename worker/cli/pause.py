"""What shall not be sent for now?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated

import typer
from sqlalchemy import Engine

from triggers.clock import stamp
from triggers.pausing import NoScope, read_scope, scopes_of, shown
from worker.cli.operating import House, opened
from worker.cli.publish import Format, Told_
from worker.cli.signing import By, named
from worker.cli.terminal import told_at
from worker.steps import pausing
from worker.store.engine import reading
from worker.store.pauses import read_paused
from worker.told import Told

app = typer.Typer(add_completion=False)

Scopes = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="SCOPE...",
        help="all, sms, email, or the name of a category or a trigger; trigger:NAME where two"
        " things have one name.",
        show_default=False,
    ),
]


class NotPaused(Told):
    """What was named is nothing that can be paused."""


@app.command()
def pause(
    scopes: Scopes = None,
    why: Annotated[str | None, typer.Option(help="Why, for whoever finds it.")] = None,
    by: By = "",
    format_: Told_ = Format.TEXT,
) -> None:
    """Send nothing of it from now on; what is claimed leaves. Without a scope: what is paused."""
    who = named(by)
    with opened() as house:
        if scopes:
            asked = [read(one, house) for one in scopes]
            pausing.pause(house.engine, asked, by=who, why=why)
        for line in lines(house.engine, format_):
            typer.echo(line)


def read(word: str, house: House) -> str:
    """The scope meant; what is paused can be named though its trigger is gone."""
    paused = {row.scope for row in reading(house.engine, read_paused)}
    known = scopes_of(house.configuration) | paused
    try:
        return read_scope(word, known)
    except NoScope as wrong:
        raise NotPaused(str(wrong)) from None


def lines(engine: Engine, format_: Format) -> Iterator[str]:
    """Each pause that stands."""
    rows = reading(engine, read_paused)
    for row in rows:
        told = {"scope": shown(row.scope), "since": stamp(row.at), "by": row.by, "why": row.why}
        if format_ is Format.JSON:
            yield json.dumps(told, ensure_ascii=False)
        else:
            yield f"paused: {told['scope']} since {told_at(row.at)} by {row.by}" + (
                f": {row.why}" if row.why else ""
            )
    if not rows and format_ is Format.TEXT:
        yield "nothing is paused"
