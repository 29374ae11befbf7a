"""How many calls did the triggers prevent, as far as that can be known?"""

from __future__ import annotations

import json
from typing import Annotated

import typer

from triggers.effect import Aim
from triggers.mistakes import meant
from triggers.reading.quantities import parse_share
from triggers.report import Bucket, Question, Report
from worker.cli.operating import House, opened
from worker.cli.publish import Format, Told_
from worker.cli.report_words import as_mapping, lines_of
from worker.cli.terminal import tell
from worker.steps.report import report as read_report
from worker.store.clock import read_now
from worker.store.engine import reading, snapshot
from worker.told import Told

app = typer.Typer(add_completion=False)


class NotAsked(Told):
    """A question that cannot be meant."""


@app.command()
def report(
    trigger: Annotated[str | None, typer.Option(help="Only of this trigger.")] = None,
    since: Annotated[str, typer.Option(help="A time, or so long ago, such as 90d.")] = "90d",
    until: Annotated[str | None, typer.Option(help="Likewise; until now by default.")] = None,
    by: Annotated[Bucket, typer.Option(help="How time is divided.")] = Bucket.WEEK,
    smallest: Annotated[
        str, typer.Option(help="The smallest share of the calls whose saving is to be seen.")
    ] = "20%",
    format_: Told_ = Format.TEXT,
) -> None:
    """Contacts among customers written to and held out, the difference, and what it is worth."""
    with opened() as house:
        asked = _question(house, (since, until), trigger, by, smallest)
        with snapshot(house.engine) as connection:
            found = read_report(connection, house.configuration, asked)
        _known(trigger, found, house)
    if format_ is Format.JSON:
        for one in found.triggers:
            typer.echo(json.dumps(as_mapping(found, one), ensure_ascii=False))
    else:
        tell("\n".join(lines_of(found)))


def _question(
    house: House, span: tuple[str, str | None], trigger: str | None, by: Bucket, smallest: str
) -> Question:
    now = reading(house.engine, read_now)
    since, until = house.moment(span[0]) or now, house.moment(span[1]) or now
    if since >= until:
        raise NotAsked(f"--since {span[0]} is not before --until {span[1] or 'now'}")
    return Question(since, until, now, trigger, by, Aim(smallest=_share(smallest)))


def _share(text: str) -> float:
    try:
        share = parse_share(text)
    except ValueError as error:
        raise NotAsked(f"--smallest: {error}") from error
    if not 0 < share < 1:
        raise NotAsked("--smallest: between 0% and 100%, and neither of them")
    return share


def _known(trigger: str | None, found: Report, house: House) -> None:
    """A name that was never a trigger's is a slip of the pen; one that is gone has its numbers."""
    if trigger is None or trigger in house.configuration.triggers:
        return
    drawn = found.triggers[0].drawn
    if not drawn.messaged and not drawn.held_out:
        hint = meant(trigger, house.configuration.triggers)
        raise NotAsked(f"there is no trigger {trigger!r}{hint}")
