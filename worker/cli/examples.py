"""Do the triggers do what their own examples say? `outreach test`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from triggers.configuration import Configuration
from triggers.examples import Played, play_examples
from triggers.expecting import Difference, whole_text
from triggers.lines import Line
from triggers.mistakes import Mistake, meant, quoted
from worker.cli.check import Format, checked, printed
from worker.cli.junit import Case, write_junit
from worker.cli.whereabouts import ConfigFolder, Folders, TemplatesFolder
from worker.told import Told

app = typer.Typer(add_completion=False)


class NoSuchTrigger(Told):
    """A trigger was named that the configuration does not have."""


@app.command()
def examples(
    triggers: Annotated[
        list[str] | None, typer.Argument(help="Only these triggers, by name.")
    ] = None,
    config: ConfigFolder = Path("config"),
    templates: TemplatesFolder = Path("templates"),
    junit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a report that CI systems show.")
    ] = None,
    format_: Annotated[Format, typer.Option("--format")] = Format.TEXT,
) -> None:
    """Run the examples inside the triggers with a virtual clock."""
    configuration, mistakes = checked(config, templates)
    if configuration is None:
        for mistake in mistakes:
            typer.echo(printed(mistake, format_), err=True)
        raise typer.Exit(1)
    names = triggers or []
    _check_names(names, configuration)
    cases = list(_timed(configuration, names, Folders(config, templates)))
    for text in filter(None, (_printed(one.played, format_) for one in cases)):
        typer.echo(text)
    failed = sum(not one.played.holds for one in cases)
    if junit is not None:
        write_junit(junit, cases, _text)
    if format_ is Format.TEXT:
        typer.echo(_added_up(len(cases) - failed, failed))
    raise typer.Exit(1 if failed else 0)


def _added_up(held: int, failed: int) -> str:
    hold = "example holds" if held == 1 else "examples hold"
    return f"{held} {hold}, {failed} {'does' if failed == 1 else 'do'} not"


def _check_names(names: list[str], configuration: Configuration) -> None:
    known = configuration.triggers
    wrong = [
        f"there is no trigger {quoted(one)}{meant(one, known)}" for one in names if one not in known
    ]
    if wrong:
        raise NoSuchTrigger("\n".join(wrong))


def _timed(configuration: Configuration, names: list[str], folders: Folders) -> Iterator[Case]:
    before = perf_counter()
    for played in play_examples(configuration, names):
        now = perf_counter()
        yield Case(replace(played, place=folders.place(played.place)), now - before)
        before = now


def _printed(played: Played, format_: Format) -> str:
    match format_:
        case Format.JSON:
            return _json(played)
        case Format.TEXT:
            return _text(played)
        case Format.ANNOTATIONS:
            return _annotation(played)


def _annotation(played: Played) -> str:
    """Beside the example's first line, whole: a code host shows nothing else of what came."""
    if played.holds:
        return ""
    told = _text(played).removeprefix(f"{played.place}: ")
    return printed(Mistake(played.place.file, played.place.line, 1, told), Format.ANNOTATIONS)


def _text(played: Played) -> str:
    """What was expected over what came, and the decisions behind it; nothing where it holds."""
    if played.holds:
        return ""
    lines = [f"{played.place}: {played.trigger}: {played.example}"]
    for one in played.differences:
        lines += _difference(one, played.zone)
    told = [one.came for one in played.differences]
    lines += [f"  also     {_came(one, played.zone)}" for one in played.came if one not in told]
    lines += [f"  because  {one}" for one in played.why]
    return "\n".join(lines)


def _difference(one: Difference, zone: ZoneInfo) -> Iterator[str]:
    if one.expected is not None:
        yield f"  - expected {json.dumps(dict(one.expected), ensure_ascii=False)}"
    if one.came is not None:
        yield f"  + came     {_came(one.came, zone)}"
        yield from (f"             {line}" for line in whole_text(one.came).splitlines())
    yield from (f"      {words}" for words in one.words)


def _came(line: Line, zone: ZoneInfo) -> str:
    at = line.at.astimezone(zone).isoformat(timespec="minutes")
    parts = (at, line.outcome.value, line.reason, line.channel, line.to)
    return " ".join(part for part in parts if part)


def _json(played: Played) -> str:
    told = {
        "place": str(played.place),
        "trigger": played.trigger,
        "example": played.example,
        "holds": played.holds,
        "differences": [
            {
                "expected": one.expected,
                "came": one.came.as_mapping() if one.came else None,
                "words": one.words,
            }
            for one in played.differences
        ],
        "came": [line.as_mapping() for line in played.came],
        "why": played.why,
    }
    return json.dumps(told, ensure_ascii=False)
