"""Which messages wait for a person, and what does he decide?"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Annotated

import typer

from triggers.clock import stamp
from worker.cli.operating import House, opened
from worker.cli.publish import Format, Told_
from worker.cli.signing import By, named
from worker.cli.terminal import tell, told_at
from worker.steps import parked as steps
from worker.steps.announcing import hearing_of
from worker.steps.parked import Choice, Weighed
from worker.store.parked import Wanted

app = typer.Typer(add_completion=False)

Ids = Annotated[
    list[str] | None, typer.Argument(metavar="ID...", help="Messages, as the list names them.")
]
All = Annotated[bool, typer.Option("--all", help="All that --trigger and --why leave.")]
Trigger = Annotated[str | None, typer.Option(help="Only of this trigger.")]
Why = Annotated[str | None, typer.Option(help="Only parked for this, word for word.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; otherwise it is only shown.")]


@app.callback(invoke_without_command=True)
def parked(
    ctx: typer.Context,
    trigger: Trigger = None,
    why: Why = None,
    id_: Annotated[str | None, typer.Option("--id", help="Only this message.")] = None,
    format_: Told_ = Format.TEXT,
) -> None:
    """List the messages that wait for a person, with why and since when."""
    if ctx.invoked_subcommand is not None:
        return
    with opened() as house:
        wanted = Wanted([id_] if id_ else None, trigger, why)
        found = list(steps.listed(house.engine, wanted))
    for one in found:
        tell(_told(one, "waits", format_))
    if not found:
        _tell_none(wanted, format_)


@app.command()
def release(  # noqa: PLR0913, PLR0917 - one option each
    ids: Ids = None,
    all_: All = False,
    trigger: Trigger = None,
    why: Why = None,
    yes: Yes = False,
    by: By = "",
    format_: Told_ = Format.TEXT,
) -> None:
    """Send them: with words written anew; of an unknown one you say that it did not arrive."""
    _decide(Choice.RELEASE, _wanted(ids, all_, trigger, why), by if yes else None, format_)


@app.command()
def give_up(  # noqa: PLR0913, PLR0917 - one option each
    ids: Ids = None,
    all_: All = False,
    trigger: Trigger = None,
    why: Why = None,
    yes: Yes = False,
    by: By = "",
    format_: Told_ = Format.TEXT,
) -> None:
    """Never send them."""
    _decide(Choice.GIVE_UP, _wanted(ids, all_, trigger, why), by if yes else None, format_)


@app.command()
def arrived(  # noqa: PLR0913, PLR0917 - one option each
    ids: Ids = None,
    all_: All = False,
    trigger: Trigger = None,
    why: Why = None,
    yes: Yes = False,
    by: By = "",
    format_: Told_ = Format.TEXT,
) -> None:
    """Settle unknown ones: the customer has them."""
    _decide(Choice.ARRIVED, _wanted(ids, all_, trigger, why), by if yes else None, format_)


def _wanted(ids: list[str] | None, all_: bool, trigger: str | None, why: str | None) -> Wanted:
    if bool(ids) == all_:
        raise typer.BadParameter("name messages, or write --all")
    return Wanted(ids or None, trigger, why)


def _decide(choice: Choice, wanted: Wanted, by: str | None, format_: Format) -> None:
    """`by` None: only show it. Ends with 1 where something that was named is not possible."""
    who = None if by is None else named(by)
    with opened() as house:
        found = list(_weighed(house, wanted, choice, who))
    for one in found:
        word = "refused" if one.refused else "would be" if who is None else "done"
        tell(_told(one, word, format_, choice))
    if not found:
        _tell_none(wanted, format_)
    if any(one.refused is not None for one in found):
        raise typer.Exit(1)


def _tell_none(wanted: Wanted, format_: Format) -> None:
    if format_ is Format.TEXT:
        typer.echo("nothing is parked" if wanted == Wanted() else "nothing like that is parked")


def _weighed(house: House, wanted: Wanted, choice: Choice, who: str | None) -> Iterable[Weighed]:
    if who is None:
        return steps.preview(house.engine, wanted, choice)
    hearing = hearing_of(house.configuration)
    return steps.decide(house.engine, hearing, wanted, choice, by=who)


def _told(one: Weighed, word: str, format_: Format, choice: Choice | None = None) -> str:
    fields = {
        "id": one.id,
        "trigger": one.trigger,
        "channel": one.channel,
        "why": one.why,
        "since": stamp(one.since) if one.since else None,
        "expires": stamp(one.expires) if one.expires else None,
    }
    if format_ is Format.JSON:
        chosen = {"choice": choice, "done": word == "done", "refused": one.refused}
        return json.dumps(fields | (chosen if choice else {}))
    head = f"{word} {choice.replace('_', ' ')}" if choice and not one.refused else word
    facts = [one.id, one.trigger, one.channel, one.why]
    if one.since and one.expires:
        facts += [f"since {told_at(one.since)}", f"until {told_at(one.expires)}"]
    tail = f": {one.refused}" if one.refused else ""
    return f"{head}  {'  '.join(fact for fact in facts if fact)}{tail}"
