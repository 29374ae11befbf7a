"""Do the triggers do what their own examples say? `outreach test`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from triggers.examples import Failure, describe, run_examples
from worker.cli.check import checked
from worker.cli.simulate import Format

app = typer.Typer(add_completion=False)


@app.command()
def examples(
    config: Annotated[Path, typer.Option(envvar="OUTREACH_CONFIG_DIR")] = Path("config"),
    templates: Annotated[Path, typer.Option(envvar="OUTREACH_TEMPLATES_DIR")] = Path("templates"),
    format_: Annotated[Format, typer.Option("--format")] = Format.TEXT,
) -> None:
    """Run the examples inside the triggers with a virtual clock."""
    configuration, mistakes = checked(config, templates)
    if configuration is None:
        typer.echo("\n".join(map(str, mistakes)), err=True)
        raise typer.Exit(1)
    answers = list(run_examples(configuration))
    failures = [one for one in answers if one is not None]
    for failure in failures:
        typer.echo(_as_json(failure) if format_ is Format.JSON else _as_text(failure))
    if format_ is Format.TEXT:
        typer.echo(f"{len(answers) - len(failures)} examples hold, {len(failures)} do not")
    raise typer.Exit(1 if failures else 0)


def _as_text(failure: Failure) -> str:
    came = [f"    {describe(line)}" for line in failure.came] or ["    nothing"]
    complaints = [f"  {one}" for one in failure.complaints]
    head = f"{failure.place}: {failure.trigger}: {failure.example}"
    return "\n".join([head, *complaints, "  what came:", *came])


def _as_json(failure: Failure) -> str:
    told = {
        "place": failure.place,
        "trigger": failure.trigger,
        "example": failure.example,
        "complaints": failure.complaints,
        "came": [line.as_mapping() for line in failure.came],
    }
    return json.dumps(told, ensure_ascii=False)
