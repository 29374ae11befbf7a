"""What may be sent again?"""

from __future__ import annotations

import json

import typer

from triggers.pausing import shown
from worker.cli.operating import opened
from worker.cli.pause import Scopes, lines, read
from worker.cli.publish import Format, Told_
from worker.cli.signing import By, named
from worker.steps import pausing

app = typer.Typer(add_completion=False)


@app.command()
def resume(scopes: Scopes = None, by: By = "", format_: Told_ = Format.TEXT) -> None:
    """End pauses: what they put off asks again at once, and leaves if nothing else objects."""
    if not scopes:
        raise typer.BadParameter("name what is paused: `outreach pause` lists it")
    who = named(by)
    with opened() as house:
        asked = [read(one, house) for one in scopes]
        done = pausing.resume(house.engine, asked, by=who)
        if format_ is Format.JSON:
            resumed = [shown(one) for one in done.scopes]
            typer.echo(json.dumps({"resumed": resumed, "woken": done.woken}))
            return
        for scope in asked:
            typer.echo(f"{'resumed' if scope in done.scopes else 'was not paused'}: {shown(scope)}")
        typer.echo(f"asked again at once: {done.woken}")
        for line in lines(house.engine, format_):
            typer.echo(line)
