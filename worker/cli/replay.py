"""Which events were refused or set aside, and shall they have another chance?"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated, Any

import typer

from worker.cli.door import Door, open_door
from worker.cli.operating import hasher_of, moment
from worker.cli.publish import Format
from worker.cli.signing import By, named
from worker.cli.terminal import tell
from worker.settings import read_settings
from worker.steps.replaying import Effect, Replay, Tried, as_they_came
from worker.store.engine import reading
from worker.store.failed_events import Wanted, find_refused, find_set_aside

app = typer.Typer(add_completion=False, no_args_is_help=True)

Source = Annotated[str | None, typer.Option(help="Only of this source.")]
Type = Annotated[str | None, typer.Option("--type", help="Only of this type.")]
Id = Annotated[str | None, typer.Option("--id", help="Only of this id.")]
Reason = Annotated[str | None, typer.Option(help="Only with these words in a reason.")]
Since = Annotated[
    str | None, typer.Option(help="Received from then on: a time, or so long ago, such as 2h.")
]
Until = Annotated[str | None, typer.Option(help="Received before then.")]
Most = Annotated[int, typer.Option(min=1, max=100_000, help="No more than these, oldest first.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; otherwise it is only tried and shown.")]
Told = Annotated[Format, typer.Option("--format", help="How it is told.")]


@app.command()
def refused(  # noqa: PLR0913, PLR0917 - one option each
    source: Source = None,
    type_: Type = None,
    id_: Id = None,
    reason: Reason = None,
    since: Since = None,
    until: Until = None,
    most: Most = 1000,
    dismiss: Annotated[bool, typer.Option("--dismiss", help="Never try them again.")] = False,
    yes: Yes = False,
    by: By = "",
    format_: Told = Format.TEXT,
) -> None:
    """Events that could not be taken: try them again as they came, and see what that changes."""
    who = named(by)
    with _opened() as (door, replay):
        wanted = _wanted(door, Wanted(source, type_, id_, reason), since, until)
        rows = reading(door.engine, lambda c: find_refused(c, wanted, most=most))
        found: Iterable[Tried] = map(Tried, rows) if dismiss else replay.try_refused(rows)
        if yes:
            settle = replay.dismiss_refused if dismiss else replay.replay_refused
            found = settle(rows, by=who)
        for one in found:
            reasons = [
                f"{reason['pointer']} {reason['detail']}".lstrip() for reason in one.row.reasons
            ]
            _tell(one, reasons, yes=yes, dismiss=dismiss, format_=format_)
        if not rows and format_ is Format.TEXT:
            typer.echo(_none("refused", wanted))


@app.command()
def set_aside(  # noqa: PLR0913, PLR0917 - one option each
    source: Source = None,
    type_: Type = None,
    id_: Id = None,
    reason: Reason = None,
    since: Since = None,
    until: Until = None,
    most: Most = 1000,
    dismiss: Annotated[bool, typer.Option("--dismiss", help="Never read them.")] = False,
    yes: Yes = False,
    by: By = "",
    format_: Told = Format.TEXT,
) -> None:
    """Events that our own code failed on, each holding its customer: read them once more."""
    who = named(by)
    with _opened() as (door, replay):
        wanted = _wanted(door, Wanted(source, type_, id_, reason), since, until)
        rows = reading(door.engine, lambda c: find_set_aside(c, wanted, most=most))
        found: Iterable[Tried] = map(Tried, rows) if dismiss else replay.try_set_aside(rows)
        if yes:
            found = replay.replay_set_aside(rows, by=who, dismiss=dismiss)
        for one in found:
            _tell(one, [one.row.error or ""], yes=yes, dismiss=dismiss, format_=format_)
        if not rows and format_ is Format.TEXT:
            typer.echo(_none("set aside", wanted))


@contextmanager
def _opened() -> Iterator[tuple[Door, Replay]]:
    settings = read_settings()
    with open_door(settings, "replay") as door:
        hasher = hasher_of(settings, door.engine)
        yield (
            door,
            Replay(door.engine, door.configuration, hasher, as_they_came(settings.stream_source)),
        )


def _wanted(door: Door, wanted: Wanted, since: str | None, until: str | None) -> Wanted:
    begins, ends = (moment(one, door.engine, door.configuration) for one in (since, until))
    return replace(wanted, since=begins, until=ends)


def _none(state: str, wanted: Wanted) -> str:
    return f"nothing is {state}" if wanted == Wanted() else f"nothing like that is {state}"


def _tell(one: Tried, reasons: Sequence[str], *, yes: bool, dismiss: bool, format_: Format) -> None:
    done = yes and one.done
    told = {name: getattr(one.row, name) for name in ("source", "id", "type", "door")}
    if format_ is Format.JSON:
        now = {"reasons": list(reasons), "now": _now(one, dismiss), "effect": _effect(one.effect)}
        typer.echo(json.dumps({**told, **now, "done": done}))
        return
    name = " ".join(str(value or "?") for value in told.values())
    tell(f"{'done' if done else 'waits'}  {name}: {'; '.join(reasons)}")
    if one.problems or not yes:
        tell(f"    now: {'; '.join([_now(one, dismiss), *_shown(one)])}")


def _now(one: Tried, dismiss: bool) -> str:
    """What would become of it, or became."""
    if dismiss:
        return "is dismissed"
    if one.problems:
        return "still refused"
    if one.duplicate:
        return "known already"
    if one.effect is not None and one.effect.failed:
        return "still fails"
    return "is taken"


def _shown(one: Tried) -> Sequence[str]:
    if one.effect is None:
        return one.problems
    if one.effect.failed:
        return [one.effect.failed]
    return [
        f"{word.replace('_', ' ')} {', '.join(sorted(counts))}"
        for word, counts in one.effect.changes.items()
        if counts
    ]


def _effect(effect: Effect | None) -> dict[str, Any] | None:
    if effect is None:
        return None
    return {word: dict(counts) for word, counts in effect.changes.items()} | (
        {"failed": effect.failed} if effect.failed else {}
    )
