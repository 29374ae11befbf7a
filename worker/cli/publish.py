"""How does a file of events become ours?"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from enum import StrEnum
from typing import Annotated, Any

import httpx
import typer

from triggers.refusals import Problem
from worker.cli.door import Door, open_door
from worker.cli.lines import Line, advance, bar, opened, portions
from worker.cli.sending import Sender
from worker.settings import read_settings
from worker.steps.accepting import Summary
from worker.told import Told

app = typer.Typer(add_completion=False)

Take = Callable[[list[Line]], Summary]


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"


class Contradiction(Told):
    """Two options that cannot both be meant."""


File = Annotated[
    str, typer.Argument(help="JSON lines, one CloudEvent each; - reads what comes in.")
]
Told_ = Annotated[Format, typer.Option("--format", help="How it is told.")]


@app.command()
def publish(
    file: File,
    url: Annotated[
        str | None, typer.Option(help="Send to this HTTP door, not into the database.")
    ] = None,
    key: Annotated[
        str, typer.Option(envvar="OUTREACH_KEY", help="The key for the HTTP door.")
    ] = "",
    history: Annotated[
        bool, typer.Option("--history", help="Store as facts that start nothing.")
    ] = False,
    format_: Told_ = Format.TEXT,
) -> None:
    """Publish a file of events. Ends with 0 when none was refused."""
    if url is not None and history:
        raise Contradiction("--history goes into the database; leave --url out")
    with ExitStack() as stack:
        if url is None:
            door = stack.enter_context(open_door(read_settings(), "file", history=history))
            summary = take_all(
                file, lambda lines: take_lines(door, lines, [text for _, text in lines])
            )
        else:
            headers = {"Authorization": f"Bearer {key}"} if key else {}
            client = httpx.Client(base_url=url, headers=headers, timeout=60)
            sender = Sender(stack.enter_context(client), say=say)
            summary = take_all(file, sender.send)
    tell(summary, format_, kept=url is None)


def take_lines(
    door: Door,
    lines: list[Line],
    raw: Sequence[Any],
    of_line: Callable[[Problem], Problem] = lambda problem: problem,
) -> Summary:
    """What became of the lines, which say `raw`; each refused one is told with its reasons.

    `of_line`: the same of the line, where that is not the event itself.
    """
    summary = door.take(raw)
    if summary.refused:
        for index, problems in sorted(door.reasons(raw, summary.refused).items()):
            number, text = lines[index]
            told = [f"{one.pointer or 'it'} {one.detail}" for one in map(of_line, problems)]
            if b"{{" in text:
                told.append("it holds {{…}}: a sample, which only `outreach run --demo` fills in")
            say(f"line {number}: {'; '.join(told)}")
    return summary


def take_all(file: str, take: Take) -> Summary:
    """Portion by portion, with a bar; what is done stays done whatever follows."""
    total = Summary(0, 0, 0)
    with opened(file) as (stream, size), bar("publishing", size) as progress:
        for portion in portions(stream):
            found = take(portion)
            total = Summary(
                total.accepted + found.accepted,
                total.duplicates + found.duplicates,
                total.refused + found.refused,
            )
            advance(progress, portion, told(total))
    return total


def told(summary: Summary) -> str:
    return (
        f"accepted {summary.accepted}, duplicates {summary.duplicates}, refused {summary.refused}"
    )


def tell(summary: Summary, format_: Format, *, kept: bool) -> None:
    """Print what became of the file; the exit status says whether anything was refused."""
    fields = {
        "accepted": summary.accepted,
        "duplicates": summary.duplicates,
        "refused": summary.refused,
    }
    typer.echo(json.dumps(fields) if format_ is Format.JSON else told(summary))
    if summary.refused and kept:
        say("what was refused is kept: `outreach replay refused` shows it and tries it again")
    if summary.refused:
        raise typer.Exit(1)


def say(text: str) -> None:
    typer.echo(text, err=True)
