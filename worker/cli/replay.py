"""Which events were refused or set aside, and shall they have another chance?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from sqlalchemy import Engine, Row

from worker.cli.door import Door, open_door
from worker.cli.publish import Format
from worker.lifecycle import EventState
from worker.settings import read_settings
from worker.store.engine import in_transaction, reading
from worker.store.failed_events import (
    Wanted,
    find_refused,
    find_set_aside,
    mark_replayed,
    release,
)

app = typer.Typer(add_completion=False, no_args_is_help=True)

Source = Annotated[str | None, typer.Option(help="Only of this source.")]
Type = Annotated[str | None, typer.Option("--type", help="Only of this type.")]
Id = Annotated[str | None, typer.Option("--id", help="Only of this id.")]
Most = Annotated[int, typer.Option(min=1, max=100_000, help="No more than these, oldest first.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; otherwise it is only shown.")]
Told = Annotated[Format, typer.Option("--format", help="How it is told.")]


@app.command()
def refused(
    source: Source = None,
    type_: Type = None,
    id_: Id = None,
    most: Most = 1000,
    yes: Yes = False,
    format_: Told = Format.TEXT,
) -> None:
    """Events from files and Celery that could not be taken: try them again as they came."""
    wanted = Wanted(source, type_, id_)
    with open_door(read_settings(), "replay") as door:
        rows = reading(door.engine, lambda c: find_refused(c, wanted, most=most))
        for row in rows:
            taken = yes and _taken(door, row)
            _tell(row, [one["detail"] for one in row.reasons], taken=taken, format_=format_)


def _taken(door: Door, row: Row[Any]) -> bool:
    """Whether it is an event of ours now; if not, it stays what it was."""
    if door.take([row.raw]).refused:
        return False
    in_transaction(door.engine, lambda c: mark_replayed(c, row.seq))
    return True


@app.command()
def set_aside(  # noqa: PLR0913, PLR0917 - one option each
    source: Source = None,
    type_: Type = None,
    id_: Id = None,
    most: Most = 1000,
    dismiss: Annotated[bool, typer.Option("--dismiss", help="Never read them.")] = False,
    yes: Yes = False,
    format_: Told = Format.TEXT,
) -> None:
    """Events that our own code failed on, each holding its customer: read them once more."""
    wanted = Wanted(source, type_, id_)
    with open_door(read_settings(), "replay") as door:
        rows = reading(door.engine, lambda c: find_set_aside(c, wanted, most=most))
        if yes:
            _release(door.engine, rows, dismiss=dismiss)
        for row in rows:
            _tell(row, [row.error], taken=yes, format_=format_)


def _release(engine: Engine, rows: Sequence[Row[Any]], *, dismiss: bool) -> None:
    state = EventState.WITHDRAWN if dismiss else EventState.NEW
    in_transaction(engine, lambda c: release(c, [row.seq for row in rows], state))


def _tell(row: Row[Any], reasons: Sequence[str], *, taken: bool, format_: Format) -> None:
    told = {name: getattr(row, name) for name in ("source", "id", "type", "door")}
    if format_ is Format.JSON:
        typer.echo(json.dumps({**told, "reasons": list(reasons), "done": taken}))
        return
    name = " ".join(str(value or "?") for value in told.values())
    typer.echo(f"{'done' if taken else 'waits'}  {name}: {'; '.join(reasons)}")
