"""What would taking back a bad publish undo, and shall it be done?"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from worker.cli.operating import opened
from worker.cli.publish import Format, Told_
from worker.cli.signing import By, named
from worker.steps.withdraw import Withdrawal, Withdrawn
from worker.store.clock import read_now
from worker.store.engine import reading
from worker.store.withdrawal import Named

app = typer.Typer(add_completion=False)

PROFILES = (
    "profiles of {} customers were changed by them and stay as they are: publish what is right"
)
IDS = "their ids stay known: published again it is a duplicate, so what is right needs a new id"
NOT_YET = "nothing is done yet: --yes does it"


@app.command()
def withdraw(  # noqa: PLR0913, PLR0917 - one option each
    source: Annotated[str, typer.Option(help="Who published them.")],
    type_: Annotated[str | None, typer.Option("--type", help="Only of this type.")] = None,
    since: Annotated[
        str | None, typer.Option(help="Received from then on: a time, or so long ago, such as 2h.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Received before then; now, if it is not said.")
    ] = None,
    id_: Annotated[str | None, typer.Option("--id", help="Only this one.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; otherwise it is only shown.")] = False,
    by: By = "",
    format_: Told_ = Format.TEXT,
) -> None:
    """Undo a bad publish: what waits because of it is called off; what left is told."""
    if since is None and id_ is None:
        raise typer.BadParameter(
            "say --since or --id: all that a source ever published is no mistake"
        )
    who = named(by) if yes else None
    with opened() as house:
        end = house.moment(until) or reading(house.engine, read_now)
        asked = Named(source, end, house.moment(since), type_, id_)
        work = Withdrawal(house.engine, house.configuration, house.hasher(), asked, by=who)
        done = work.run()
    if format_ is Format.JSON:
        typer.echo(json.dumps(_fields(done, yes=yes)))
    else:
        typer.echo("\n".join(_lines(done, yes=yes)))


def _fields(done: Withdrawn, *, yes: bool) -> dict[str, Any]:
    undone = done.undone
    return {
        "done": yes,
        "events": dict(done.events),
        "customers": len(done.customers),
        "called_off": dict(undone.called_off),
        "wait_again": dict(undone.wait_again),
        "moved": dict(undone.moved),
        "retries_called_off": dict(undone.retries),
        "left": [
            {"trigger": trigger, "state": state, "count": len(ids), "ids": sorted(ids)}
            for (trigger, state), ids in sorted(undone.left.items())
        ],
        "profiles_kept": len(done.profiles),
    }


def _lines(done: Withdrawn, *, yes: bool) -> Iterator[str]:
    undone = done.undone
    events = ", ".join(f"{number} {state}" for state, number in sorted(done.events.items()))
    yield f"events: {events or 'none'}; of {len(done.customers)} customers"
    for trigger in sorted({*undone.called_off, *undone.wait_again, *undone.moved, *undone.retries}):
        yield f"  {trigger}: " + _told(
            {
                "called off": undone.called_off[trigger],
                "wait again": undone.wait_again[trigger],
                "moved": undone.moved[trigger],
                "messages that were to leave called off": undone.retries[trigger],
            }
        )
    left: dict[str, Counter[str]] = {}
    for (trigger, state), ids in undone.left.items():
        left.setdefault(trigger, Counter())[state] += len(ids)
    for trigger, states in sorted(left.items()):
        yield f"  {trigger}: already left: {_told(states)}"
    if done.profiles:
        yield PROFILES.format(len(done.profiles))
    if done.events:
        yield IDS
        yield "withdrawn" if yes else NOT_YET


def _told(counts: dict[str, int] | Counter[str]) -> str:
    return ", ".join(f"{number} {word}" for word, number in sorted(counts.items()) if number)
